package audience

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number reads a number: 18, 1.5, .5, 2e-3.
func (s *scanner) number() {
	end := s.at
	for end < len(s.source) {
		c := s.source[end]
		sign := (c == '-' || c == '+') && end > s.at && s.source[end-1]|0x20 == 'e' && !isHex(s.source[s.at:end])
		if !isDigit(c) && !isLetter(c) && c != '.' && !sign {
			break
		}
		end++
	}
	text, at := s.source[s.at:end], span{s.at, end}
	number, problem, hint := readNumber(text)
	if problem != "" {
		s.add(at, hint, "%s %s", shorten(text), problem)
		s.emit(tokenBroken, "", end-s.at)
		return
	}
	s.tokens = append(s.tokens, token{kind: tokenNumber, span: at, number: number})
	s.at = end
}

func isHex(text string) bool { return strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") }

// readNumber reads a number, or says what is wrong with it.
func readNumber(text string) (number float64, problem, hint string) {
	whole := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
	switch {
	case isHex(text) || strings.HasPrefix(text, "0b") || strings.HasPrefix(text, "0o"):
		return 0, "is no decimal number", "write it with the digits 0 to 9"
	case strings.Contains(text, "_"):
		return 0, "has a _ between its digits", "write " + strings.ReplaceAll(text, "_", "")
	case whole && len(text) > 1 && text[0] == '0':
		return 0, "starts with 0", "write it without, or in double quotes if it is a string such as a postal code"
	case strings.HasSuffix(text, "."):
		return 0, "ends in a point", "write a digit after the point, or leave the point out"
	case strings.Count(text, ".") > 1:
		return 0, "has two points", `compare versions with semver("1.2.3"), dates with date("2026-01-05")`
	}
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, "is too large", "the largest number is about 1.8e308"
	case err != nil || math.IsInf(number, 0) || math.IsNaN(number):
		return 0, "is no number", "a string stands in double quotes, a name does not start with a digit"
	case number == 0 && strings.ContainsAny(mantissa(text), "123456789"):
		return 0, "is too small to differ from 0", "write 0"
	case whole && strconv.FormatFloat(number, 'f', -1, 64) != text:
		return 0, "has more digits than a number holds exactly", "use a string attribute for ids, and double quotes here"
	}
	return number, "", ""
}

func mantissa(number string) string {
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		return number[:i]
	}
	return number
}

// quoted reads a string in double quotes.
func (s *scanner) quoted() {
	var text strings.Builder
	broken := false
	end := s.at + 1
	for {
		if end >= len(s.source) || s.source[end] == '\n' {
			s.add(span{s.at, end}, `write " at its end; a line break inside is \n`, "the string does not end")
			s.emit(tokenBroken, "", end-s.at)
			return
		}
		c := s.source[end]
		if c == '"' {
			break
		}
		if c == '\\' {
			r, size, ok := s.escape(end)
			text.WriteRune(r)
			broken = broken || !ok
			end += size
			continue
		}
		r, size := utf8.DecodeRuneInString(s.source[end:])
		if r == utf8.RuneError && size == 1 || r == 0 {
			s.add(span{end, end + size}, "an attribute is UTF-8 without NUL", "byte %#x in a string", c)
			broken = true
		}
		text.WriteRune(r)
		end += size
	}
	kind := tokenText
	if broken {
		kind = tokenBroken
	}
	s.emit(kind, text.String(), end+1-s.at)
}

// escape reads an escape sequence: those that Go, CEL and expr read alike.
func (s *scanner) escape(at int) (r rune, size int, ok bool) {
	rest := s.source[at:]
	if len(rest) < 2 || rest[1] == '\n' {
		return 0, 1, false // the string does not end, which is complained of
	}
	if i := strings.IndexByte(`abfnrtv\"`, rest[1]); i >= 0 {
		return rune("\a\b\f\n\r\t\v\\\""[i]), 2, true
	}
	digits := 0
	switch rest[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		_, width := utf8.DecodeRuneInString(rest[1:])
		s.add(span{at, at + 1 + width}, `write \\ for a backslash; known are \a \b \f \n \r \t \v \\ \" \x41 \u0041 \U00000041`,
			"unknown escape %s in a string", rest[:1+width])
		return 0, 1 + width, false
	}
	size = 2
	for size < len(rest) && size < 2+digits && isHexDigit(rest[size]) {
		size++
	}
	code, err := strconv.ParseUint(rest[2:size], 16, 32)
	switch {
	case err != nil || size < 2+digits:
		s.add(span{at, at + size}, "", "%s needs %d hexadecimal digits", rest[:2], digits)
	case code == 0:
		s.add(span{at, at + size}, "an attribute is UTF-8 without NUL", "NUL in a string")
	case digits == 2 && code > 0x7f:
		s.add(span{at, at + size}, `write \u00`+rest[2:size], `%s is a byte in some languages and a character in others`, rest[:size])
	case !utf8.ValidRune(rune(code)):
		s.add(span{at, at + size}, `write the character itself`, "%s is no character", rest[:size])
	default:
		return rune(code), size, true
	}
	return 0, size, false
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// wrongQuotes reads a string in quotes other than ", and complains.
func (s *scanner) wrongQuotes(open rune, size int) {
	name := "typographic quotes"
	closing := "”“»«\""
	switch open {
	case '‘', '’':
		closing = "‘’"
	case '\'':
		name, closing = "single quotes", "'"
	case '`':
		name, closing = "backquotes", "`"
	}
	end := strings.IndexAny(s.source[s.at+size:], closing+"\n")
	if end < 0 || s.source[s.at+size+end] == '\n' {
		rest, _, _ := strings.Cut(s.source[s.at:], "\n")
		s.add(span{s.at, s.at + len(rest)}, `write " at both ends`, "the string does not end, and has %s", name)
		s.emit(tokenBroken, "", len(rest))
		return
	}
	text := s.source[s.at+size : s.at+size+end]
	_, last := utf8.DecodeRuneInString(s.source[s.at+size+end:])
	length := size + end + last
	hint := "write " + shorten(strconv.Quote(text))
	if !utf8.ValidString(text) {
		hint = `write "`
	}
	s.add(span{s.at, s.at + length}, hint, "%s around a string, want double quotes", name)
	s.tokens = append(s.tokens, token{kind: tokenText, text: strings.ToValidUTF8(text, ""), span: span{s.at, s.at + length}})
	s.at += length
}
