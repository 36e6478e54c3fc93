package model

import (
	"iter"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Item is a pointer to what a table holds. Its key must not change while it is
// in the table.
type Item[E any] interface {
	*E
	Key() string
}

// Table keeps items in the order in which they were added, each with a number
// that only grows, so that a page can continue after the last one whatever was
// added or removed in between. Its zero value is empty.
type Table[E any, T Item[E]] struct {
	rows    []row[E, T]
	numbers map[string]uint64 // by key
	shared  bool              // numbers belongs to another table, too
	last    uint64
}

type row[E any, T Item[E]] struct {
	Number uint64 `json:"n"`
	Item   T      `json:"item"`
}

// detach gives the table items of its own after the struct around it was copied.
// What the items refer to stays shared.
func (t *Table[E, T]) detach() {
	items, rows := make([]E, len(t.rows)), make([]row[E, T], len(t.rows))
	for i, r := range t.rows {
		items[i] = *r.Item
		rows[i] = row[E, T]{r.Number, &items[i]}
	}
	t.rows, t.shared = rows, true
}

// own makes numbers ready for a change.
func (t *Table[E, T]) own() {
	if t.shared || t.numbers == nil {
		t.numbers, t.shared = maps.Clone(t.numbers), false
	}
	if t.numbers == nil {
		t.numbers = map[string]uint64{}
	}
}

// Len returns the number of items.
func (t *Table[E, T]) Len() int { return len(t.rows) }

// Get returns the item with a key.
func (t *Table[E, T]) Get(key string) (item T, ok bool) {
	number, ok := t.numbers[key]
	if !ok {
		return nil, false
	}
	return t.rows[t.index(number)].Item, true
}

// Has reports whether there is an item with a key.
func (t *Table[E, T]) Has(key string) bool {
	_, ok := t.numbers[key]
	return ok
}

// Put adds an item at the end, or replaces the one with its key.
func (t *Table[E, T]) Put(item T) {
	key := item.Key()
	if number, ok := t.numbers[key]; ok {
		t.rows[t.index(number)].Item = item
		return
	}
	t.own()
	t.last++
	t.numbers[key] = t.last
	t.rows = append(t.rows, row[E, T]{t.last, item})
}

// Delete removes an item and reports whether it was there.
func (t *Table[E, T]) Delete(key string) bool {
	number, ok := t.numbers[key]
	if ok {
		at := t.index(number)
		t.own()
		delete(t.numbers, key)
		t.rows = slices.Delete(t.rows, at, at+1)
	}
	return ok
}

// DeleteFunc removes the items for which gone returns true.
func (t *Table[E, T]) DeleteFunc(gone func(T) bool) {
	t.own()
	t.rows = slices.DeleteFunc(t.rows, func(r row[E, T]) bool {
		out := gone(r.Item)
		if out {
			delete(t.numbers, r.Item.Key())
		}
		return out
	})
}

// All iterates over the items in order. The table must not change meanwhile.
func (t *Table[E, T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, r := range t.rows {
			if !yield(r.Item) {
				return
			}
		}
	}
}

// Numbered is All with the number of each item.
func (t *Table[E, T]) Numbered() iter.Seq2[uint64, T] {
	return func(yield func(uint64, T) bool) {
		for _, r := range t.rows {
			if !yield(r.Number, r.Item) {
				return
			}
		}
	}
}

// Find returns the first item for which fits returns true.
func (t *Table[E, T]) Find(fits func(T) bool) (item T, ok bool) {
	for _, r := range t.rows {
		if fits(r.Item) {
			return r.Item, true
		}
	}
	return nil, false
}

// Any reports whether fits returns true for an item.
func (t *Table[E, T]) Any(fits func(T) bool) bool {
	_, ok := t.Find(fits)
	return ok
}

// index returns the index of the row with a number, which exists.
func (t *Table[E, T]) index(number uint64) int {
	at, _ := slices.BinarySearchFunc(t.rows, number, func(r row[E, T], n uint64) int {
		return int(int64(r.Number) - int64(n)) //nolint:gosec // numbers count items
	})
	return at
}

type tableState[E any, T Item[E]] struct {
	Last uint64      `json:"last"`
	Rows []row[E, T] `json:"rows"`
}

// MarshalJSONTo writes the table with its numbers.
func (t *Table[E, T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	return json.MarshalEncode(enc, tableState[E, T]{t.last, t.rows})
}

// UnmarshalJSONFrom reads what MarshalJSONTo wrote.
func (t *Table[E, T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var state tableState[E, T]
	if err := json.UnmarshalDecode(dec, &state); err != nil {
		return err
	}
	*t = Table[E, T]{rows: state.Rows, numbers: make(map[string]uint64, len(state.Rows)), last: state.Last}
	for _, r := range t.rows {
		t.numbers[r.Item.Key()] = r.Number
	}
	return nil
}
