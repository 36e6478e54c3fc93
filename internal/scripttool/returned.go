package scripttool

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// value is what the script returned. It completes the other parts.
func (r *report) value() result.Result {
	r.saved()
	o, most := r.results(), r.Results.MaxTokens
	if len(r.out.Console) > 0 {
		r.tail = append(r.tail, strings.Join(append([]string{"Console:"}, r.some(each("> ", r.out.Console))...), "\n"))
	}
	if len(r.out.Notes) > 0 {
		r.tail = append(r.tail, strings.Join(r.some(each("", r.out.Notes)), "\n"))
	}
	if r.out.Took > 0 {
		calls := "1 call"
		if n := r.out.Reads + r.out.Writes; n != 1 {
			calls = fmt.Sprintf("%d calls", n)
		}
		r.tail = append(r.tail, fmt.Sprintf("%s, %.1f s", calls, r.out.Took.Seconds()))
	}
	if r.last != "" {
		r.tail = append(r.tail, r.last)
	}
	if most > 0 {
		o.MaxTokens = max(most-result.Tokens(strings.Join(append(r.head, r.tail...), "\n\n"))-leastValue/4, leastValue)
	}
	if returned := r.out.Form != "" && r.out.Form != wire.Nothing; returned || !r.failed && !r.optionalEnd {
		return result.ScriptValue(r.out.Value, o, r.rest())
	}
	return result.Result{}
}

// results are the settings for what the script returned or saved.
func (r *report) results() result.Options {
	o := r.Results
	o.Shown, o.Bare = r.out.Shown, r.WholePlans
	o.Indented = r.valueTitle != "" && !r.WholePlans
	return o
}

// rest is how to get what is cut of a value.
func (r *report) rest() string {
	if r.Export == nil {
		return "Return less; save(name, rows) writes files where the operator sets " + r.SettingNames.Export + "."
	}
	return "Return less, or write a file with save(name, rows)."
}

// saved tells of files, and shows the rows of those that there is no folder for.
func (r *report) saved() {
	var files, rows []string
	left := r.Results.MaxTokens / 2
	for _, f := range r.out.Saved {
		if f.Path != "" {
			files = append(files, fmt.Sprintf("Saved: %s, %s", f.Path, rowCount(f.Rows)))
			continue
		}
		if planned := r.out.Plan; r.Export != nil {
			says := "applying it does"
			if planned != nil && len(planned.Steps) == 0 {
				says = "nothing is to be applied here, and " + NameQuery + " writes them"
			}
			files = append(files, fmt.Sprintf("Not saved yet: %s, %s. A plan writes no files; %s.", text.Cite(f.Name), rowCount(f.Rows), says))
			continue
		}
		files = append(files, fmt.Sprintf("Not saved: %s, %s.", text.Cite(f.Name), rowCount(f.Rows)))
		o := r.results()
		o.JSON, o.MaxTokens = false, left
		if r.Results.MaxTokens > 0 && left < leastValue {
			continue
		}
		shown := result.ScriptValue(f.Content, o, "").Text
		left -= result.Tokens(shown)
		rows = append(rows, text.Cite(f.Name)+":\n"+shown)
	}
	if len(rows) > 0 {
		files = append(files, "Files are written where the operator sets "+r.SettingNames.Export+".")
	}
	if len(files) > 0 {
		r.tail = append(append(r.tail, strings.Join(r.some(files), "\n")), rows...)
	}
}

func rowCount(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// some are the lines that fit into a quarter of a result.
func (r *report) some(lines []string) []string {
	used := 0
	for i, line := range lines {
		if used += result.Tokens(line) + 1; r.Results.MaxTokens > 0 && used > r.Results.MaxTokens/4 {
			return append(lines[:i:i], fmt.Sprintf("%d more are left out.", len(lines)-i))
		}
	}
	return lines
}

// each are texts of others, with a mark before each.
func each(mark string, texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = mark + inLines(s)
	}
	return out
}

// view is how steps are shown.
func (s *Scripts) view(whole string) plan.View {
	most := mostPlan
	switch {
	case s.WholePlans:
		most = 0
	case s.Results.MaxTokens > 0:
		most = min(most, s.Results.MaxTokens/2)
	}
	return plan.View{Tokens: result.Tokens, Most: most, Whole: whole}
}

// whole writes all steps to a file, and says where they are.
func (s *Scripts) whole(name string, rows []row) string {
	if s.Export == nil {
		return "The whole is written to a file where the operator sets " + s.SettingNames.Export + "."
	}
	encoded, err := json.Marshal(rows)
	path := ""
	if err == nil {
		path, _, err = s.Export.Save(name+".csv", encoded)
	}
	if err != nil {
		return "The whole cannot be written: " + err.Error() + "."
	}
	return "The whole is in " + path + "."
}

// ofPlan are the steps of a plan.
func ofPlan(p *plan.Plan) []plan.Made {
	all := make([]plan.Made, len(p.Steps))
	for i, step := range p.Steps {
		all[i].Step = step
	}
	return all
}

// steps are rows of a file.
func steps(all []plan.Made, what string) []row {
	rows := make([]row, len(all))
	for i, m := range all {
		w := m.Words
		rows[i] = row{what, m.Operation, plan.Print(strings.Join(w.Objects, "; ")), plan.Print(strings.Join(w.Changes, "; ")), w.Undo, m.Destructive, m.Line, m.Failed}
	}
	return rows
}

// row is a step in a file.
type row struct {
	Is          string `json:"is"`
	Operation   string `json:"operation"`
	Objects     string `json:"objects"`
	Changes     string `json:"changes"`
	Undo        string `json:"undo"`
	Destructive bool   `json:"destructive"`
	Line        int    `json:"line"`
	Failed      string `json:"failed"`
}
