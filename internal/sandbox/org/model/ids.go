package model

import (
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// NewSeed returns 16 bytes that no other id of this organization has.
func (o *Org) NewSeed() (id [16]byte) {
	o.Issued++
	source := rand.NewPCG(o.Seed, o.Issued)
	for half := range 2 {
		bits := source.Uint64()
		for i := range 8 {
			id[half*8+i] = byte(bits >> (8 * i)) //nolint:gosec // the lowest eight bits
		}
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, RFC 9562
	return id
}

// UUID returns a new id of an app, workflow, resource or the like.
func (o *Org) UUID() string {
	b := o.NewSeed()
	text := make([]byte, 0, 36)
	for _, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10]} {
		text = append(hex.AppendEncode(text, part), '-')
	}
	return string(hex.AppendEncode(text, b[10:]))
}

// UserID returns a new id of a user, "user_" and 32 hex digits.
func (o *Org) UserID() string { return "user_" + o.hex() }

// OrgID returns a new id of an organization, "org_" and 32 hex digits.
func (o *Org) OrgID() string { return "org_" + o.hex() }

// TokenSecret returns a new access token, "retool_" and 32 hex digits.
func (o *Org) TokenSecret() string { return "retool_" + o.hex() }

// CommitSHA returns a new id of a commit, 40 hex digits.
func (o *Org) CommitSHA() string {
	more := o.NewSeed()
	return o.hex() + hex.EncodeToString(more[:4])
}

func (o *Org) hex() string {
	b := o.NewSeed()
	return hex.EncodeToString(b[:])
}

// Time is a time in milliseconds since 1970. The API writes it as
// "2025-11-06T17:00:11.431Z".
type Time int64

const timeLayout = "2006-01-02T15:04:05.000Z"

// At returns the Time of t.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Std returns a time.Time in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add returns the time d later.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// String returns the time as the API writes it.
func (t Time) String() string { return t.Std().Format(timeLayout) }

// MarshalText writes the time as the API does.
func (t Time) MarshalText() ([]byte, error) { return t.Std().AppendFormat(nil, timeLayout), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Time) UnmarshalText(text []byte) error {
	at, err := time.Parse(timeLayout, string(text))
	*t = At(at)
	return err
}
