package audience

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner cuts a source into tokens. It complains of what is no part of the
// language and goes on with what was probably meant.
type scanner struct {
	*complaints
	at     int
	tokens []token
}

// scan returns the tokens of the source; the last one is tokenEnd.
func scan(c *complaints) []token {
	s := scanner{complaints: c}
	for s.at < len(s.source) {
		s.next()
	}
	return append(s.tokens, token{kind: tokenEnd, span: span{s.at, s.at}})
}

func (s *scanner) emit(kind tokenKind, text string, length int) {
	s.tokens = append(s.tokens, token{kind: kind, text: text, span: span{s.at, s.at + length}})
	s.at += length
}

func (s *scanner) next() {
	switch c := s.source[s.at]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		s.at++
	case isLetter(c):
		s.word()
	case isDigit(c) || c == '.' && s.at+1 < len(s.source) && isDigit(s.source[s.at+1]) && !s.afterName():
		s.number()
	case c == '"':
		s.quoted()
	case strings.IndexByte("()[],.", c) >= 0:
		s.emit(tokenMark, s.source[s.at:s.at+1], 1)
	default:
		s.operator()
	}
}

// afterName reports whether the last token is a name that ends right here.
func (s *scanner) afterName() bool {
	if len(s.tokens) == 0 {
		return false
	}
	last := s.tokens[len(s.tokens)-1]
	return last.kind == tokenName && last.end == s.at
}

// word reads a name, or an operator that is a word.
func (s *scanner) word() {
	end := s.at + 1
	for end < len(s.source) && (isLetter(s.source[end]) || isDigit(s.source[end])) {
		end++
	}
	if r, _ := utf8.DecodeRuneInString(s.source[end:]); r != utf8.RuneError && unicode.IsLetter(r) {
		s.foreignName()
		return
	}
	word, at := s.source[s.at:end], span{s.at, end}
	operator, instead := reserved(word)
	switch {
	case operator == "":
		s.emit(tokenName, word, end-s.at)
		return
	case instead == "!":
		s.add(at, `write !(...), as in !(country in ["NO"])`, "%q is no operator here, want !", word)
	case instead != "":
		s.add(at, "write "+instead, "%q is no operator here, want %s", word, instead)
	}
	s.emit(tokenOperator, operator, end-s.at)
}

// operatorSpelling is an operator as it may stand in a source, with what it
// means and, where it belongs to another language, what to write instead.
type operatorSpelling struct{ written, means, hint string }

// operatorSpellings returns all of them, the longer before its beginnings.
func operatorSpellings() []operatorSpelling {
	return []operatorSpelling{
		{"===", "==", "write =="}, {"!==", "!=", "write !="},
		{"&&", "&&", ""}, {"||", "||", ""}, {"==", "==", ""}, {"!=", "!=", ""}, {"<=", "<=", ""}, {">=", ">=", ""},
		{"=~", "matches", `write matches, as in email matches "@example[.]com$"`}, {"=<", "<=", "write <="}, {"=>", ">=", "write >="},
		{"<>", "!=", "write !="}, {"<", "<", ""}, {">", ">", ""}, {"!", "!", ""},
		{"=", "==", "write =="}, {"&", "&&", "write &&"}, {"|", "||", "write ||"},
		{"≤", "<=", "write <="}, {"≥", ">=", "write >="}, {"≠", "!=", "write !="},
		{"∧", "&&", "write &&"}, {"∨", "||", "write ||"}, {"¬", "!", "write !"}, {"∈", "in", "write in"},
	}
}

func (s *scanner) operator() {
	rest := s.source[s.at:]
	if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") {
		s.comment()
		return
	}
	for _, known := range operatorSpellings() {
		if !strings.HasPrefix(rest, known.written) {
			continue
		}
		if known.hint != "" {
			s.add(span{s.at, s.at + len(known.written)}, known.hint, "%q is no operator, want %s", known.written, known.means)
		}
		s.emit(tokenOperator, known.means, len(known.written))
		return
	}
	if strings.IndexByte("+-*/%^", rest[0]) >= 0 {
		s.emit(tokenMark, rest[:1], 1) // the parser knows whether it is a sign
		return
	}
	s.foreign(rest)
}

// foreign complains of what is no part of the language.
func (s *scanner) foreign(rest string) {
	r, size := utf8.DecodeRuneInString(rest)
	at := span{s.at, s.at + size}
	switch {
	case r == utf8.RuneError && size == 1:
		s.add(at, "save the file as UTF-8", "byte %#x is not UTF-8", rest[0])
		s.emit(tokenBroken, "", size)
		return
	case strings.ContainsRune("'`‘’“”„«»", r):
		s.wrongQuotes(r, size)
		return
	case unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b':
		s.add(at, "write an ordinary space", "%U is an unusual space", r)
	case r == '#':
		s.comment()
		return
	case unicode.IsLetter(r):
		s.foreignName()
		return
	default:
		s.add(at, foreignHint(r), "%q is no part of a rule", r)
		if kind, text := meant(r); kind != tokenEnd && (r == '}' || strings.TrimSpace(rest[size:]) != "") {
			s.emit(kind, text, size)
			return
		}
	}
	s.at += size
}

// meant returns what a foreign sign probably stands for, so that what follows is
// read as it was meant; tokenEnd for nothing.
func meant(r rune) (kind tokenKind, text string) {
	switch r {
	case '?', ';':
		return tokenOperator, "&&"
	case ':':
		return tokenOperator, "||"
	case '{':
		return tokenMark, "["
	case '}':
		return tokenMark, "]"
	}
	return tokenEnd, ""
}

func foreignHint(r rune) string {
	switch r {
	case '?', ':':
		return "there is no choice with ?:, use && and ||"
	case ';':
		return "a rule is one condition, join conditions with &&"
	case '{', '}':
		return "lists stand in [ ]"
	case '$', '@':
		return "names of attributes stand without a sign"
	case '~':
		return `write matches, as in email matches "@example[.]com$"`
	}
	return ""
}

// comment complains of a comment and skips it. A comment inside a rule would
// swallow the rest of a folded YAML string, so there are none.
func (s *scanner) comment() {
	end := len(s.source)
	if i := strings.IndexByte(s.source[s.at:], '\n'); i >= 0 {
		end = s.at + i
	}
	if strings.HasPrefix(s.source[s.at:], "/*") {
		end = len(s.source)
		if i := strings.Index(s.source[s.at:], "*/"); i >= 0 {
			end = s.at + i + len("*/")
		}
	}
	s.add(span{s.at, end}, "write it beside the rule, in the file that holds it", "a rule has no comments")
	s.at = end
}

// foreignName complains of a name with letters beyond a to z.
func (s *scanner) foreignName() {
	end := s.at
	for end < len(s.source) {
		r, size := utf8.DecodeRuneInString(s.source[end:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		end += size
	}
	s.add(span{s.at, end}, "a string stands in double quotes", "%q is no name: names are letters a to z, digits and _", s.source[s.at:end])
	s.emit(tokenBroken, "", end-s.at)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
