package guard

// Guard protects an HTTP server. It is safe for concurrent use.
type Guard struct {
	allowed allowlist
	options Options
	calls   *queue
	streams *quota
	bodies  *quota // bytes
}

// Stats is the current load of a Guard.
type Stats struct {
	CallsInFlight int // running calls
	CallsWaiting  int // waiting calls
	Streams       int // open streams
	BodyBytes     int // bytes of request bodies in memory
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
		calls:   newQueue(o.MaxCalls, o.MaxCallsPerCaller),
		streams: newQuota(int64(o.MaxStreams), int64(o.MaxStreamsPerCaller)),
		bodies:  newQuota(fullBodies*o.MaxBody, fullBodiesPerCaller*o.MaxBody),
	}, nil
}

// Stats returns the current load.
func (g *Guard) Stats() Stats {
	running, waiting, calling := g.calls.counts()
	streams, streaming := g.streams.counts()
	bytes, sending := g.bodies.counts()
	return Stats{
		CallsInFlight: running,
		CallsWaiting:  waiting,
		Streams:       int(streams),
		BodyBytes:     int(bytes),
		Entries:       calling + streaming + sending,
	}
}
