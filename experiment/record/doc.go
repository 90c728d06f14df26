// Package record has the recorder that stands between a request and a store: it
// queues exposures and conversions in memory and delivers them in batches, so
// that a request never waits for the store.
//
//	recorder, err := record.New(store, record.Options{})
//	engine, err := experiment.New(catalog, experiment.Options{Recorder: recorder})
//	...
//	err = recorder.Close(ctx) // once the last request is served
//
// # Accepted and acknowledged
//
// An event is accepted when [Recorder.Expose] or [Recorder.Track] returns nil:
// it is in the queue. It is acknowledged when a [Recorder.Flush] that began
// afterwards returns nil: it is in the store, or the store refused it for good
// and [Options.OnReject] got it. [Recorder.Close] acknowledges everything when
// it returns nil. Without OnReject both return a [*RejectedError] that counts
// what was refused since one of them last said so.
//
// Only acknowledged events are promised to survive anything. The queue is
// memory: when the process is killed or the machine stops, the events that are
// queued or in flight are lost. In normal operation that is what came in during
// the last 200 ms and one call of the store; during an outage of the store it
// is everything since the outage began. This package does not write events to
// a disk. Who cannot afford that for an event, an order worth much say, calls
// the store's Record and waits for it.
//
// # What becomes of an event
//
//   - The event is invalid, or dated more than a day ahead: refused with a
//     typed error.
//   - The event alone is larger than the queue: refused with [ErrTooLarge].
//   - The queue is full: refused with [ErrFull]. The customer keeps the variant
//     that was shown; the exposure is not recorded.
//   - The store is down, slow or panics, or its answer is lost: the same batch
//     is sent again, after 50 ms to 30 s drawn at random, for as long as it
//     takes. Stores keep an event once however often it comes, so this is safe.
//   - The store refuses a batch for good: the batch is cut in two until the
//     refused events stand alone. They go to [Options.OnReject], the rest to
//     the store.
//   - The store refuses everything for good: taken for an outage, see below.
//   - The ctx of Close ends before the store has taken everything: what is left
//     is dropped, and Close says how much.
//
// [Recorder.Counters] counts each of these, and [Counters.Check] shows that
// nothing is missing. Nothing else happens to an event. Batches may overtake
// each other, two at a time, and exposures do not keep their order towards
// conversions; stores do not depend on it.
//
// # Refused for good, or an outage
//
// [experiment.ErrPermanent] is for events that a store can never keep. A store
// that returns it because its file cannot be written, say, would have the
// recorder throw away all events. So an error that matches
// [experiment.ErrInvalidEvent] is believed at once, and any other is believed
// of an event when the store refused it, took something else, and refused it
// again, standing alone. Until then its batch is kept and tried again as in an
// outage, with a call of [Options.OnRetry] each time; other batches pass it
// meanwhile. While nothing else comes, Flush and Close wait for it until their
// ctx ends.
//
// One event is given up sooner: one that is alone in its batch when the store
// has refused nothing since its last success, or ever. A store that calls its
// outages permanent can lose one event for each outage in this way.
//
// # Size of the queue
//
// The queue must hold what comes in while the store is away: events per second
// times the seconds to bridge. The default of 100,000 events bridges 100 s at
// 1,000 a second. An exposure with one id and two attributes counts about 500
// bytes, so the default of 64 MiB is met at about the same time. Watch Queued
// and Full of the counters: Queued that grows means the store is too slow, Full
// above 0 means that events were lost.
//
// # Shutting a service down
//
// Stop serving first, then close the recorder with a deadline, then the store:
//
//	err = server.Shutdown(ctx)
//	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
//	defer cancel()
//	err = recorder.Close(ctx) // a *record.CloseError says what was lost
//	err = store.Close()
//
// The deadline must be shorter than the time until the process is killed. A
// program that may be frozen between requests, as functions in a cloud are,
// calls Flush before each answer.
package record
