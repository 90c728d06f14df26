package record

import (
	"math/bits"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/touchlift/touchlift/experiment"
)

// The documented sizes are those of the structs on a 64-bit machine; a smaller
// word only makes the estimate generous.
func TestFixedSizes(t *testing.T) {
	rows := []struct {
		name, reason string
		got          uintptr
		want         uintptr
	}{
		{"exposure", "in the queue by value", unsafe.Sizeof(experiment.Exposure{}), exposureBytes},
		{"conversion", "in the queue by value", unsafe.Sizeof(experiment.Conversion{}), conversionBytes},
		{"id", "kept by the event's slice", unsafe.Sizeof(experiment.ID{}), idBytes},
		{"attribute", "kept by the event's slice", unsafe.Sizeof(experiment.Attribute{}), attributeBytes},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if bits.UintSize == 64 {
				assert.Equal(t, row.want, row.got, row.reason)
			} else {
				assert.LessOrEqual(t, row.got, row.want, row.reason)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	ids := []experiment.ID{{Kind: "customer", Value: "42"}}
	attributes := []experiment.Attribute{experiment.String("country", "NO"), experiment.Number("age", 34)}
	exposure := experiment.Exposure{
		Experiment: "1", Run: "22", Kind: "333", Unit: "4444", Variant: "55555", Touchpoint: "666666",
		Class: "arm", Time: time.Unix(0, 0), IDs: ids, Attributes: attributes,
	}
	shared := int64(32 + 8 + 2 + 2*48 + 7 + 2 + 3)
	assert.Equal(t, 192+21+3+shared, exposureSize(&exposure))
	conversion := experiment.Conversion{Event: "purchase", Touchpoint: "page", IDs: ids, Attributes: attributes}
	assert.Equal(t, 128+12+shared, conversionSize(&conversion))
}
