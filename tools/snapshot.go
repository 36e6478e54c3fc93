package tools

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// A snapshot is a catalog as bytes that load in a fraction of a millisecond:
// every value in a fixed order, texts and lists behind their length. Decoding
// JSON took ten times as long, and this is on the way to the first answer.
//
// One description of the order, below, both writes and reads, so that the two
// cannot drift apart. A snapshot is read only by the build that wrote it.

var errSnapshot = errors.New("the snapshot is damaged")

// snapshot writes values to data, or reads them from it.
type snapshot struct {
	writing bool
	data    []byte
	text    string // data once more, for texts to be cut from without copying
	at      int
	damaged bool
}

// MarshalBinary writes a snapshot.
func (c *Catalog) MarshalBinary() ([]byte, error) {
	s := &snapshot{writing: true}
	s.catalog(c)
	return s.data, nil
}

// UnmarshalBinary reads a snapshot. The catalog keeps using data, which must not
// change: its texts are parts of it, so that a start copies nothing.
func (c *Catalog) UnmarshalBinary(data []byte) error {
	s := &snapshot{data: data, text: unsafe.String(unsafe.SliceData(data), len(data))} //nolint:gosec // see above
	*c = Catalog{}
	s.catalog(c)
	if s.damaged || s.at != len(data) {
		return errSnapshot
	}
	return nil
}

func (s *snapshot) catalog(c *Catalog) {
	s.str(&c.API)
	s.str(&c.Version)
	s.str(&c.Server)
	list(s, &c.ToolsetOrder, s.str)
	list(s, &c.Tools, s.tool)
	list(s, &c.Problems, func(p *Problem) {
		s.str(&p.Operation)
		s.str(&p.Reason)
	})
	list(s, &c.Unavailable, func(a *Unavailable) {
		s.str(&a.Name)
		s.str(&a.Operation)
		s.str(&a.Since)
		s.str(&a.Broken)
	})
}

func (s *snapshot) tool(t *Tool) {
	for _, text := range []*string{
		&t.Name, &t.Title, &t.Description, &t.Toolset, &t.Method, &t.Path, &t.Plan, &t.BodyType,
		&t.Details, &t.Since, &t.IDs, &t.OneTimeSecret, &t.Answer.Path,
	} {
		s.str(text)
	}
	s.flags(&t.Hints.ReadOnly, &t.Hints.Destructive, &t.Hints.Idempotent, &t.Hints.OpenWorld, &t.Deprecated, &t.Core, &t.Irreversible)
	s.str((*string)(&t.Schema))
	s.str((*string)(&t.Full))
	list(s, (*[]string)(&t.Scopes), s.str)
	list(s, &t.Answer.Fields, s.str)
	list(s, &t.Args, s.arg)
	list(s, &t.Secrets, func(p *SecretPath) {
		s.str(&p.Path)
		s.str(&p.Flag)
	})
	list(s, &t.Untrusted, s.str)
	paged := t.Paging != nil
	s.flags(&paged, &t.Answer.List)
	if paged {
		if !s.writing {
			t.Paging = &Paging{}
		}
		s.flags(&t.Paging.Limit)
		s.number(&t.Paging.Max)
	}
}

func (s *snapshot) arg(a *Arg) {
	for _, text := range []*string{&a.Name, &a.WireName, (*string)(&a.In), &a.Style, &a.ListTool} {
		s.str(text)
	}
	s.flags(&a.Required, &a.Explode, &a.Reserved, &a.JSON, &a.Multiple)
}

func (s *snapshot) number(n *int) {
	if s.writing {
		s.data = binary.AppendVarint(s.data, int64(*n))
		return
	}
	value, size := binary.Varint(s.data[s.at:])
	if size <= 0 {
		s.damaged = true
		return
	}
	*n, s.at = int(value), s.at+size
}

// span is the place of the next n bytes, which a length in front of them gives.
func (s *snapshot) span() (from, to int) {
	n := 0
	s.number(&n)
	if s.damaged || n < 0 || n > len(s.data)-s.at {
		s.damaged = true
		return s.at, s.at
	}
	from = s.at
	s.at += n
	return from, s.at
}

func (s *snapshot) str(text *string) {
	if s.writing {
		n := len(*text)
		s.number(&n)
		s.data = append(s.data, *text...)
		return
	}
	from, to := s.span()
	*text = s.text[from:to]
}

// flags keeps up to eight booleans in one byte.
func (s *snapshot) flags(flags ...*bool) {
	bits := 0
	for i, f := range flags {
		if *f {
			bits |= 1 << i
		}
	}
	s.number(&bits)
	for i, f := range flags {
		*f = bits&(1<<i) != 0
	}
}

func list[T any](s *snapshot, items *[]T, each func(*T)) {
	n := len(*items)
	s.number(&n)
	if !s.writing {
		if n < 0 || n > len(s.data)-s.at { // an item takes a byte at least
			s.damaged = true
		}
		if s.damaged || n == 0 {
			return
		}
		*items = make([]T, n)
	}
	for i := range *items {
		each(&(*items)[i])
	}
}
