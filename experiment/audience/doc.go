// Package audience holds the typed attributes of a subject, and the language of
// the rules that say for whom an experiment is.
//
//	country in ["NO", "SE"] && age >= 18 && !(email endsWith "@shop.example")
//
// An attribute is a name and a value of one of three types: string, number or
// bool. A rule is compiled once against a [Schema], which declares the types of
// the attributes, and matched for every request:
//
//	rule, err := audience.Compile(source, schema)
//	matched, missing := rule.Match([]audience.Attribute{
//		audience.String("country", "NO"), audience.Number("age", 34)})
//
// There is no coercion: the string "34" and the number 34 are different values,
// and to compare one with the other is an error when the rule is compiled.
//
// # Grammar
//
//	rule       = and { "||" and }
//	and        = comparison { "&&" comparison }
//	comparison = unary [ relation unary ]
//	relation   = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in"
//	           | "startsWith" | "endsWith" | "contains" | "matches"
//	unary      = "!" unary | operand
//	operand    = attribute | constant | list | "(" rule ")"
//	           | "semver" "(" operand ")" | "date" "(" operand ")"
//	           | "has" "(" attribute ")" | "segment" "(" string ")"
//	list       = "[" constant { "," constant } "]"
//	constant   = string | [ "-" ] number | "true" | "false"
//	           | "semver" "(" string ")" | "date" "(" string ")"
//	attribute  = name { "." name }
//	name       = ( letter | "_" ) { letter | digit | "_" }
//
// Letters are a to z and A to Z; capitals count. An attribute with any other name, or
// one of the words true, false, null, nil, in, startsWith, endsWith, contains,
// matches, and, or, not cannot be read by a rule. semver, date, has and segment are
// functions only before a parenthesis, so an attribute may have their names. Space, tab and line breaks may
// stand between words. There are no comments: a rule in a folded YAML string is
// one line, and a comment would swallow the rest of it.
//
// A string stands in double quotes, on one line, with the escapes that Go, CEL and
// expr read alike: \a \b \f \n \r \t \v \\ \" \x41 (below \x80) \u0041 \U00000041. A
// number is decimal, 18, 1.5, .5 or 2e-3, and becomes a float64; a whole number that
// a float64 does not hold exactly is an error, and so is one that is not finite.
//
// # Precedence
//
// From tight to loose: !, the relations, &&, ||. As in CEL and expr, ! takes only
// the operand behind it, so a negated comparison needs parentheses: !(age < 18).
// Relations do not chain: 1 < age && age < 10. What stands beside a relation is an
// attribute, a constant, semver(x) or date(x), never a condition.
//
// # Relations
//
//	==  !=              two strings, numbers, bools, versions or dates
//	<  <=  >  >=        two strings (in byte order), numbers, versions or dates
//	in                  anything that can be equal, and a list of constants of its type
//	startsWith endsWith two strings; byte by byte, so capitals count
//	contains
//	matches             a string and a constant regular expression in the syntax of RE2,
//	                    found anywhere in the string unless ^ and $ tie it down
//
// A bool attribute is a condition by itself: member && !blocked.
//
//   - has(x) is true where the attribute x is there with its declared type. It is
//     never missing.
//   - segment("nordic") is the rule [Schema].Segments["nordic"] in its place, as if in
//     parentheses.
//   - semver(x) reads a string as a version of Semantic Versioning 2.0.0, all three
//     numbers and no v before them. 1.2.3-rc.1 is below 1.2.3; what stands behind a +
//     does not count.
//   - date(x) reads a string as a point in time: a time of RFC 3339 with its zone,
//     2026-01-05T08:00:00+01:00, or a day, 2026-01-05, which is its first moment in
//     UTC, whatever the zone of the machine or the customer. Dates are compared as
//     points in time, so 08:00+01:00 equals 07:00Z. A fraction has up to nine digits.
//
// # Missing attributes
//
// An attribute is missing where it is not there, where its value is not of its
// declared type, and where a number is NaN or infinite. For semver(x) and date(x) it
// is also missing where the string is no version or no date. Of several attributes
// with one name the first counts.
//
// A comparison with a missing attribute is false, whatever the relation, and is
// counted. Everything else is the logic of true and false: ! negates the truth of the
// comparison exactly. So age < 18 and age >= 18 are both false for somebody of
// unknown age, and !(age < 18) is true. Write has(age) where that matters.
//
//	rule                    age 17          age 18          age missing
//	age >= 18               false           true            false, 1 missing
//	age < 18                true            false           false, 1 missing
//	!(age >= 18)            true            false           true, 1 missing
//	!(age < 18)             false           true            true, 1 missing
//	age == 18               false           true            false, 1 missing
//	age != 18               true            false           false, 1 missing
//	!(age == 18)            true            false           true, 1 missing
//	age in [18]             false           true            false, 1 missing
//	!(age in [18])          true            false           true, 1 missing
//	has(age)                true            true            false
//	!has(age)               false           false           true
//	has(age) && age < 18    true            false           false
//	!has(age) || age < 18   true            false           true
//	age < 18 || age >= 18   true            true            false, 2 missing
//	age < 18 && age >= 18   false           false           false, 1 missing
//	age == age              true            true            false, 1 missing
//
// && and || stop as soon as the answer is known, from left to right, and what they
// skip is not counted: where age is missing, || above goes on and counts 2, && stops
// and counts 1.
//
// # Mistakes
//
// Compile reports all mistakes of a source at once, as [Errors], each with its place,
// what was found and, mostly, how to mend it. What other languages write, such as =,
// and, 'NO' or name.startsWith("x"), is recognised and answered with the right
// spelling. A segment is compiled where a rule uses it; if it is broken the rule says
// so in one line, and to compile the segment on its own shows all of it. A segment
// that contains itself is an error.
//
// # Bounds
//
// [MaxSource], [MaxDepth], [MaxList], [MaxComparisons], [MaxPattern] and
// [MaxPatternSteps] bound a rule; what is above is an error of Compile. Match makes
// each comparison at most once, so its time is bounded too; matches takes time in
// proportion to the length of the string.
//
// # CEL and expr
//
// The language is what CEL and expr have in common, so that a rule reads the same
// there, with these differences:
//
//   - startsWith, endsWith, contains and matches stand between their operands as in
//     expr, not behind a point as in CEL. The form name.startsWith("x") is an error
//     that shows the right one.
//   - A missing attribute makes its comparison false. It is an error in CEL, and nil in
//     expr, where nil != 18 is true.
//   - has(age) takes the attribute itself, in CEL a field of a message. semver, date
//     and segment are functions of ours; the date of expr reads more layouts.
//   - There is no arithmetic, no ?:, no null, no and, or, not, no string in single or
//     backquotes, no hexadecimal number and no comment, also where both have them.
//   - All numbers are float64, as they are in JSON. There are no integers.
//   - Bools have no order, as in expr. A condition is not compared with == or !=.
//   - The right side of in is a list of constants, that of matches a constant.
package audience
