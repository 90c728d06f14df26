package config

import (
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/experiment"
)

// payload is what an arm gives to the application.
func payload() kind[experiment.Payload] {
	const want = "it is a mapping from a name to a text, a number, true or false, or a list or mapping of these"
	return kind[experiment.Payload]{name: "payload", want: want, read: func(d *decoder, n *yaml.Node) experiment.Payload {
		if follow(n).Kind != yaml.MappingNode {
			d.entries(n, want)
			return nil
		}
		return payloadMapping(d, n)
	}}
}

func payloadMapping(d *decoder, n *yaml.Node) map[string]any {
	return mapping(kind[any]{name: "payload value", read: payloadValue}).read(d, n)
}

// payloadValue reads a value of any kind. Nothing says what is wanted, so that the
// value has to say it: what two readers could take for two things is refused.
func payloadValue(d *decoder, n *yaml.Node) any {
	is := follow(n)
	switch is.Kind {
	case yaml.MappingNode:
		return payloadMapping(d, n)
	case yaml.SequenceNode:
		return list(kind[any]{name: "payload value", read: payloadValue}).read(d, n)
	}
	if _, ok := d.scalar(n, `payload values are texts, numbers, true or false, and "" is an empty text`); !ok {
		return ""
	}
	return payloadScalar(d, n, is)
}

func payloadScalar(d *decoder, n, is *yaml.Node) any {
	if !isPlain(is) {
		return is.Value
	}
	switch is.ShortTag() {
	case "!!bool":
		return is.Value[0] == 't' || is.Value[0] == 'T'
	case "!!int", "!!float":
		return payloadNumber(d, n, is)
	}
	d.plainText(n, is)
	return is.Value
}

// payloadNumber reads a number that is written as a program would write it. Any
// other, such as 1.10, 0123, 1e3 or a number with more digits than a float64 has,
// may be meant as a text.
func payloadNumber(d *decoder, n, is *yaml.Node) any {
	var value float64
	if err := is.Decode(&value); err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		d.fail(n, CodeAmbiguous, "put it in quotes if it is a text: "+strconv.Quote(shorten(is.Value)),
			"%s is %s, which is not a finite number", d.subject(), shorten(is.Value))
		return 0.0
	}
	exact := strconv.FormatFloat(value, 'f', -1, 64)
	switch digits := strings.TrimLeft(is.Value, "+-"); {
	case exact == is.Value:
	case isDigits(digits) && digits[0] == '0':
		d.fail(n, CodeAmbiguous, "leave out the leading zeros if the number is meant, write "+strconv.Quote(shorten(is.Value))+" if the text is",
			"%s is %s, which without quotes is one number in YAML 1.1 and another in YAML 1.2", d.subject(), shorten(is.Value))
	default:
		d.fail(n, CodeAmbiguous, "write "+shorten(exact)+" if the number is meant, "+strconv.Quote(shorten(is.Value))+" if the text is",
			"%s is %s, which without quotes is the number %s", d.subject(), shorten(is.Value), shorten(exact))
	}
	return value
}
