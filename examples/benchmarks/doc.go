// Command benchmarks measures touchlift beside other libraries that decide and
// match, all in one process, and prints the tables of the README.
//
//	go run -C examples/benchmarks .                            print them
//	go run -C examples/benchmarks . -write ../../README.md     and put them into the README, with 6 rounds of 50ms or more
//	go run -C examples/benchmarks . -count 20 -time 1s         take more time
//	go run -C examples/benchmarks . -count 20 -best            on a machine that others use too
//	go test -bench . ./...                                     the same, for benchstat
//
// # What is measured
//
// One question each table: which arm of a 50/50 experiment a visitor gets; the
// same where only visitors from five countries and of age 18 or more are
// eligible; that rule alone, beside Expr and CEL. A visitor is an id of 36
// bytes, a country and an age. They come in turn, 1,024 of them, all eligible.
// Columns: nanoseconds per answer on one goroutine; nanoseconds from one answer
// to the next with a goroutine per processor, so that perfect scaling on two
// halves it; bytes and allocations per answer; and how many times touchlift's
// time it is.
//
// Every round measures every contestant once, in an order that moves on by one
// each round. The figures are medians over the rounds, or with -best the least of
// them; the times are ratios of these figures.
//
// # What is not
//
// Exposures, network, start, memory at rest, large configurations, updates
// while serving. Peers that record do so in very different ways, which a figure
// per call would not tell.
//
// # Fairness
//
//   - Everybody builds their own user, context or subject from the visitor in
//     every answer, as a request does, with what the question needs and no more.
//   - Everybody holds the same two experiments, in the form in which their server
//     sends them: folder configs. Nothing goes over a network: PostHog's client
//     must fetch its flags, and fetches them from memory.
//   - Exposures, events, diagnostics and logs are off, by the documented option.
//   - Tests hold everybody to the task first: two arms of 45 to 55 % of 10,000
//     visitors, the same arm when asked again, nobody served who is not eligible.
//   - Where a library documents a faster way, it is taken: CEL gets its optimiser
//     and an activation instead of a map, Expr typed fields and machines that are
//     used again, LaunchDarkly a context without a builder where it has no
//     attributes.
//   - OpenFeature is an interface, not a splitter: its client is measured over its
//     own in-memory provider, where touchlift's package assign splits and Go code
//     targets. Both are part of the figure.
//   - PostHog 1.5.2 skips the hash of its rollout where a condition has
//     properties, so that its second table is faster than its first.
//   - The last two stand below the tables as footnotes.
//   - touchlift validates the ids of a subject in every answer.
package main
