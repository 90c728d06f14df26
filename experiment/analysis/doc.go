// Package analysis turns what a store holds of an experiment into a verdict.
//
//	result, err := analysis.Run(ctx, store, catalog, "checkout-reassurance", analysis.Options{})
//	fmt.Println(report.Text(result))
//
// # Order of reading
//
// A [Result] is read from the top: the [Verdict], a sentence with its reason
// and the next step; the health of the data, one [Check] a line; the scorecard,
// one [Row] per metric and treatment. Package report renders it.
//
// # One evaluation
//
// A fixed plan is evaluated once, at a moment that the plan names and the
// outcomes cannot move:
//
//   - With a planned sample it is the first moment at which every arm that
//     carries weight has that many matured units. A unit is mature when the
//     delay and the window of the primary metric have passed since its first
//     exposure. With phases it is asked of the arms that the phase in force
//     compares with control, and of control, in the phases that both share: an
//     arm that was given up is not waited for.
//   - Without one it is the moment at which the units exposed before the
//     experiment's end, or its conclusion where that is earlier, have matured.
//
// Before it the verdict is "keep running", and no outcome is even asked for:
// somebody who looks every day at a test that was made for one look finds an
// effect too often. After it the result is frozen: the data are read as of that
// moment, whenever Run is called. Nothing needs to be kept for that. What can
// still change a frozen result are events from before its moment: those that
// arrive late, and those that a store forgets. With a planned sample, to erase
// an exposed unit can also move the moment itself, to that of a later unit that
// takes its place. If the
// experiment ends without the planned sample, the verdict is "review", with the
// scorecard as of the deadline.
//
// # Who counts
//
// The population is the units that were exposed, each in the arm of its first
// exposure. Units that met two variants within a phase are contaminated and left
// out; Run counts them, checks them, and tells where leaving them out decides
// the result. A metric with a window counts the units whose window has closed,
// a metric without one counts all; [Observed] names the denominator of each.
//
// # Phases
//
// A unit belongs to the phase of its first exposure. Where an experiment has
// several, each is a stratum: arms are compared within the phase, never across,
// because what differs between phases may be the time. Sizes are compared with
// the weights of each phase, and chi-squares and degrees of freedom are summed.
// A row takes the phases in which both its arms have units that count, so that
// an arm that came later or was given up is compared where it ran. Of several
// phases it estimates the mean effect over the units that it compares. With
// n_s units of both arms in phase s and w_s = n_s / n:
//
//	mean of an arm     m = sum w_s m_s        variance  v = sum w_s^2 v_s
//	difference         m_treatment - m_control
//	test of rates      z, with p_s (1-p_s) (1/n_control,s + 1/n_treatment,s) for
//	                   the variances of a phase, p_s the rate of both arms there
//	interval of rates  from the Wilson interval of each rate: Newcombe's method
//	                   for a sum (Zou, Huang and Zhang 2009)
//	test of means      t, with the degrees of freedom of Welch and Satterthwaite
//	                   over all arms and phases
//	lift               difference / |m_control|, by delta or Fieller, from v
//
// With one phase these are the pooled z, Newcombe's interval, Welch's test and
// the lift of package stats, digit for digit, and only those are computed. The
// weights follow the units and not the precision: a phase at 99 to 1 counts by
// all its units, and makes the result as uncertain as its small arm is.
//
// A unit that a new phase moved to another arm is counted as moved and stays
// where it was first exposed. A unit that keeps its variant (sticky) stays in
// the phase from which it keeps it. Steps of the traffic change no weights, and
// make no phase.
//
// # Holdouts
//
// Units of a holdout are a group of their own, with their values, and are
// compared with nothing. Their share of all units is tested against the one that
// the holdouts of the experiment keep out: 1 - (1-h_1)(1-h_2)... over their
// salts, of one salt the largest share. It is not judged where the experiment
// requires another one under the same holdout, whose units never get here. The
// check warns and never fails.
//
// # Families
//
// The primary metric over all arms is one family with Holm's correction at the
// full alpha of the plan, and decides. The secondary metrics over all arms are
// a second family, corrected by Benjamini and Hochberg unless the plan says
// Holm, and describe. P values stand beside adjusted ones. Intervals are
// marginal: each has confidence 1 - alpha by itself. It may exclude 0 where the
// adjusted p does not reach alpha, and near alpha, as it is computed in another
// way than p, also include 0 where p does. The test decides, and a [Warning] of
// the row says so.
//
// # Verdicts
//
// The first rule that matches speaks:
//
//	no data       nobody was exposed
//	unhealthy     a health check failed
//	review        no primary metric; or control and another arm carry weight in
//	              no phase together; or the deadline passed without the planned sample; or
//	              contaminated units may decide, as the primary metric says
//	              something else with them, or as many of them differ by arm;
//	              or an arm cannot be tested, where no other arm wins or loses
//	keep running  the moment of the evaluation is still to come
//	ship X        the primary metric is better with X; of several winners the
//	              best, or either where they cannot be told apart side by side
//	rollback X    the primary metric is worse with X, and better with no arm
//	stop          no effect was found; the reason says which gains the
//	              intervals rule out, where they do: with several arms, those
//	              at alpha divided by their number
//
// A paused or concluded experiment is analysed like any other.
package analysis
