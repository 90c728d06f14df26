package audience

// What a rule may cost at most. Compile refuses what is above.
const (
	// MaxSource is the length of a rule, and of each segment, in bytes.
	MaxSource = 64 << 10
	// MaxDepth is how deep parentheses and ! may nest in one source, and how many
	// segments may stand inside each other.
	MaxDepth = 64
	// MaxList is the number of constants in one list.
	MaxList = 1000
	// MaxComparisons is the number of comparisons of a rule, with those of its
	// segments counted at every place where they are used.
	MaxComparisons = 2000
	// MaxPattern is the length of a regular expression in bytes.
	MaxPattern = 1000
	// MaxPatternSteps is the size of a regular expression with its repetitions
	// written out: (ab){100} has 200 steps.
	MaxPatternSteps = 5000
	// MaxErrors is the number of mistakes that are listed of one source.
	MaxErrors = 100
)
