package audience

// tokenKind says what a token is.
type tokenKind uint8

const (
	tokenEnd      tokenKind = iota
	tokenName               // country, has
	tokenText               // "NO"
	tokenNumber             // 18
	tokenOperator           // && || ! == != < <= > >= in startsWith endsWith contains matches
	tokenMark               // ( ) [ ] , . and signs of arithmetic
	tokenBroken             // something that was complained of and stands for an operand
)

// token is a word of the source.
type token struct {
	span
	kind   tokenKind
	text   string  // of names, operators and marks; the unquoted string
	number float64 // of numbers
}

func (t token) is(text string) bool {
	return t.text == text && (t.kind == tokenOperator || t.kind == tokenMark)
}

// isRelation reports whether the operator compares two operands.
func (t token) isRelation() bool {
	return t.kind == tokenOperator && t.text != "&&" && t.text != "||" && t.text != "!"
}

// calculates reports whether the token is an operator of arithmetic.
func (t token) calculates() bool {
	switch t.text {
	case "+", "-", "*", "/", "%", "^":
		return t.kind == tokenMark
	}
	return false
}

// startsOperand reports whether an operand may begin with the token.
func (t token) startsOperand() bool {
	switch t.kind {
	case tokenName, tokenText, tokenNumber, tokenBroken:
		return true
	}
	return t.is("(") || t.is("[") || t.is("!") || t.is("-")
}

// reserved returns what a word stands for that is no name, and a mistaken
// word's right spelling.
func reserved(word string) (operator, instead string) {
	switch word {
	case "in", "startsWith", "endsWith", "contains", "matches":
		return word, ""
	case "and", "AND", "And":
		return "&&", "&&"
	case "or", "OR", "Or":
		return "||", "||"
	case "not", "NOT", "Not":
		return "!", "!"
	case "IN", "In":
		return "in", "in"
	}
	return "", ""
}
