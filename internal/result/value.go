package result

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Listed is what is known of a list besides its items, where the data is the items.
type Listed struct {
	JSON         []byte // the array, in place of Result.Data
	Items, Total int    // here, and in all; 0 if nobody knows
	Next         string // the token with which it goes on, "" at its end
}

// Each is the value of an argument that stands in each item of a list as data, where
// lists for several values are joined.
type Each struct{ Name, Value string }

// Drain writes the items so far as JSON, forgets them, and returns how many bytes
// all items written take.
func (l *List) Drain() int {
	for i := range l.items {
		separator := byte(',')
		if len(l.written) == 0 {
			separator = '['
		}
		l.written = append(l.written, separator)
		item := l.items[i]
		if each := l.o.Each; each.Name != "" && item.Kind == jsonvalue.Object && item.Member(each.Name) == nil {
			item.Names = append([]string{each.Name}, item.Names...)
			item.Parts = append([]jsonvalue.Value{{Kind: jsonvalue.Raw, Text: each.Value}}, item.Parts...)
		}
		l.written = item.AppendJSON(l.written)
	}
	l.drained += len(l.items)
	l.items, l.at = nil, nil
	return len(l.written)
}

// value renders the list as data: the array of its items.
func (l *List) value(end ListEnd) Result {
	l.Drain()
	r := renderer{List: l, end: end}
	listed := Listed{Items: l.drained, Total: l.Total()}
	if listed.Total < l.drained || l.o.Where != nil { // the API does not count these
		listed.Total = l.drained
		if end.Next != nil || end.Unreachable {
			listed.Total = 0
		}
	}
	notes := r.notes()
	switch {
	case end.Next != nil:
		listed.Next = end.Next.String() // scripts note lists that they do not read on
	case end.Unreachable:
		notes = append(notes, l.call.Tool.Name+": has_more is true"+nextMissing)
	}
	if len(l.written) == 0 {
		l.written = []byte("[")
	}
	l.written = append(l.written, ']')
	listed.JSON = l.written
	if strings.Contains(l.first.path, ".") { // {"data": {"deployments": […]}}
		whole := l.first
		whole.whole.Put(whole.path, jsonvalue.Value{Kind: jsonvalue.Raw, Text: jsonvalue.Shared(listed.JSON)})
		return Result{Data: whole.opened(l.call.Tool).JSON(), Text: strings.Join(notes, "\n"), Incomplete: end.Unreachable}
	}
	return Result{Data: "[]", Text: strings.Join(notes, "\n"), List: &listed, Incomplete: end.Next != nil || end.Unreachable}
}

// opened is the data of an answer without {"success": true, "data": …} around it, but
// with the token of the next page.
func (a *answer) opened(t *tools.Tool) *jsonvalue.Value {
	data := a.whole.Member("data")
	if data == nil || t.Answer.Path == "" && len(a.whole.Parts) > 1 {
		return &a.whole
	}
	if a.more && a.token != "" && data.Kind == jsonvalue.Object && data.Member("next_token") == nil {
		paged := *data
		paged.Names = append(slices.Clone(data.Names), "next_token")
		paged.Parts = append(slices.Clone(data.Parts), jsonvalue.Value{Kind: jsonvalue.Text, Text: a.token})
		return &paged
	}
	return data
}

// TooLarge ends a call whose answer is more than so many bytes of data.
func TooLarge(t *tools.Tool, most int) Result {
	says := "Ask for less."
	if t.Answer.List {
		says = "Ask for fewer fields or items: fields, where, limit."
	}
	return Result{IsError: true, Kind: BadResponse, Text: fmt.Sprintf("%s answers with more than %d MiB, which is more than a script takes at once. %s", t.Name, most>>20, says)}
}

// ShownIn returns what an answer as data shows although it is a secret: that is what
// the tool is for.
func ShownIn(t *tools.Tool, data []byte) (shown []string) {
	if len(t.Shown) == 0 {
		return nil
	}
	v, err := jsonvalue.Parse(data)
	if err != nil {
		return nil
	}
	for _, path := range t.Shown {
		shown = append(shown, textsOf(&v, path[strings.LastIndexByte(path, '.')+1:])...)
	}
	return shown
}

// textsOf are the texts of all members of a name; shorter ones could be any word.
func textsOf(v *jsonvalue.Value, name string) (texts []string) {
	const least = 16
	for i := range v.Parts {
		part := &v.Parts[i]
		if v.Kind == jsonvalue.Object && part.Kind == jsonvalue.Text && v.Names[i] == name && len(part.Text) >= least {
			texts = append(texts, part.Text)
		}
		texts = append(texts, textsOf(part, name)...)
	}
	return texts
}
