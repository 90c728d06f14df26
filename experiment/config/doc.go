// Package config reads a catalogue of experiments from YAML files, and reports every
// mistake of every file at once, each at its line and column.
//
//	catalog, err := config.Load(os.DirFS("experiments"))
//	if err != nil {
//		log.Fatal(err)
//	}
//	engine, err := experiment.New(catalog, experiment.Options{})
//
// # Files
//
// A folder holds one file per experiment and, beside them, files with what the
// experiments refer to by name:
//
//	touchpoints.yaml  where experiments run
//	metrics.yaml      what is measured
//	attributes.yaml   what rules may speak of, with its type
//	segments.yaml     rules with a name, for use in other rules
//	layers.yaml       experiments that exclude each other
//	holdouts.yaml     units that are kept out of experiments, to measure all of them
//	traffic.yaml      who is in no experiment at all: machines, and your own people
//
// Every file that ends in .yaml or .yml is read, at any depth. The smallest
// experiment, checkout.yaml:
//
//	experiment: checkout-reassurance
//	touchpoints: [checkout-page]
//	unit: customer
//	salt: checkout-reassurance-2026
//	arms:
//	  - {variant: control,      weight: 1}
//	  - {variant: free_returns, weight: 1}
//
// With all there is:
//
//	# yaml-language-server: $schema=./experiment.schema.json
//	experiment: checkout-reassurance
//	touchpoints: [checkout-page, order-email]   # same treatment at both
//	owner: growth@shop.example
//	hypothesis: Showing free returns next to the pay button raises profit per visitor by 3%.
//	unit: customer                              # the kind of id that is randomised
//	salt: checkout-reassurance-2026             # a new salt is a new run
//	starts: 2026-01-05T08:00:00+01:00
//	ends: 2026-02-16T08:00:00+01:00
//	paused: false
//	arms:                                       # the first is control
//	  - {variant: control,      weight: 50, payload: {banner: none}}
//	  - {variant: free_returns, weight: 50, payload: {banner: free_returns}}
//	hash: touchlift/1                           # or that of another SDK, to take over a running experiment
//	traffic:                                    # never shrinks within a run
//	  - {from: 2026-01-05T08:00:00+01:00, share: 5%}
//	  - {from: 2026-01-07T08:00:00+01:00, share: 100%}
//	phases:                                     # moves one in ten from control, and nobody else
//	  - from: 2026-01-19T08:00:00+01:00
//	    arms: [{variant: control, weight: 40}, {variant: free_returns, weight: 60}]
//	audience: country in ["NO", "SE"] && age >= 18 && !segment("business")
//	layer: {name: checkout, slots: 0-50}        # no unit is in two experiments of a layer
//	holdout: winter-2026
//	requires: {experiment: welcome-mail, variant: short}
//	sticky: true                                # keeps the variant across log-in
//	links: [device]
//	overrides: {free_returns: [qa-1, qa-2]}     # never analysed
//	metrics:
//	  primary: profit_per_visitor
//	  secondary: [conversion_rate]
//	analysis:
//	  method: fixed
//	  alpha: 0.05
//	  sample: 20000                             # matured units per arm
//	  families: {primary: holm, secondary: bh}
//	concluded: {at: 2026-02-20T08:00:00+01:00, serve: free_returns}
//
// touchpoints.yaml, metrics.yaml, layers.yaml and holdouts.yaml map a name to its
// settings:
//
//	checkout-page: {stage: purchase, channel: web}
//	order-email:   {stage: post_purchase, channel: email, unit_cost: 0.01}
//
//	profit_per_visitor: {kind: mean, event: purchase, window: 14d, cap: 500}
//	conversion_rate:    {kind: proportion, event: purchase, window: 14d}
//
//	checkout: {salt: checkout-layer, unit: customer, slots: 100}
//
//	global-2026: {salt: holdout-2026, unit: customer, share: 1%, scope: {global: true}}
//	winter-2026: {salt: holdout-winter, unit: customer, share: 5%}   # of the experiments that name it
//
// attributes.yaml maps a name to a type, segments.yaml a name to a rule, and
// traffic.yaml has two rules:
//
//	country:    string
//	age:        number
//	company:    bool
//	email:      string
//	user_agent: string
//
//	business: company || email endsWith ".gov"
//
//	bots:     user_agent matches "(?i)bot|crawler|spider"
//	internal: email endsWith "@shop.example"
//
// # Keys
//
// A star marks what has to be there.
//
//	experiment file
//	  experiment*   text                     name in code, events and results
//	  touchpoints*  list of texts            where it runs; the same unit meets the same variant at each
//	  owner         text                     who to ask
//	  hypothesis    text                     what is expected, and why
//	  unit*         text                     the kind of id that is randomised, such as customer
//	  salt*         text                     hashed with the unit; a new salt is a new run
//	  starts        date                     it runs from here on; default: no bound
//	  ends          date                     and until before this; default: no bound
//	  paused        true or false            serves control and records nothing; default false
//	  arms*         list of arms             at least two; the first is control
//	  hash          formula                  the formula that splits; default touchlift/1
//	  traffic       share or steps           the share of units that is enrolled; default 100%
//	  phases        list of phases           new weights while it runs, oldest first
//	  audience      rule                     who is eligible; default everyone
//	  layer         layer                    keeps the experiments of a layer apart; default none
//	  holdout       text                     the holdout it is under; none exempts it from all
//	  requires      requires                 only units that meet this variant take part
//	  sticky        true or false            keeps a unit's variant whatever changes; default false
//	  links         list of texts            kinds of id that share the variant; needs sticky
//	  overrides     mapping                  variant to the ids that are forced into it
//	  metrics       metrics                  what decides and what describes
//	  analysis      analysis                 what is settled about the analysis
//	  concluded     concluded                what is served after the end
//
//	arm
//	  variant*      text                     name of the treatment
//	  weight*       whole number             relative to the other arms' weights; 0 is nobody
//	  payload       payload                  what the application reads
//
//	step of traffic
//	  from          date                     when it starts; only the first may leave it out
//	  share*        share                    of the units, no less than before
//
//	phase
//	  from*         date                     when it starts
//	  arms*         list of arms             all arms from then on; a new one may have a payload
//
//	layer
//	  name*         text                     a layer of layers.yaml
//	  slots*        slots                    such as 0-50, which is 0 to 49
//
//	requires
//	  experiment*   text                     another experiment with the same unit
//	  variant*      text                     the variant that a unit meets there
//
//	metrics
//	  primary       text                     the metric that decides
//	  secondary     list of texts            metrics that describe
//
//	analysis
//	  method        text                     fixed
//	  alpha         number                   two-sided error rate of each family; default 0.05
//	  sample        whole number             matured units per arm to wait for
//	  families      families                 corrections for several hypotheses
//
//	families
//	  primary       text                     holm
//	  secondary     text                     bh (default) or holm
//
//	concluded
//	  at            date                     when; default: when it ends
//	  serve         text                     the variant that everyone gets; required once something is concluded
//
//	touchpoints.yaml, under each name
//	  stage*        text                     stage of the customer journey, such as purchase
//	  channel*      text                     medium of the contact, such as web
//	  offline       true or false            away from a screen; default false
//	  unit_cost     number                   what one contact costs; default 0
//
//	metrics.yaml, under each name
//	  kind*         text                     proportion or mean
//	  event*        text                     the conversion that counts
//	  aggregation   text                     of a mean: sum (default) or count
//	  window        duration                 length of a unit's window; default: without end
//	  delay         duration                 from a unit's first exposure to its window; default 0s
//	  direction     text                     increase (default) or decrease
//	  cap           number                   of a mean: a unit's total counts up to here
//
//	attributes.yaml, after each name, without the key
//	  type*         type                     of its values: string, number or bool
//
//	segments.yaml, after each name, without the key
//	  rule*         rule                     who belongs to it
//
//	layers.yaml, under each name
//	  salt*         text                     hashed with the unit; a new salt reshuffles all experiments
//	  unit*         text                     the kind of id that its experiments randomise
//	  slots         whole number             how many equal parts it has; default 100
//
//	holdouts.yaml, under each name
//	  salt*         text                     hashed with the unit; a new salt holds out others
//	  unit*         text                     the kind of id that is held out
//	  share*        share                    of the units, above 0% and below 100%
//	  scope         scope                    the experiments under it; default: those that name it
//
//	scope of a holdout, one of
//	  global        true or false            true for every experiment
//	  layer         text                     every experiment of that layer
//	  touchpoint    text                     every experiment at that touchpoint
//	  stage         text                     every experiment at a touchpoint of that stage
//
//	traffic.yaml
//	  bots          rule                     who is a machine; default nobody
//	  internal      rule                     who is one of your own; default nobody
//
// # Values
//
// A share is a percentage or a fraction: 5%, 12.5%, 1/20. "5" alone is refused.
//
// Traffic is one share, or a list of steps in the order of time: nobody is enrolled
// before the first, and no step is below the one before it.
//
// A phase lists all arms that somebody gets from then on. A name that is not among
// arms, nor in a phase before, is a new arm. An arm that is not listed gets nobody from
// then on and gives its units up; so does one with weight 0, which says that it is
// meant.
//
// Slots are two whole numbers with a hyphen, such as 0-50. The second is the first
// slot that does not belong to them, so that 0-50 and 50-100 do not overlap. A number
// alone is refused: write 7-8 for slot 7.
//
// A rule is a text in the language of package audience. A mistake in it is shown at
// its line and column. Put a rule in quotes if it starts with !, " or [, or has a # or
// a colon with a space beside it, or write it below "audience: |", indented:
//
//	audience: |
//	  !segment("business")
//	    && country in ["NO", "SE"]
//
// Sticky needs a place where variants are kept, Options.Assignments of package
// experiment; without one, experiment.New answers with TL025. So do links, which are
// kept there too. What there is so far, experiment.NewMemoryAssignments, lives in one
// process: several servers do not share it, and a restart forgets it. An experiment
// whose list was split beforehand, which experiment.LoadList puts there, needs
// sticky: true, and traffic: 0% where nobody outside the list is to take part.
//
// A formula is touchlift/1, or the name of one of another SDK in package assign/peer,
// such as growthbook/2. Where it has parameters, it is a mapping of its name and these:
//
//	hash: {name: growthbook/2, namespace: checkout, namespace_from: 0, namespace_to: 0.5}
//
// An empty mapping is no layer, no requirement; an empty list is no phases, no links.
//
// A date has seconds and an offset: 2026-01-05T08:00:00+01:00, or Z for UTC.
//
// A duration is whole numbers with units, the largest first: 2w, 14d, 36h, 30m,
// 90s, 1d12h. A day has 24 hours.
//
// A text needs no quotes unless a reader of YAML could take it for something else.
// Refused without quotes are numbers (2026, 1.10, 0123, 1e3, 1_000), dates, true,
// false, 22:30, and yes, no, on, off, y, n in any case, which YAML 1.1 reads as true
// or false: write country: "NO". That goes for names, salts and ids too; y and n may
// be names within a payload. In a payload a number without quotes is one if it is
// written as short as can be: 59.9 is, 59.90 is refused because it may be a text.
//
// Nothing is repaired in silence. A key without a value is refused; so are a zero or
// an empty text that would mean a default or no limit. Leave the key out instead.
//
// Anchors and aliases are allowed. What an alias repeats is judged at each place:
// a mistake in the repeated value itself is reported at the alias, one in a part of
// it once, where it is written. Merge keys, tags and a second document are not
// allowed, nor files beyond [MaxFileBytes], [MaxDepth] and [MaxValues].
//
// # Mistakes
//
// The error of [Load] prints like this:
//
//	checkout.yaml:14:37: TL012 weight of arm "free_returns" is -60; weights are whole numbers from 0 up
//	   14 |   - {variant: free_returns, weight: -60, payload: {banner: free_returns}}
//	      |                                     ^^^
//	   help: weights are relative, 50 and 50 or 1 and 1 mean the same
//	1 error
//
// It is an [Errors], a list of [*Error] for programs. A mistake that only follows
// from another one is left out. Beside the error Load returns what is sound, so that
// one bad experiment need not stop the others: see there.
//
// The codes never change their meaning:
//
//	TL001  not YAML, or not UTF-8
//	TL002  a value of the wrong kind, or none
//	TL003  a key, or name of a file, that the format does not have
//	TL004  a key that stands twice in one mapping
//	TL005  a key, word or file of a later version of the format
//	TL006  a share, date, duration or number that is written wrong
//	TL007  a value without quotes that readers of YAML take for different things
//	TL008  YAML that a configuration may not use, or a file beyond the limits
//	TL009  a file or folder that cannot be read, or holds no .yaml file
//	TL010  something required is missing
//	TL011  a name that cannot be used
//	TL012  weights that cannot split
//	TL013  a name that stands twice
//	TL014  a reference to something that is not there
//	TL015  a number or quantity outside its range
//	TL016  dates that contradict each other
//	TL017  not one of the allowed words
//	TL018  a payload that cannot be served
//	TL019  a plan that needs a window
//	TL020  a rule that cannot be understood
//	TL021  slots of a layer that two experiments hold
//	TL022  experiments that require each other
//	TL023  kinds of id that do not fit together
//	TL024  traffic that shrinks within a run, or moves units
//	TL025  sticky without a place to keep assignments, as experiment.New finds it
package config
