// Package experiment has the nouns of a touchpoint experiment, the engine that
// decides and records, and the interface of the stores that keep what happened.
//
// A subject (a customer, with ids by kind and typed attributes) stands at a
// touchpoint (a page, a mail, a call, a shop counter). An [Experiment] maps the
// subject's unit, one kind of id, to an arm. [Engine.Decide] says which;
// [Engine.Expose] says which and records that the unit met it; [Engine.Track]
// records what the customer did afterwards. [Engine.At] decides everything that runs
// at a touchpoint, and [Engine.Explain] tells a person why.
//
// A [Store] keeps exposures and conversions, each once, and turns them into
// sufficient statistics when it is asked a [Query]. Package analysis reads
// those.
//
// # Who decides
//
// The rules of an experiment are tried in this order, and the first that speaks
// decides. Its name is the decision's [Reason].
//
//	rule               the unit meets        recorded as
//	wrong_touchpoint   control, and an error
//	concluded          the winner
//	not_started        control
//	ended, paused      control
//	missing_unit       control, and an error; with Links only after sticky
//	invalid_unit       control, and an error
//	override           the forced variant    override; never analysed
//	bot, internal      control
//	unassigned         control, and an error
//	sticky             what it was given     sticky; analysed like arm
//	prerequisite       control
//	layer              control
//	audience           control
//	traffic            control
//	holdout            control               holdout; a group of its own
//	arm                what the hash says    arm
//
// Who is held out is recorded only if they would have been enrolled, so that the
// group is comparable with the enrolled ones; it is never part of control.
//
// # Changing a running experiment
//
// Three things may change without moving anybody who need not be moved: [Traffic]
// grows, a [Phase] re-weights the arms, an experiment is paused, ends or is
// concluded. A new salt is a new run and reshuffles everyone. [Diff] says before a
// change what it does, and to how many.
//
// # Log-in
//
// An experiment randomises one kind of id. To keep a variant across a log-in, make it
// Sticky, name the other kinds in Links, and give the engine [Assignments]: from the
// first exposure on the variant is known under every id that the subject carries. In an
// experiment of devices with links to customers, a customer's second device meets what
// the first one met, as a unit of its own, unless it is held out; and where the customer
// comes without a device, to a counter, what they meet and do counts for the device that
// met the variant first. An event has one id of a kind: where two experiments know a
// customer by different devices, what they do without one counts for that of the
// experiment that comes first in the catalogue. Two devices that met different variants
// before they were known to be one customer's are counted in [Counters].
//
// The same way a list that was split beforehand (package assign) decides at every
// touchpoint: make the experiment Sticky, put the rows into the assignments with
// [LoadList], and set traffic to 0% if nobody else is to take part.
package experiment
