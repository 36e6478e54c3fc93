package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Validity is how long a plan can be applied, and what is kept for its next one.
const Validity = 10 * time.Minute

// For is what a plan is for: it holds for nothing else.
type For struct{ Code, Args, Caller, Instance string }

// Key identifies it in memory.
func (f For) Key() [sha256.Size]byte {
	return [sha256.Size]byte(hashOf([]byte(f.Code), []byte(f.Args), []byte(f.Caller), []byte(f.Instance)))
}

// An id is 24 bytes in base64: when the plan was made, the clock of its script, both
// in milliseconds since 1970, and a MAC of those, of what the plan is for, its steps
// and the writes before it that need not be made again.
const (
	timeSize = 6
	macAt    = 2 * timeSize
	idSize   = macAt + 12
)

// NewID returns the id of a plan. Replayed is a digest of the writes that are not made
// again.
func NewID(key []byte, f For, steps []Step, replayed []byte, made, clock time.Time) string {
	id := make([]byte, 0, idSize)
	for _, t := range []time.Time{made, clock} {
		id = append(id, binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli()))[8-timeSize:]...)
	}
	of := f.Key()
	mac := hmac.New(sha256.New, key)
	mac.Write(hashOf([]byte("retool-mcp plan"), id, of[:], replayed))
	for i := range steps {
		mac.Write(steps[i].digest())
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(id)[:idSize])
}

// ReadID returns the times in an id; it reports false for what cannot be one.
func ReadID(id string) (made, clock time.Time, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || len(raw) != idSize {
		return made, clock, false
	}
	at := func(raw []byte) time.Time {
		return time.UnixMilli(int64(binary.BigEndian.Uint64(append(make([]byte, 8-timeSize), raw...)))) //nolint:gosec // six bytes
	}
	return at(raw[:timeSize]), at(raw[timeSize:macAt]), true
}

// digest is what has to stay the same of a step.
func (s *Step) digest() []byte {
	return hashOf([]byte(s.Operation), s.Arguments, []byte(s.Before), []byte(s.Reach))
}

// hashOf is a hash that no other list of texts has.
func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return h.Sum(nil)
}
