package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/touchlift/touchlift/assign"
)

// ownFormula is the name of the formula of package assign.
const ownFormula = "touchlift/1"

// hash is the formula that splits.
func hash() kind[assign.Formula] {
	k := text[string]()
	return kind[assign.Formula]{name: "formula", want: k.want, read: func(d *decoder, n *yaml.Node) assign.Formula {
		if name := k.read(d, n); name != "" && name != ownFormula {
			d.fail(n, CodeUnsupported, "leave it out for "+ownFormula, "%s %q is not supported by this version", d.subject(), name)
		}
		return nil
	}}
}
