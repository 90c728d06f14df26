package record

import "github.com/touchlift/touchlift/experiment"

// Sizes of the fixed parts of an event on a 64-bit machine, in bytes.
const (
	exposureBytes   = 192
	conversionBytes = 128
	idBytes         = 32
	attributeBytes  = 48
)

// exposureSize estimates the memory of an exposure: its struct, its slices and
// its text, as if no text were shared.
func exposureSize(e *experiment.Exposure) int64 {
	n := exposureBytes + len(e.Experiment) + len(e.Run) + len(e.Kind) + len(e.Unit) +
		len(e.Variant) + len(e.Touchpoint) + len(e.Class)
	return int64(n + idsSize(e.IDs) + attributesSize(e.Attributes))
}

// conversionSize estimates the memory of a conversion in the same way.
func conversionSize(v *experiment.Conversion) int64 {
	n := conversionBytes + len(v.Event) + len(v.Touchpoint)
	return int64(n + idsSize(v.IDs) + attributesSize(v.Attributes))
}

func idsSize(ids []experiment.ID) int {
	n := idBytes * len(ids)
	for i := range ids {
		n += len(ids[i].Kind) + len(ids[i].Value)
	}
	return n
}

func attributesSize(attributes []experiment.Attribute) int {
	n := attributeBytes * len(attributes)
	for i := range attributes {
		text, _ := attributes[i].Value.Text()
		n += len(attributes[i].Name) + len(text)
	}
	return n
}
