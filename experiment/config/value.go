package config

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// text is a text: with quotes, or without where nobody can take it for something
// else. A text that is refused is kept, so that references to it are not refused as
// well.
func text[T ~string]() kind[T] { return textWanted[T]("it is a text") }

// textWanted is a text of which want says what it holds.
func textWanted[T ~string](want string) kind[T] {
	return kind[T]{name: "text", want: want, read: func(d *decoder, n *yaml.Node) T {
		is, ok := d.scalar(n, want)
		if !ok {
			return ""
		}
		d.plainText(n, is)
		return T(is.Value)
	}}
}

// named is the name of something that may be left out: absent is what that means.
func named(absent string) kind[string] {
	return written(text[string](), experiment.CodeMissing, "leave it out for "+absent)
}

// truth is true or false.
func truth() kind[bool] {
	const want = "it is true or false"
	return kind[bool]{name: "true or false", want: want, read: func(d *decoder, n *yaml.Node) bool {
		is, ok := d.scalar(n, want)
		if ok && !(isPlain(is) && is.ShortTag() == "!!bool") {
			hint := ""
			switch {
			case isOldTruth(is.Value):
				hint = "write true for yes and on, false for no and off"
			case is.Value == "true" || is.Value == "false":
				hint = "remove the quotes"
			}
			d.fail(n, CodeWrongType, hint, "%s is %s; %s", d.subject(), describe(is), want)
		}
		return ok && strings.EqualFold(is.Value, "true")
	}}
}

// number is a finite decimal number, of which the example is one that is allowed.
func number(example string) kind[float64] {
	want := "it is a number such as " + example
	return kind[float64]{name: "number", want: want, read: func(d *decoder, n *yaml.Node) float64 {
		digits, ok := d.digits(n, want)
		if !ok {
			return 0
		}
		value, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			d.fail(n, CodeBadFormat, "", "%s is %s, which is too large", d.subject(), shorten(digits))
			return 0
		}
		return value
	}}
}

// whole is a whole number.
func whole() kind[int64] {
	const want = "it is a whole number such as 20000"
	return kind[int64]{name: "whole number", want: want, read: func(d *decoder, n *yaml.Node) int64 {
		digits, ok := d.digits(n, want)
		if !ok {
			return 0
		}
		value, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			d.fail(n, CodeBadFormat, "", "%s is %s; %s, at most %d", d.subject(), shorten(digits), want, int64(math.MaxInt64))
			return 0
		}
		return value
	}}
}

// weightOfArm is a whole number from 0 up. Any other number has the code that
// package experiment gives to weights.
func weightOfArm() kind[uint64] {
	const want = "weights are whole numbers from 0 up"
	return kind[uint64]{name: "whole number", want: want, read: func(d *decoder, n *yaml.Node) uint64 {
		if is := follow(n); is.Kind == yaml.ScalarNode && strings.HasSuffix(is.Value, "%") {
			d.badWeight(n, is.Value, want)
			return 0
		}
		digits, ok := d.digits(n, want)
		if !ok {
			return 0
		}
		value, err := strconv.ParseUint(digits, 10, 64)
		if err != nil {
			d.badWeight(n, digits, want)
			return 0
		}
		return value
	}}
}

func (d *decoder) badWeight(n *yaml.Node, written, want string) {
	d.fail(n, experiment.CodeInvalidWeight, "weights are relative, 50 and 50 or 1 and 1 mean the same",
		"%s is %s; %s", d.subject(), shorten(written), want)
}

// digits returns the digits of a number without quotes, in the one notation that
// everybody reads alike.
func (d *decoder) digits(n *yaml.Node, want string) (string, bool) {
	is, ok := d.scalar(n, want)
	if !ok {
		return "", false
	}
	switch tag := is.ShortTag(); {
	case isPlain(is) && isDecimal(is.Value):
		return is.Value, true
	case isDecimal(is.Value):
		d.fail(n, CodeWrongType, "remove the quotes", "%s is %s; %s", d.subject(), describe(is), want)
	case strings.HasSuffix(is.Value, "%"):
		d.fail(n, CodeWrongType, "write it without the percent sign: 0.05 for 5%", "%s is %s; %s", d.subject(), describe(is), want)
	case !isPlain(is) || tag != "!!int" && tag != "!!float":
		d.fail(n, CodeWrongType, "", "%s is %s; %s", d.subject(), describe(is), want)
	default:
		d.fail(n, CodeAmbiguous, "write digits alone, without leading zeros", "%s is %s; %s", d.subject(), shorten(is.Value), want)
	}
	return "", false
}

// isDecimal reports a number as JSON writes it: no sign but minus, no leading
// zeros, no digit separators, digits on both sides of the point.
func isDecimal(text string) bool {
	digits, exponent, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(text, "-")), "e")
	whole, fraction, point := strings.Cut(digits, ".")
	exponent = strings.TrimPrefix(strings.TrimPrefix(exponent, "-"), "+")
	return isDigits(whole) && (whole == "0" || whole[0] != '0') && (!point || isDigits(fraction)) &&
		(!strings.ContainsAny(text, "eE") || isDigits(exponent))
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// written refuses the zero value of a kind where leaving the field out means
// something else than the zero that is written.
func written[V comparable](k kind[V], code experiment.Code, hint string) kind[V] {
	read := k.read
	k.read = func(d *decoder, n *yaml.Node) V {
		before := len(d.errors)
		value := read(d, n)
		var zero V
		if value == zero && len(d.errors) == before {
			d.fail(n, code, hint, "%s is %s", d.subject(), describe(follow(n)))
		}
		return value
	}
	return k
}

// choice is one word of several, which package experiment knows. An empty text is
// refused because it would silently mean the usual word. Words of the later format
// are not called wrong.
func choice[T ~string](usual string, later ...T) kind[T] {
	k := written(text[T](), experiment.CodeInvalidChoice, "leave it out for "+usual)
	read := k.read
	k.read = func(d *decoder, n *yaml.Node) T {
		word := read(d, n)
		if slices.Contains(later, word) {
			d.fail(n, CodeUnsupported, "leave it out for "+usual, "%s %q is not supported by this version", d.subject(), string(word))
		}
		return word
	}
	return k
}
