package export

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	maxRow     = 1 << 20 // bytes of JSON; parsed it takes fifty times that
	maxColumns = 1_000
	maxLevels  = 10
)

var (
	errNoRows   = errors.New("rows are an array")
	errTooLarge = fmt.Errorf("the file would be larger than %d MB", MaxBytes>>20)
	errTooMuch  = fmt.Errorf("the files of one script would be larger than %d MB together", MaxRun>>20)
)

// each calls row for every item of a JSON array, and returns how many there are.
func each(rows []byte, row func(raw []byte) error) (n int, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(rows), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != jsonvalue.List {
		return 0, errNoRows
	}
	_, _ = dec.ReadToken()
	for ; dec.PeekKind() != ']'; n++ {
		raw, err := dec.ReadValue()
		if err == nil {
			err = row(raw)
		}
		if err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, err)
		}
	}
	_, err = dec.ReadToken()
	return n, err
}

// limited refuses to write more than a file, and all files of a script, may have.
type limited struct {
	io.Writer
	left int
	of   *atomic.Int64
	took int64 // of that
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errTooLarge
	}
	if l.of != nil {
		l.took += int64(len(p))
		if l.of.Add(-int64(len(p))) < 0 {
			return 0, errTooMuch
		}
	}
	return l.Writer.Write(p)
}

// giveBack is called when the file was removed.
func (l *limited) giveBack() {
	if l.of != nil {
		l.of.Add(l.took)
	}
}

// writeJSON writes an array with a row a line.
func writeJSON(to io.Writer, rows []byte) (n int, err error) {
	out := bufio.NewWriter(to)
	before := "["
	n, err = each(rows, func(raw []byte) error {
		_, err := out.WriteString(before + "\n")
		before = ","
		if err == nil {
			_, err = out.Write(raw)
		}
		return err
	})
	if err == nil && n == 0 {
		_, err = out.WriteString(before)
	}
	if err == nil {
		_, err = out.WriteString("\n]\n")
	}
	return n, errors.Join(err, out.Flush())
}

// writeCSV writes a line of column names and a line a row, quoted as in RFC 4180, and
// where other separators than commas are. Columns are the dotted paths of what the rows
// hold, names with a dot in quotes; a list of plain values is joined by "; ", any other
// is JSON. Rows that are no objects have one column, value. JSON has every text as it
// is, CSV has it as harmless returns it.
func writeCSV(to io.Writer, rows []byte) (n int, err error) {
	columns := []string{}
	places := map[string]int{}
	_, err = each(rows, func(raw []byte) error {
		return cells(raw, func(path, _ string) error {
			if _, known := places[path]; known {
				return nil
			}
			if len(columns) == maxColumns {
				return fmt.Errorf("more than %d different fields are no table: save them as .json", maxColumns)
			}
			places[path] = len(columns)
			columns = append(columns, harmless(path))
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(to)
	if len(columns) > 0 {
		err = writeLine(out, columns)
	}
	line := make([]string, len(columns))
	if err == nil {
		n, err = each(rows, func(raw []byte) error {
			clear(line)
			err := cells(raw, func(path, content string) error {
				line[places[path]] = content
				return nil
			})
			return errors.Join(err, writeLine(out, line))
		})
	}
	return n, errors.Join(err, out.Flush())
}

// writeLine writes a line, which is never blank: that would be no row.
func writeLine(out *bufio.Writer, cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = out.WriteByte(',') // the last error tells
		}
		if strings.ContainsAny(cell, `,"`+separators) || strings.TrimSpace(cell) != cell || cell == `\.` || cell == "" && len(cells) == 1 {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		_, _ = out.WriteString(cell)
	}
	return out.WriteByte('\n')
}

// cells calls cell for each cell of a row.
func cells(raw []byte, cell func(path, content string) error) error {
	if len(raw) > maxRow {
		return fmt.Errorf("it is larger than %d MB: save it as .json", maxRow>>20)
	}
	v, err := jsonvalue.Parse(raw)
	if err != nil {
		return err
	}
	path := ""
	if v.Kind != jsonvalue.Object {
		path = "value"
	}
	return flatten(&v, path, 0, cell)
}

func flatten(v *jsonvalue.Value, path string, level int, cell func(path, content string) error) error {
	switch {
	case v.Kind == jsonvalue.Object && level < maxLevels:
		for i, name := range v.Names {
			if strings.Contains(name, ".") {
				name = strconv.Quote(name)
			}
			if path != "" {
				name = path + "." + name
			}
			if err := flatten(&v.Parts[i], name, level+1, cell); err != nil {
				return err
			}
		}
		return nil
	case v.Kind == jsonvalue.Null:
		return cell(path, "")
	case v.Kind == jsonvalue.Text:
		return cell(path, harmless(v.Text))
	case v.Kind == jsonvalue.List && !slices.ContainsFunc(v.Parts, func(part jsonvalue.Value) bool { return !part.Scalar() }):
		values := make([]string, len(v.Parts))
		for i := range v.Parts {
			values[i] = v.Parts[i].Text
		}
		return cell(path, harmless(strings.Join(values, "; ")))
	default:
		return cell(path, harmless(v.JSON()))
	}
}

const (
	// separators are where programs for tables may end a cell, if they do not split at
	// commas: then quotes in the middle of a line do not keep a cell together.
	separators = ";|\t\r\n"
	formulas   = "=+-@＝＋－＠"
)

// harmless keeps a program for tables from running a text. It runs a cell that begins
// with =, +, - or @ as a formula, and names that people chose must not run: such cells,
// but for numbers, get a ' before them, also behind what is not seen or left out, and
// behind what can separate cells.
func harmless(s string) string {
	if !strings.ContainsAny(s, formulas) {
		return s
	}
	var b strings.Builder
	for s != "" {
		end := strings.IndexAny(s, separators) + 1
		if end == 0 {
			end = len(s)
		}
		if runs(s[:end]) {
			b.WriteByte('\'')
		}
		b.WriteString(s[:end])
		s = s[end:]
	}
	return b.String()
}

// runs tells whether a cell is a formula.
func runs(cell string) bool {
	seen := strings.TrimLeftFunc(cell, func(c rune) bool { return c == '"' || unicode.IsSpace(c) || text.Invisible(c) })
	first, _ := utf8.DecodeRuneInString(seen)
	isNumber := first == '-' && jsontext.Value(strings.TrimRight(cell, separators)).IsValid()
	return strings.ContainsRune(formulas, first) && !isNumber
}
