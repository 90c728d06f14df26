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
//   - Raising traffic never moves or drops an enrolled unit.
//   - The arms of two experiments with different salts are independent, and so are the
//     arm and the traffic of one experiment.
//   - What arm a unit is in depends on the salt, the weights, their order, and the
//     traffic, and on nothing else: renaming a variant moves nobody. Changing the
//     weights of a running experiment moves units between arms.
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
// The file testdata/vectors.jsonl holds more than ten thousand cases for other
// implementations, and testdata/vectors.py is one. Rows with the field "why" define a
// split and have its seeds and ends; the other rows map an id by a split that is named in
// "spec". Ids and salts are hexadecimal bytes, weights and shares decimal texts, and the
// other numbers hexadecimal texts, because not every JSON reader keeps 64 bits. Index
// counts from 0 and is -1 for a unit that is not enrolled. The vectors never change
// within a major version.
package assign
