package guard

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"
)

// Guard protects an HTTP server. It is safe for concurrent use.
type Guard struct {
	allowed allowlist
	options Options
	calls   *queue
	decoded *queue // bytes of memory for what is decoded of the larger messages
	streams *quota
	bodies  *quota // bytes
	small   *quota // bytes of bodies that are no larger than what their connection takes
	*newcomers
}

// Stats is the current load of a Guard.
type Stats struct {
	CallsInFlight int // running calls
	CallsWaiting  int // waiting calls
	Streams       int // open streams
	BodyBytes     int // bytes of request bodies in memory
	Decoded       int // bytes of memory reserved for what is decoded of large messages
	Entries       int // entries kept per caller: one for each with calls, streams or bodies
}

// New returns a Guard. It refuses malformed hosts and origins, and limits out of
// range.
func New(o Options) (*Guard, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	allowed, err := newAllowlist(o)
	if err != nil {
		return nil, err
	}
	return &Guard{
		allowed: allowed,
		options: o,
		calls:   newQueue(int64(o.MaxCalls), int64(o.MaxCallsPerCaller)),
		decoded: newQueue(maxDecoded*o.MaxBody, maxDecodedPerCaller*o.MaxBody),
		streams: newQuota(int64(o.MaxStreams), int64(o.MaxStreamsPerCaller)),
		bodies:  newQuota(fullBodies*o.MaxBody, fullBodiesPerCaller*o.MaxBody),
		small:   newQuota(math.MaxInt64, math.MaxInt64),

		newcomers: newNewcomers(o),
	}, nil
}

// Stats returns the current load.
func (g *Guard) Stats() Stats {
	running, waiting, entries := g.calls.counts()
	first, firstWaiting, more := g.newcomers.calls.counts()
	decoded, decodedWaiting, decoding := g.decoded.counts()
	streams, streaming := g.streams.counts()
	bytes, sending := g.bodies.counts()
	small, sendingSmall := g.small.counts()
	return Stats{
		CallsInFlight: int(running + first),
		CallsWaiting:  waiting + firstWaiting + decodedWaiting,
		Streams:       int(streams),
		BodyBytes:     int(bytes + small),
		Decoded:       int(decoded),
		Entries:       entries + more + decoding + streaming + sending + sendingSmall,
	}
}

// Options are the settings of a Guard. The zero value serves clients on the same
// machine, and those that call the server by an IP address.
type Options struct {
	// Hosts are further names under which clients may call the server:
	// "mcp.example.com", with any port, or "mcp.example.com:8443".
	Hosts []string
	// Origins are the origins of web pages that may call, such as
	// "https://app.example.com".
	Origins []string
	// MaxBody is the maximum size of a request body in bytes; 0 means 1 MiB. It also
	// sets the memory for what is decoded of all bodies at once: 48 times as much.
	MaxBody int64
	// BodyTimeout bounds the time in which a body arrives; 0 means 30 s.
	BodyTimeout time.Duration
	// WriteTimeout bounds the time in which a client accepts each part of an
	// answer; 0 means 60 s.
	WriteTimeout time.Duration
	// MaxCalls and MaxCallsPerCaller limit the calls that run at once; 0 means 256
	// and 32.
	MaxCalls, MaxCallsPerCaller int
	// QueueTimeout bounds the time that a call waits to run; 0 means 5 s.
	QueueTimeout time.Duration
	// MaxStreams and MaxStreamsPerCaller limit the open streams; 0 means 2,000 and
	// 64.
	MaxStreams, MaxStreamsPerCaller int
	// Known asks whether whoever issues the callers' tokens accepts that of the caller
	// in the context, and calls Accept if so. Until Accept, a caller shares the
	// limits of one small caller with all others of whom nothing is known. Nil means
	// that authentication has checked every caller.
	Known func(context.Context)
	// SettingNames are the names of these options in messages.
	SettingNames SettingNames
	// Log receives refusals and panics with the context of the request; nil
	// discards them.
	Log *slog.Logger
}

// SettingNames are what an operator calls the options, for messages that say what
// to change. With an empty name a message says nothing about it.
type SettingNames struct {
	Hosts, Origins, MaxBody, MaxCalls, MaxCallsPerCaller, MaxStreams, MaxStreamsPerCaller string
}

// How many bodies of the full size are in memory at once, of all callers and of
// one. The size of a body alone does not limit what a thousand of them take.
const (
	fullBodies          = 16
	fullBodiesPerCaller = 4
)

// How much memory is for what is decoded of all messages at once and of those of one
// caller, as a multiple of the size of a body. A message that needs more than the
// latter is refused.
const (
	maxDecoded          = 48
	maxDecodedPerCaller = 24
)

// maxMaxBody is the maximum of MaxBody: a body is kept in memory.
const maxMaxBody = 1 << 30

// complete refuses limits out of range, and gives each zero its default.
func (o *Options) complete() error {
	names := o.SettingNames
	bodySize := cmp.Or(names.MaxBody, "maximum body size")
	if o.MaxBody > maxMaxBody {
		return fmt.Errorf("%s must be at most %d", bodySize, maxMaxBody)
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	return cmp.Or(
		complete(&o.MaxBody, 1<<20, bodySize),
		complete(&o.BodyTimeout, 30*time.Second, "body timeout"),
		complete(&o.WriteTimeout, 60*time.Second, "write timeout"),
		complete(&o.MaxCalls, 256, cmp.Or(names.MaxCalls, "maximum number of calls")),
		complete(&o.MaxCallsPerCaller, 32, cmp.Or(names.MaxCallsPerCaller, "maximum number of calls per caller")),
		complete(&o.QueueTimeout, 5*time.Second, "queue timeout"),
		complete(&o.MaxStreams, 2000, cmp.Or(names.MaxStreams, "maximum number of streams")),
		complete(&o.MaxStreamsPerCaller, 64, cmp.Or(names.MaxStreamsPerCaller, "maximum number of streams per caller")),
	)
}

func complete[N int | int64 | time.Duration](limit *N, usual N, name string) error {
	if *limit < 0 {
		return fmt.Errorf("%s must not be negative", name)
	}
	*limit = cmp.Or(*limit, usual)
	return nil
}
