package result

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Join joins the results of calls that differ in the value of one argument.
type Join struct {
	arg    string
	o      Options
	parts  []string
	data   []string
	whole  Result
	tokens int
}

// NewJoin begins a Join for an argument.
func NewJoin(arg string, o Options) *Join { return &Join{arg: arg, o: o} }

// Left is how many tokens the next result may take, 0 for any number.
func (j *Join) Left() int {
	if j.o.MaxTokens == 0 {
		return 0
	}
	return max(j.o.MaxTokens-j.tokens, j.o.MaxTokens/10)
}

// Full tells whether a result would make the whole too large.
func (j *Join) Full(next Result) bool {
	return j.o.MaxTokens > 0 && j.tokens+Tokens(next.Text)+Tokens(next.Data) > j.o.MaxTokens
}

// Add adds the result for a value.
func (j *Join) Add(label string, value jsontext.Value, r Result) {
	j.whole.Incomplete = j.whole.Incomplete || r.Incomplete
	text := r.Text
	if len(j.parts) > 0 { // once is enough
		text = strings.Replace(text, "# "+untrusted+"\n", "", 1)
		text = strings.TrimSuffix(strings.TrimSuffix(text, untrusted), "\n\n")
	}
	part := label + ": " + text
	if table, ok := strings.CutPrefix(text, "# "); ok {
		part = "# " + label + ": " + table
	}
	if text != "" {
		j.parts = append(j.parts, part)
		j.tokens += Tokens(part) + 1
	}
	if r.Data != "" {
		data := fmt.Sprintf(`{%q:%s,"result":%s}`, j.arg, value, strings.TrimSuffix(r.Data, "\n"))
		j.data = append(j.data, data)
		j.tokens += Tokens(data)
	}
}

// Result is all results, with a note at the end. Those that failed are among them.
func (j *Join) Result(note string) Result {
	if note != "" {
		j.parts = append(j.parts, note)
		j.whole.Incomplete = true
	}
	j.whole.Text = strings.Join(j.parts, "\n\n")
	if j.o.JSON && len(j.data) > 0 {
		j.whole.Text = strings.Join(j.parts, "\n")
		j.whole.Data = "[" + strings.Join(j.data, ",") + "]"
	}
	return j.whole
}
