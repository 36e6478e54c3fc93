package tools

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A snapshot is a catalogue as bytes that load in about a millisecond: an index
// in JSON, then the schemas one after the other, which nobody parses before a
// tool's first call.
//
//	length of the index (8 bytes, big endian) | index | schemas

type snapshotIndex struct {
	Catalogue
	Tools []snapshotTool `json:"tools"`
}

type snapshotTool struct {
	Tool
	// Schema and Full are the lengths of the tool's schemas.
	Schema int `json:"schema"`
	Full   int `json:"full"`
}

// MarshalBinary writes a snapshot.
func (c *Catalogue) MarshalBinary() ([]byte, error) {
	index := snapshotIndex{Catalogue: *c, Tools: make([]snapshotTool, len(c.Tools))}
	var schemas []byte
	for i, t := range c.Tools {
		index.Tools[i] = snapshotTool{Tool: t, Schema: len(t.Schema), Full: len(t.Full)}
		schemas = append(append(schemas, t.Schema...), t.Full...)
	}
	encoded, err := json.Marshal(index)
	if err != nil {
		return nil, fmt.Errorf("encode the index: %w", err)
	}
	out := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(encoded)+len(schemas)), uint64(len(encoded)))
	return append(append(out, encoded...), schemas...), nil
}

var errSnapshot = errors.New("the snapshot is damaged")

// UnmarshalBinary reads a snapshot. The catalogue keeps using data.
func (c *Catalogue) UnmarshalBinary(data []byte) error {
	if len(data) < 8 || uint64(len(data)-8) < binary.BigEndian.Uint64(data) {
		return errSnapshot
	}
	size := int(binary.BigEndian.Uint64(data)) //nolint:gosec // bounded by len(data) above
	var index snapshotIndex
	if err := json.Unmarshal(data[8:8+size], &index); err != nil {
		return fmt.Errorf("%w: %w", errSnapshot, err)
	}
	schemas := data[8+size:]
	next := func(n int) jsontext.Value {
		if n < 0 || n > len(schemas) {
			schemas = nil
			return nil
		}
		part := schemas[:n:n]
		schemas = schemas[n:]
		return jsontext.Value(part)
	}
	*c = index.Catalogue
	c.Tools = make([]Tool, len(index.Tools))
	for i, t := range index.Tools {
		c.Tools[i] = t.Tool
		c.Tools[i].Schema, c.Tools[i].Full = next(t.Schema), next(t.Full)
		if len(c.Tools[i].Full) != t.Full {
			return errSnapshot
		}
	}
	return nil
}
