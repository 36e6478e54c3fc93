package plan

import (
	"crypto/sha256"
	"slices"
	"sync"
	"time"
)

// Journal remembers the writes of applies that did not end, each by what its plan was
// for, so that the next plan of the same need not make them again. It forgets them
// after Validity, and the oldest first where there are too many. It is safe for
// concurrent use.
type Journal struct {
	mu      sync.Mutex
	entries map[[sha256.Size]byte]*entry
	size    int
}

type entry struct {
	writes []Written
	until  time.Time
	size   int
}

// Written is a write that was made.
type Written struct {
	Operation string
	// Arguments is a digest of them, Answer what the script got for them.
	Arguments [sha256.Size]byte
	Answer    []byte
}

// maxJournal bounds what is remembered, in bytes.
const maxJournal = 8 << 20

// Add remembers a write.
func (j *Journal) Add(key [sha256.Size]byte, operation string, args, answer []byte, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.entries == nil {
		j.entries = map[[sha256.Size]byte]*entry{}
	}
	j.expire(now)
	e := j.entries[key]
	if e == nil {
		e = &entry{}
		j.entries[key] = e
	}
	const overhead = 128
	size := len(answer) + overhead
	e.writes = append(e.writes, Written{operation, sha256.Sum256(args), answer})
	e.until, e.size, j.size = now.Add(Validity), e.size+size, j.size+size
	for j.size > maxJournal {
		j.forgetOldest()
	}
}

// Of returns the writes to replay, in the order in which they were made.
func (j *Journal) Of(key [sha256.Size]byte, now time.Time) []Written {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	if e := j.entries[key]; e != nil {
		return slices.Clone(e.writes)
	}
	return nil
}

// Drop forgets the writes of a script that has ended.
func (j *Journal) Drop(key [sha256.Size]byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget(key)
}

func (j *Journal) expire(now time.Time) {
	for key, e := range j.entries {
		if now.After(e.until) || e.until.Sub(now) > 2*Validity { // or the clock was set back
			j.forget(key)
		}
	}
}

func (j *Journal) forgetOldest() {
	var oldest [sha256.Size]byte
	var until time.Time
	for key, e := range j.entries {
		if until.IsZero() || e.until.Before(until) {
			oldest, until = key, e.until
		}
	}
	j.forget(oldest)
}

func (j *Journal) forget(key [sha256.Size]byte) {
	if e := j.entries[key]; e != nil {
		j.size -= e.size
		delete(j.entries, key)
	}
}

// Replay hands out writes that were made, each once.
type Replay struct {
	// Count is how many were taken.
	Count       int
	left, taken []Written
	digest      []byte
}

// NewReplay returns a Replay of writes.
func NewReplay(writes []Written) *Replay { return &Replay{left: writes} }

// Take returns the answer of a write that was made, and will not be taken again.
func (r *Replay) Take(operation string, args []byte) (answer []byte, made bool) {
	digest := sha256.Sum256(args)
	at := slices.IndexFunc(r.left, func(w Written) bool { return w.Operation == operation && w.Arguments == digest })
	if at < 0 {
		return nil, false
	}
	w := r.left[at]
	r.left = slices.Delete(slices.Clone(r.left), at, at+1)
	r.Count++
	r.taken = append(r.taken, w)
	r.digest = hashOf(r.digest, []byte(operation), digest[:], w.Answer)
	return w.Answer, true
}

// Again returns a Replay of what was taken.
func (r *Replay) Again() *Replay { return NewReplay(r.taken) }

// Digest identifies what was taken; nil for nothing.
func (r *Replay) Digest() []byte { return r.digest }
