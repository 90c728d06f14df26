package audience

import "cmp"

// instant is a point in time: seconds since 1970 in UTC without leap seconds,
// and nanoseconds.
type instant struct {
	seconds int64
	nanos   int64
}

func (i instant) compare(other instant) int {
	if order := cmp.Compare(i.seconds, other.seconds); order != 0 {
		return order
	}
	return cmp.Compare(i.nanos, other.nanos)
}

// parseInstant reads 2026-01-05, the midnight in UTC that starts the day, or a
// time of RFC 3339 with its zone, 2026-01-05T08:00:00+01:00. Letters are
// capitals; a fraction has up to nine digits; there are no leap seconds.
func parseInstant(text string) (instant, bool) {
	if len(text) < len("2026-01-05") || text[4] != '-' || text[7] != '-' {
		return instant{}, false
	}
	year, month, day := digits(text[0:4]), digits(text[5:7]), digits(text[8:10])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) {
		return instant{}, false
	}
	seconds := daysSince1970(year, month, day) * 86400
	if len(text) == len("2026-01-05") {
		return instant{seconds: seconds}, true
	}
	if len(text) < len("2026-01-05T08:00:00Z") || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return instant{}, false
	}
	hour, minute, second := digits(text[11:13]), digits(text[14:16]), digits(text[17:19])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return instant{}, false
	}
	nanos, zone, ok := fraction(text[19:])
	if !ok {
		return instant{}, false
	}
	offset, ok := zoneOffset(zone)
	return instant{seconds + hour*3600 + minute*60 + second - offset, nanos}, ok
}

// digits reads a number of digits only, and returns -1 for anything else.
func digits(text string) int64 {
	n := int64(0)
	for i := range len(text) {
		if !isDigit(text[i]) {
			return -1
		}
		n = n*10 + int64(text[i]-'0')
	}
	return n
}

// fraction reads the fraction of a second, if there is one, and returns the rest.
func fraction(text string) (nanos int64, rest string, ok bool) {
	if text == "" || text[0] != '.' {
		return 0, text, true
	}
	end, unit := 1, int64(1e9)
	for ; end < len(text) && isDigit(text[end]); end++ {
		unit /= 10
		nanos += unit * int64(text[end]-'0')
	}
	return nanos, text[end:], 2 <= end && end <= 10
}

// zoneOffset reads Z or +01:00 and returns seconds east of Greenwich.
func zoneOffset(text string) (int64, bool) {
	if text == "Z" {
		return 0, true
	}
	if len(text) != len("+01:00") || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return 0, false
	}
	hour, minute := digits(text[1:3]), digits(text[4:6])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, false
	}
	offset := hour*3600 + minute*60
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func daysOf(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar, for years from 0. Years
// start in March here, so that the leap day is the last.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	year += 400 // keeps the divisions below away from negative years
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1
	return days - 719468 - 146097
}
