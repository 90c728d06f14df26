// Package assign decides which units are in an experiment and which arm they get. It
// is a pure function of the [Spec] and the unit id: the same answer on every machine,
// today and in a year, without a clock, a database or a network.
//
//	split, err := assign.NewSplit(assign.Spec{
//		Salt:    "checkout-2026-11",
//		Arms:    []assign.Arm{{Variant: "control", Weight: 1}, {Variant: "free_returns", Weight: 1}},
//		Traffic: assign.Share{Num: 1, Den: 10}, // 10 % of the units
//	})
//	variant, enrolled := split.Variant("customer-42")
//
// # Words
//
// A unit is what the experiment randomises: a customer, a device, a store. The salt is
// a text that tells one experiment from another. An arm is a variant and its weight.
// Traffic is the share of units that are enrolled; the others are in no arm.
//
// # What holds
//
//   - Raising traffic never moves or drops an enrolled unit. The formulas of some other
//     SDKs do not hold this: [KeepsEnrolled] answers.
//   - The arms of two experiments with different salts are independent, and so are the
//     arm and the traffic of one experiment.
//   - What arm a unit is in depends on the salt, the weights, their order, and the
//     traffic, and on nothing else: renaming a variant moves nobody.
//   - Changing the weights of a running experiment moves units between arms. Declared as
//     a phase it moves the fewest possible: 50/50 to 60/40 moves one unit in ten, and a
//     new arm swaps nobody between the others. Undoing phases one by one brings everyone
//     home: after the weights A, B, C list B and then A. With two arms A alone does, too.
//     With three or more it need not, because the least move from C to A can end
//     elsewhere: 2:1:1, 1:1:2, 1:2:1 and straight back to 2:1:1 leaves half of the units
//     in another arm than at first. [Diff] tells the exact share that any change moves.
//   - Weights and shares are integers and are used exactly. Nothing is rounded, and
//     nothing that is wrong in a spec is repaired: [NewSplit] names every problem.
//   - An empty id and an id with a zero byte are never enrolled; [CheckID] tells why.
//
// # Ids
//
// Ids are bytes. They are not trimmed, folded or normalised: "é" as one code point and
// as two are different units, and so are "42" and "042". Bring ids to one form before
// they get here, the same at every touchpoint.
//
// Ids and salts are no secrets and the hash is no cipher. Someone who knows the salt and
// can choose an id can choose an arm. Do not let a unit choose its id where that pays.
//
// # The mapping, touchlift/1
//
// This is all that is needed to compute the same answer in another language. All
// integers are unsigned and of 64 bits, arithmetic is modulo 2^64, >> shifts in zeros,
// || joins bytes. XXH64 is the 64-bit variant of xxHash, here always with seed 0:
// XXH64("") = ef46db3751d8e999 and XXH64("abc") = 44bc2cf5ad770999 in hexadecimal.
//
//	u           = XXH64(id)
//	seed(p)     = XXH64(salt || 00 || p)       p is "arm" or "traffic" in ASCII, 00 one zero byte
//	position(p) = mix64(u XOR seed(p))
//
//	mix64(x):  x = x XOR (x >> 33)
//	           x = x * ff51afd7ed558ccd
//	           x = x XOR (x >> 33)
//	           x = x * c4ceb9fe1a85ec53
//	           x = x XOR (x >> 33)
//
// Salt and id are not empty and contain no zero byte. A position stands for the fraction
// position / 2^64 of a line that is cut exactly, with integers wide enough:
//
//	enrolled if     position("traffic") < floor(2^64 * Num / Den)
//	arm i if end(i-1) <= position("arm") < end(i)
//	        end(i)  = floor(2^64 * (w_1 + .. + w_i) / (w_1 + .. + w_n)),   end(0) = 0
//
// Num / Den is the traffic and w_i are the weights in the order of the arms. Both the
// full traffic and the end of the last arm are 2^64, which a 64-bit integer cannot hold:
// position 2^64-1 belongs to them too. An arm of weight 0 owns no position. Sums of
// weights may exceed 2^64.
//
// For the id "customer-42" and the salt "checkout-2026-11":
//
//	u                   = ca6e96e956958c0f
//	seed("traffic")     = 90f3bb521246043f     position = 2e61993536c10297, 18.1 % of the line
//	seed("arm")         = 886c66078d6b5092     position = b66ac9d7b887bc10, 71.3 % of the line
//
// So this customer is enrolled at a traffic of 20 % and not at 10 %, and of two equal
// arms it is in the second.
//
// Two more purposes have no split: "layer" with the salt of a layer and "holdout" with
// that of a holdout. Their seeds and positions are computed in the same way.
//
// # Phases
//
// A spec may list phases, each with arms of its own. The arms of the spec are phase 0,
// and the split is that of the last phase. Each phase has a line: an owner for each of
// the 2^64 positions, and arm i gets the units whose position("arm") it owns. That
// replaces the rule with the ends above; traffic stays as it is.
//
// Arms are the same where their variants are. They are numbered in the order in which
// the spec mentions them first, phase by phase, from 0. In a phase an arm that is not
// listed has weight 0. The size t(i) that a phase wants for arm i is end(i) - end(i-1)
// by the formula above, with the weights in the order of these numbers, so that the order
// of a phase's list matters only for the numbers of new arms. On the line of phase 0 the
// arms lie one behind the other by their numbers, arm i on t(i) positions.
//
// The lines form a history, a list that at first holds the line of phase 0. Its last line
// is the current one. For each further phase, with s(i) for what arm i owns on the current
// line, the first of these rules that fits is applied:
//
//  1. Stay: if t(i) = s(i) for every i, the history stays as it is.
//  2. Undo: if the line before the current one has the sizes t, the current one is
//     removed from the history.
//  3. Home: if an earlier line of the history has the sizes t, and the number of positions
//     whose owners differ between it and the current line is the sum of max(0, t(i) - s(i)),
//     a copy of it is appended to the history; of several such lines the last.
//  4. Otherwise a new line is appended. It starts as a copy of the current one, with
//     excess(i) = max(0, s(i) - t(i)) and need(i) = max(0, t(i) - s(i)). Look back: for each
//     earlier line P of the history, from the last to the first, and for each position x
//     from 2^64-1 down to 0: if i owns x on the new line, j owns it on P, excess(i) > 0 and
//     need(j) > 0, then j gets x, and both numbers fall by 1. Sweep: for each position x from
//     2^64-1 down to 0: if i owns x and excess(i) > 0, then x goes to the arm j with the
//     lowest number of those with need(j) > 0, and both numbers fall by 1.
//
// The line of the phase is then the last of the history. All positions of a range in which
// the owners on both lines are constant can be handled at once: the upper ones go, as many
// as the least of the range, excess(i) and need(j).
//
// It follows that a phase moves as many positions as any change to its sizes must: the sum
// of need. An arm only gives or only gets. If the weights of the phases are undone one
// by one, the lines come back one by one, and what comes after is as if nothing had been
// done and undone. With a new arm of any weight, and the other weights as they were, no old
// arm grows, but for a single position where a size is rounded up. Nothing depends on when
// the phases were declared or on what was asked before.
//
// For example 50/50, 60/40, 50/50 of the arms a and b are the lines
//
//	a owns [0, 2^63), b the rest
//	a owns [0, 2^63) and [e666666666666667, 2^64), b between
//	a owns [0, 2^63), b the rest
//
// # The vectors
//
// The file testdata/vectors.jsonl holds more than ten thousand cases for other
// implementations, and testdata/vectors.py is one. Rows with the field "why" define a
// split and have its seeds and ends; the other rows map an id by a split that is named in
// "spec". Ids and salts are hexadecimal bytes, weights and shares decimal texts, and the
// other numbers hexadecimal texts, because not every JSON reader keeps 64 bits. Index
// counts from 0 and is -1 for a unit that is not enrolled.
//
// The file testdata/phases.jsonl holds the same for phases, and testdata/phases.py writes
// it. Rows with "why" have the line of every phase: the pieces by their starts and the
// index of their owner. Rows with "spec" and no "why" have the index of one id in every
// phase. Rows with "purpose" have seeds and positions of layers and holdouts. The vectors
// never change within a major version.
package assign
