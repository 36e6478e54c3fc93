package model

import (
	"iter"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Keyed is what a table holds. The key must not change while it is in there.
type Keyed interface{ Key() string }

// Table keeps items in the order in which they came, each behind a number that
// only grows, so that a page can go on where the last one ended whatever has
// come or gone since. Its zero value is empty.
type Table[T Keyed] struct {
	rows  []row[T]
	place map[string]uint64 // numbers by key
	last  uint64
}

type row[T Keyed] struct {
	Number uint64 `json:"n"`
	Item   T      `json:"item"`
}

// Len is how many items there are.
func (t *Table[T]) Len() int { return len(t.rows) }

// Get finds an item.
func (t *Table[T]) Get(key string) (item T, ok bool) {
	number, ok := t.place[key]
	if !ok {
		return item, false
	}
	return t.rows[t.after(number-1)].Item, true
}

// Has tells whether there is an item of that key.
func (t *Table[T]) Has(key string) bool {
	_, ok := t.place[key]
	return ok
}

// Put adds an item at the end, or takes the place of the one with its key.
func (t *Table[T]) Put(item T) {
	key := item.Key()
	if number, ok := t.place[key]; ok {
		t.rows[t.after(number-1)].Item = item
		return
	}
	if t.place == nil {
		t.place = map[string]uint64{}
	}
	t.last++
	t.place[key] = t.last
	t.rows = append(t.rows, row[T]{t.last, item})
}

// Delete removes an item and tells whether it was there.
func (t *Table[T]) Delete(key string) bool {
	number, ok := t.place[key]
	if ok {
		delete(t.place, key)
		at := t.after(number - 1)
		t.rows = slices.Delete(t.rows, at, at+1)
	}
	return ok
}

// DeleteFunc removes the items that gone picks.
func (t *Table[T]) DeleteFunc(gone func(T) bool) {
	t.rows = slices.DeleteFunc(t.rows, func(r row[T]) bool {
		out := gone(r.Item)
		if out {
			delete(t.place, r.Item.Key())
		}
		return out
	})
}

// All goes through the items in order. The table must not change meanwhile.
func (t *Table[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range t.rows {
			if !yield(r.Item) {
				return
			}
		}
	}
}

// Numbered goes through the items in order, each with its number.
func (t *Table[T]) Numbered() iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		for _, r := range t.rows {
			if !yield(r.Number, r.Item) {
				return
			}
		}
	}
}

// Find is the first item that fits.
func (t *Table[T]) Find(fits func(T) bool) (item T, ok bool) {
	for _, r := range t.rows {
		if fits(r.Item) {
			return r.Item, true
		}
	}
	return item, false
}

// after is the place of the first row with a number above the given one.
func (t *Table[T]) after(number uint64) int {
	at, _ := slices.BinarySearchFunc(t.rows, number+1, func(r row[T], n uint64) int {
		return int(int64(r.Number) - int64(n)) //nolint:gosec // numbers count items
	})
	return at
}

type tableState[T Keyed] struct {
	Last uint64   `json:"last"`
	Rows []row[T] `json:"rows"`
}

// MarshalJSONTo writes the table with its numbers.
func (t *Table[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	return json.MarshalEncode(enc, tableState[T]{t.last, t.rows})
}

// UnmarshalJSONFrom reads what MarshalJSONTo wrote.
func (t *Table[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var state tableState[T]
	if err := json.UnmarshalDecode(dec, &state); err != nil {
		return err
	}
	*t = Table[T]{rows: state.Rows, place: make(map[string]uint64, len(state.Rows)), last: state.Last}
	for _, r := range t.rows {
		t.place[r.Item.Key()] = r.Number
	}
	return nil
}
