package analysis

import (
	"github.com/touchlift/touchlift/experiment"
	"github.com/touchlift/touchlift/stats"
)

// mark gives a row its finding, by the adjusted p, and notes where an interval
// says something else.
func (r *run) mark(row *Row) {
	found := row.Test.AdjustedP < r.plan.Alpha
	switch {
	case !found:
		row.Mark = NotFound
	case (row.Difference.Value > 0) == (row.Better == experiment.Increase):
		row.Mark = Better
	default:
		row.Mark = Worse
	}
	difference, lift := disagrees(row.Difference.Interval, found), disagrees(row.Lift.Interval, found)
	switch {
	case !difference && !lift:
	case !found && row.Test.P < r.plan.Alpha:
		row.Warnings = append(row.Warnings, IntervalsUnadjusted)
	default:
		if difference {
			row.Warnings = append(row.Warnings, DifferenceDisagrees)
		}
		if lift {
			row.Warnings = append(row.Warnings, LiftDisagrees)
		}
	}
}

// disagrees reports whether an interval excludes 0 where no effect was found,
// or includes it where one was.
func disagrees(i stats.Interval, found bool) bool {
	return i.Kind != stats.NoInterval && i.Contains(0) == found
}
