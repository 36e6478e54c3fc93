package confirm

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// Validity is how long the user has for an answer.
	Validity = 10 * time.Minute

	// MinKey is the least length of a key in bytes.
	MinKey = 32

	// clockSkew is how far the clock of a replica may be ahead.
	clockSkew = time.Minute
)

// About is what an agreement is about: it holds for nothing else.
type About struct {
	// Caller, Instance and Tool say who agrees to use what, where.
	Caller, Instance, Tool string
	// Arguments and Text are the call's arguments and what the user was told.
	Arguments, Text string
	// Object is the state of the object that the call is about, "" for none.
	Object string
	// Core is the part of Text that must stay the same. Partial says that the rest,
	// names and counts that were looked up, is not all there, so that it need not.
	Core    string
	Partial bool
}

// Verdict is what a state is worth for a call.
type Verdict int

// The verdicts.
const (
	// Unknown is a state that is forged, cut, expired, used, of another caller,
	// instance, tool or process, or no state at all: the user has not been asked.
	Unknown Verdict = iota
	// Changed is a state for other arguments, or for an object that has changed.
	Changed
	// Agreed is a state for this call.
	Agreed
)

// Agreements makes the states of questions, and accepts each once. A state is
// authenticated with a key; processes with the same key accept each other's, each
// process once. It is safe for concurrent use.
type Agreements struct {
	key  []byte
	now  func() time.Time
	used *Once
}

type nonce = [16]byte

// NewAgreements returns Agreements with a key, nil for a random one.
func NewAgreements(key []byte) *Agreements { return NewAgreementsAt(key, time.Now) }

// NewAgreementsAt is NewAgreements with a clock of its own.
func NewAgreementsAt(key []byte, now func() time.Time) *Agreements {
	if key == nil {
		key = make([]byte, MinKey)
		_, _ = rand.Read(key) // it never fails
	}
	return &Agreements{key: key, now: now, used: NewOnce(now)}
}

// A state is 120 bytes in base64: a nonce, the time in nanoseconds, a hash of
// arguments, core and object, one of the text, which is zero if that is partial, and the MAC
// of all that and of caller, instance and tool.
const (
	timeAt    = len(nonce{})
	digestAt  = timeAt + 8
	textAt    = digestAt + sha256.Size
	macAt     = textAt + sha256.Size
	stateSize = macAt + sha256.Size
)

// Ask returns the question for a call. Invisible characters in its text are
// escaped: the user must see what is sent.
func (a *Agreements) Ask(about About) *Question {
	about.Text = text.EscapeInvisible(about.Text)
	state := make([]byte, timeAt, stateSize)
	_, _ = rand.Read(state) // it never fails
	state = binary.BigEndian.AppendUint64(state, uint64(a.now().UnixNano()))
	state = append(append(state, about.digest()...), about.told()...)
	state = append(state, a.mac(state, about)...)
	return &Question{Text: about.Text, State: base64.RawURLEncoding.EncodeToString(state)}
}

// Redeem tells what a state is worth for a call, and makes it worthless from now
// on, unless it is unknown.
func (a *Agreements) Redeem(encoded string, about About) Verdict {
	if len(encoded) != base64.RawURLEncoding.EncodedLen(stateSize) {
		return Unknown
	}
	state, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || !hmac.Equal(state[macAt:], a.mac(state[:macAt], about)) {
		return Unknown
	}
	if !a.used.Use(nonce(state[:timeAt]), time.Unix(0, int64(binary.BigEndian.Uint64(state[timeAt:digestAt])))) { //nolint:gosec // as it was written
		return Unknown
	}
	about.Text = text.EscapeInvisible(about.Text)
	told, partly := about.told(), make([]byte, sha256.Size)
	switch was := state[textAt:macAt]; {
	case !hmac.Equal(state[digestAt:textAt], about.digest()):
		return Changed
	case hmac.Equal(was, told), hmac.Equal(was, partly), about.Partial:
		return Agreed
	}
	return Changed
}

func (a *Agreements) mac(state []byte, about About) []byte {
	h := hmac.New(sha256.New, a.key)
	h.Write(hashOf("retool-mcp agreement", about.Caller, about.Instance, about.Tool))
	h.Write(state)
	return h.Sum(nil)
}

func (about About) digest() []byte { return hashOf(about.Arguments, about.Core, about.Object) }

func (about About) told() []byte {
	if about.Partial {
		return make([]byte, sha256.Size)
	}
	return hashOf(about.Text)
}

// hashOf is a hash that no other list of texts has.
func hashOf(parts ...string) []byte {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return h.Sum(nil)
}
