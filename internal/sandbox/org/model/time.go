package model

import "time"

// Time is a moment as the API writes it, "2025-11-06T17:00:11.431Z". It counts
// milliseconds since 1970.
type Time int64

const timeLayout = "2006-01-02T15:04:05.000Z"

// At is the moment of t.
func At(t time.Time) Time { return Time(t.UnixMilli()) }

// Std is the moment as the standard library has it, in UTC.
func (t Time) Std() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add is the moment d later.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// String is the moment as the API writes it.
func (t Time) String() string { return t.Std().Format(timeLayout) }

// MarshalText writes the moment as the API does.
func (t Time) MarshalText() ([]byte, error) { return t.Std().AppendFormat(nil, timeLayout), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Time) UnmarshalText(text []byte) error {
	at, err := time.Parse(timeLayout, string(text))
	*t = At(at)
	return err
}
