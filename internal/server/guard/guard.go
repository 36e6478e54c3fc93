package guard

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// What Options mean that say nothing.
const (
	defaultMaxBody             = 4 << 20
	defaultBodyTime            = 30 * time.Second
	defaultWriteTime           = 60 * time.Second
	defaultMaxCalls            = 256
	defaultMaxCallsPerCaller   = 32
	defaultQueueTime           = 5 * time.Second
	defaultMaxStreams          = 2000
	defaultMaxStreamsPerCaller = 64
)

// How many bodies of the full size are kept in memory at once, of all callers
// and of one of them. Without such a bound, the size of a body alone would not
// bound what a thousand of them take.
const (
	fullBodies          = 16
	fullBodiesPerCaller = 4
)

// greatestMaxBody is the most that MaxBody may be: a body is kept in memory.
const greatestMaxBody = 1 << 30

// Options are the settings of a Guard. The zero value serves clients on the
// same machine, and those that call the server by an IP address.
type Options struct {
	// Hosts are further names under which the server may be called:
	// "mcp.example.com", with any port, or "mcp.example.com:8443".
	Hosts []string
	// Origins are those of web pages that may call, "https://app.example.com".
	Origins []string
	// MaxBody is how many bytes the body of a request may have; 0 means 4 MiB.
	MaxBody int64
	// BodyTime is how long a body may take to arrive; 0 means 30 s.
	BodyTimeout time.Duration
	// WriteTime is how long a client may take to accept each part of an answer;
	// 0 means 60 s.
	WriteTimeout time.Duration
	// MaxCalls and MaxCallsPerCaller are how many calls run at once; 0 means
	// 256 and 32.
	MaxCalls, MaxCallsPerCaller int
	// QueueTime is how long a call waits for its turn; 0 means 5 s.
	QueueTimeout time.Duration
	// MaxStreams and MaxStreamsPerCaller are how many long GET streams are open
	// at once; 0 means 2,000 and 64.
	MaxStreams, MaxStreamsPerCaller int
	// SettingNames are the names of settings in errors and refusals.
	SettingNames SettingNames
	// Log takes what was refused, and panics, with the context of the request,
	// which has its id; nil means nobody does.
	Log *slog.Logger
}

// SettingNames are what users call the settings that errors and refusals
// mention. Empty ones are described in words.
type SettingNames struct {
	Hosts, Origins, MaxBody, MaxCalls, MaxCallsPerCaller, MaxStreams, MaxStreamsPerCaller string
}

func (n SettingNames) withDefaults() SettingNames {
	return SettingNames{
		Hosts:               cmp.Or(n.Hosts, "the allowed hosts"),
		Origins:             cmp.Or(n.Origins, "the allowed origins"),
		MaxBody:             cmp.Or(n.MaxBody, "the maximum body"),
		MaxCalls:            cmp.Or(n.MaxCalls, "the maximum calls"),
		MaxCallsPerCaller:   cmp.Or(n.MaxCallsPerCaller, "the maximum calls per caller"),
		MaxStreams:          cmp.Or(n.MaxStreams, "the maximum streams"),
		MaxStreamsPerCaller: cmp.Or(n.MaxStreamsPerCaller, "the maximum streams per caller"),
	}
}

// Guard watches over requests. It is safe for concurrent use.
type Guard struct {
	names   names
	options Options
	log     *slog.Logger
	calls   *line
	streams *share
	bodies  *share
}

// Stats is what a Guard has in hand at a moment.
type Stats struct {
	CallsInFlight int // calls that run
	CallsWaiting  int // calls that wait for their turn
	Streams       int // open GET streams
	BodyBytes     int // bytes of request bodies in memory
	Entries       int // what is kept to tell callers apart: one for each who has calls, streams or bodies
}

// New makes a Guard. It refuses malformed hosts and origins, and limits out of
// range.
func New(o Options) (*Guard, error) {
	o.SettingNames = o.SettingNames.withDefaults()
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{o.SettingNames.MaxBody, o.MaxBody},
		{"the time for a body", int64(o.BodyTimeout)},
		{"the time for an answer to be read", int64(o.WriteTimeout)},
		{o.SettingNames.MaxCalls, int64(o.MaxCalls)},
		{o.SettingNames.MaxCallsPerCaller, int64(o.MaxCallsPerCaller)},
		{"the time that a call waits", int64(o.QueueTimeout)},
		{o.SettingNames.MaxStreams, int64(o.MaxStreams)},
		{o.SettingNames.MaxStreamsPerCaller, int64(o.MaxStreamsPerCaller)},
	} {
		if limit.value < 0 {
			return nil, fmt.Errorf("%s must not be below zero", limit.name)
		}
	}
	if o.MaxBody > greatestMaxBody {
		return nil, fmt.Errorf("%s must not be above %d", o.SettingNames.MaxBody, greatestMaxBody)
	}
	known, err := newNames(o)
	if err != nil {
		return nil, err
	}
	orDefault(&o.MaxBody, defaultMaxBody)
	orDefault(&o.BodyTimeout, defaultBodyTime)
	orDefault(&o.WriteTimeout, defaultWriteTime)
	orDefault(&o.MaxCalls, defaultMaxCalls)
	orDefault(&o.MaxCallsPerCaller, defaultMaxCallsPerCaller)
	orDefault(&o.QueueTimeout, defaultQueueTime)
	orDefault(&o.MaxStreams, defaultMaxStreams)
	orDefault(&o.MaxStreamsPerCaller, defaultMaxStreamsPerCaller)
	g := &Guard{
		names:   known,
		options: o,
		log:     o.Log,
		calls:   newLine(o.MaxCalls, o.MaxCallsPerCaller),
		streams: newShare(int64(o.MaxStreams), int64(o.MaxStreamsPerCaller)),
		bodies:  newShare(fullBodies*o.MaxBody, fullBodiesPerCaller*o.MaxBody),
	}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	return g, nil
}

func orDefault[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Stats is what g has in hand now.
func (g *Guard) Stats() Stats {
	running, waiting, calling := g.calls.numbers()
	streams, streaming := g.streams.numbers()
	bytes, sending := g.bodies.numbers()
	return Stats{
		CallsInFlight: running,
		CallsWaiting:  waiting,
		Streams:       int(streams),
		BodyBytes:     int(bytes),
		Entries:       calling + streaming + sending,
	}
}
