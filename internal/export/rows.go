package export

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
)

const (
	maxColumns = 1_000
	maxLevels  = 10
)

var (
	errNoRows   = errors.New("rows are an array")
	errTooLarge = fmt.Errorf("the file would be larger than %d MB", MaxBytes>>20)
)

func parse(rows []byte) ([]jsonvalue.Value, error) {
	v, err := jsonvalue.Parse(rows)
	if err == nil && v.Kind != jsonvalue.List {
		err = errNoRows
	}
	return v.Parts, err
}

// asJSON writes an array with a row a line.
func asJSON(rows []byte) (data []byte, n int, err error) {
	items, err := parse(rows)
	if err != nil {
		return nil, 0, err
	}
	var out []byte
	for i := range items {
		out = append(out, ",\n"...)
		if out = items[i].AppendJSON(out); len(out) > MaxBytes {
			return nil, 0, errTooLarge
		}
	}
	if len(items) > 0 {
		out[0] = '['
		out[1] = '\n'
	} else {
		out = []byte("[")
	}
	return append(out, "\n]\n"...), len(items), nil
}

// asCSV writes a line of column names and a line a row, as RFC 4180 has them. Columns are
// the dotted paths of what the rows hold, names with a dot in quotes; a list of plain values is joined by "; ", any
// other is JSON. Rows that are no objects have one column, value.
//
// Programs for tables run a cell that begins with =, +, - or @ as a formula, and what
// people can name should not run: such texts, but for numbers, have a ' before them. JSON
// has every text as it is.
func asCSV(rows []byte) (data []byte, n int, err error) {
	items, err := parse(rows)
	if err != nil {
		return nil, 0, err
	}
	var columns []string
	places := map[string]int{}
	lines := make([]map[int]string, len(items))
	for i := range items {
		lines[i] = map[int]string{}
		var failed error
		flatten(&items[i], "", 0, func(path, cell string) {
			at, known := places[path]
			if !known {
				at = len(columns)
				if at == maxColumns {
					failed = fmt.Errorf("rows with more than %d different fields are no table: save them as .json", maxColumns)
					return
				}
				places[path], columns = at, append(columns, path)
			}
			lines[i][at] = cell
		})
		if failed != nil {
			return nil, 0, failed
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	write := func(cells []string) error {
		err := w.Write(cells)
		w.Flush()
		if err == nil && out.Len() > MaxBytes {
			err = errTooLarge
		}
		return err
	}
	head := make([]string, len(columns))
	for i, name := range columns {
		head[i] = harmless(name)
	}
	if len(columns) > 0 {
		err = write(head)
	}
	for i := 0; i < len(lines) && err == nil; i++ {
		cells := make([]string, len(columns))
		for at, cell := range lines[i] {
			cells[at] = cell
		}
		err = write(cells)
	}
	return out.Bytes(), len(items), err
}

// flatten calls cell for each cell of a row.
func flatten(v *jsonvalue.Value, path string, level int, cell func(path, text string)) {
	if path == "" && level == 0 && v.Kind != jsonvalue.Object {
		path = "value"
	}
	switch {
	case v.Kind == jsonvalue.Object && len(v.Parts) > 0 && level < maxLevels:
		for i, name := range v.Names {
			if strings.Contains(name, ".") {
				name = strconv.Quote(name)
			}
			flatten(&v.Parts[i], strings.TrimPrefix(path+"."+name, "."), level+1, cell)
		}
	case v.Kind == jsonvalue.Null, v.Kind == jsonvalue.Object && len(v.Parts) == 0:
		cell(path, "")
	case v.Kind == jsonvalue.Text:
		cell(path, harmless(v.Text))
	case v.Kind == jsonvalue.List && !slices.ContainsFunc(v.Parts, func(part jsonvalue.Value) bool { return !part.Scalar() }):
		values := make([]string, len(v.Parts))
		for i := range v.Parts {
			values[i] = v.Parts[i].Text
		}
		cell(path, harmless(strings.Join(values, "; ")))
	default:
		cell(path, v.JSON())
	}
}

// harmless keeps a program for tables from running a text.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
