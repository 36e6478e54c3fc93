package docsource

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/tools"
)

// cachedCatalog is the JSON line of a cached catalog. The schemas, which are most
// of it, follow unchanged, so that a start does not parse them.
type cachedCatalog struct {
	Catalog tools.Catalog
	Sizes   []int // of Schema and Full of each tool
}

var errDamaged = errors.New("the cached catalog is damaged")

// encodeCatalog writes a checksum, the JSON line and the schemas.
func encodeCatalog(c *tools.Catalog) ([]byte, error) {
	out := cachedCatalog{Catalog: *c}
	out.Catalog.Tools = append([]tools.Tool(nil), c.Tools...)
	var schemas []byte
	for i := range out.Catalog.Tools {
		for _, s := range schemasOf(&out.Catalog.Tools[i]) {
			out.Sizes = append(out.Sizes, len(*s))
			schemas = append(schemas, *s...)
			*s = ""
		}
	}
	line, err := json.Marshal(out, json.OmitZeroStructFields(true))
	if err != nil {
		return nil, err
	}
	data := append(append(append(make([]byte, 4), line...), '\n'), schemas...)
	binary.BigEndian.PutUint32(data, crc32.ChecksumIEEE(data[4:]))
	return data, nil
}

func decodeCatalog(data []byte) (*tools.Catalog, error) {
	if len(data) < 4 || binary.BigEndian.Uint32(data) != crc32.ChecksumIEEE(data[4:]) {
		return nil, errDamaged
	}
	line, text, _ := bytes.Cut(data[4:], []byte("\n"))
	var in cachedCatalog
	if err := json.Unmarshal(line, &in); err != nil {
		return nil, err
	}
	schemas, n := string(text), 0
	for i := range in.Catalog.Tools {
		for _, s := range schemasOf(&in.Catalog.Tools[i]) {
			if n >= len(in.Sizes) || in.Sizes[n] < 0 || in.Sizes[n] > len(schemas) {
				return nil, errDamaged
			}
			*s, schemas = tools.Schema(schemas[:in.Sizes[n]]), schemas[in.Sizes[n]:]
			n++
		}
	}
	return &in.Catalog, nil
}

func schemasOf(t *tools.Tool) []*tools.Schema { return []*tools.Schema{&t.Schema, &t.Full} }
