// Package experiment has the nouns of a touchpoint experiment, the engine that
// decides and records, and the interface of the stores that keep what happened.
//
// A subject (a customer, with ids by kind and typed attributes) stands at a
// touchpoint (a page, a mail, a call, a shop counter). An [Experiment] maps the
// subject's unit, one kind of id, to an arm. [Engine.Decide] says which;
// [Engine.Expose] says which and records that the unit met it; [Engine.Track]
// records what the customer did afterwards.
//
// A [Store] keeps exposures and conversions, each once, and turns them into
// sufficient statistics when it is asked a [Query]. Package analysis reads
// those.
package experiment
