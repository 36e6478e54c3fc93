package scripttool

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

const (
	// mostPlan is how many tokens a plan may take of a result.
	mostPlan = 1_500
	// leastValue is how many the returned value has at least.
	leastValue = 200
)

// report is the text of a result while it is made: what comes before the value that
// the script returned, and what after it.
type report struct {
	*Scripts
	out         *script.Outcome
	how         how
	head, tail  []string
	last        string // the last line
	failed      bool
	valueTitle  string
	optionalEnd bool // nothing need be returned
}

// how are the words for what the reader of a report can do.
type how struct {
	apply   func(id string) string // a plan
	again   string                 // after a failure that may pass, to continue
	changed string                 // after one that would come again, beside what is to be changed
}

// byTool are those for a caller of run_script.
func byTool(run *tools.Tool) how {
	return how{
		apply: func(id string) string {
			return fmt.Sprintf(`%s {"apply":%s}`, run.Name, jsonvalue.AppendQuote(nil, id))
		},
		again:   "To continue, plan the same code again: " + run.Name + " with code. What this code has made in the last minutes is not made again.",
		changed: "Then plan it: " + run.Name + " with code. Only the same code does not repeat what was made: changed code must look for what is there first.",
	}
}

// queried is the result of a query.
func (s *Scripts) queried(out *script.Outcome) result.Result { return s.ofQuery(out).result() }

func (s *Scripts) ofQuery(out *script.Outcome) *report {
	r := &report{Scripts: s, out: out}
	r.failure()
	return r
}

// planned is the result of a plan.
func (s *Scripts) planned(out *script.Outcome, run *tools.Tool) result.Result {
	return s.ofPlan(out, byTool(run)).result()
}

func (s *Scripts) ofPlan(out *script.Outcome, how how) *report {
	r := &report{Scripts: s, out: out, how: how, valueTitle: "Returned:", optionalEnd: true}
	r.plan()
	return r
}

// applied is the result of an apply.
func (s *Scripts) applied(out *script.Outcome, id string, run *tools.Tool) result.Result {
	return s.ofApply(out, id, byTool(run)).result()
}

// ofApply tells of the apply of a plan with an id.
func (s *Scripts) ofApply(out *script.Outcome, id string, how how) *report {
	r := &report{Scripts: s, out: out, how: how, valueTitle: "Returned:", optionalEnd: true}
	switch {
	case out.Stopped != "" && out.Plan != nil && out.ID != id: // another plan
		r.failed = true
		r.head = append(r.head, strings.Join(append([]string{out.Stopped}, out.Changed...), "\n"))
		out.Stopped = ""
		r.plan()
		return r
	case out.Stopped != "" && out.Plan != nil: // not begun: the rest is of the plan
		begun := *out
		begun.Form, begun.Value, begun.Console, begun.Notes, begun.Saved = "", nil, nil, nil, nil
		r.out = &begun
	case len(out.Made)+len(out.NotMade) > 0:
		told := ""
		if out.Error != nil {
			told = out.Error.Message
		}
		says, complete := plan.Report(out.Made, out.NotMade, told, s.view(""))
		if !complete {
			says, _ = plan.Report(out.Made, out.NotMade, told, s.view(s.whole("applied", append(steps(out.Made, "made"), steps(out.NotMade, "not made")...))))
		}
		r.head = append(r.head, says)
	case out.Stopped == "" && out.Error == nil:
		r.head = append(r.head, "No writes.")
	}
	r.failure()
	var caught []string
	for _, c := range out.Caught {
		if !slices.ContainsFunc(out.NotMade, func(m plan.Made) bool { return m.Failed == c.Message }) { // it is told
			caught = append(caught, "Refused, and caught by the script: "+r.at(c.Message, c.Line))
		}
	}
	r.head = append(r.head, r.some(caught)...)
	if len(out.NotMade) > 0 || r.failed && len(out.Made) > 0 {
		r.failed = true
		r.last = r.next()
	}
	return r
}

// next says how to continue after a failure: the same code goes on only where the same
// does not come again.
func (r *report) next() string {
	failed := r.out.Error
	switch {
	case slices.ContainsFunc(r.out.NotMade, func(m plan.Made) bool { return m.Failed != "" && !m.Again }):
		return "The same code would be refused again: change what was refused. " + r.how.changed
	case failed == nil, slices.ContainsFunc(r.out.NotMade, func(m plan.Made) bool { return m.Again }):
		return r.how.again
	case failed.Operation != "" && script.Passes(failed.Status, failed.Message):
		return r.how.again
	}
	return "The same code would fail again: correct it. " + r.how.changed
}

// plan adds the plan, and at the end how it is applied.
func (r *report) plan() {
	planned := r.out.Plan
	if planned == nil || r.out.Error != nil && len(planned.Steps) == 0 && planned.Ended == "" {
		r.failure()
		return
	}
	if r.out.Replayed > 0 {
		r.head = append(r.head, fmt.Sprintf("Made before by this code, and not again: %d.", r.out.Replayed))
	}
	says, complete := planned.Text(r.view(""))
	if !complete {
		says, _ = planned.Text(r.view(r.whole("plan", steps(ofPlan(planned), "planned"))))
	}
	r.head = append(r.head, says)
	if failed := r.out.Error; failed != nil {
		r.head = append(r.head, "THIS PLAN IS INCOMPLETE. Then the script failed: "+r.at(failed.Message, failed.Line)+
			"\nCorrect the script and plan it again, unless these writes alone are wanted.")
	}
	if r.out.Stopped != "" {
		r.failure()
	}
	if len(planned.Steps) > 0 && r.out.ID != "" && r.out.Stopped == "" {
		r.last = "To apply this plan, within ten minutes: " + r.how.apply(r.out.ID)
	}
}

// failure adds why the script failed.
func (r *report) failure() {
	switch {
	case r.out.Stopped != "":
		says := stopped(r.out.Stopped)
		if r.out.TimedOut {
			says += " Make calls at once with Promise.all, and fewer: lists, with filters. The operator can set " + r.SettingNames.Timeout + "."
		}
		r.head, r.failed = append(r.head, says), true
	case r.out.Error != nil:
		r.head, r.failed = append(r.head, "The script failed: "+r.at(r.out.Error.Message, r.out.Error.Line)), true
	}
}

// stopped is why a script was stopped, as a sentence.
func stopped(why string) string {
	if first, _ := utf8.DecodeRuneInString(why); !unicode.IsLower(first) {
		return why
	}
	return "Stopped: " + strings.TrimSuffix(why, ".") + "."
}

// at is a text with the line of the script that it is about.
func (r *report) at(message string, line int) string {
	if most := r.Results.MaxTokens; most > 0 {
		message = text.Clip(message, most)
	}
	message = inLines(message)
	if line == 0 {
		return message
	}
	return fmt.Sprintf("%s (line %d)", strings.TrimSuffix(message, "."), line)
}

// inLines is a text of others in lines, of which none but the first begins at the margin.
func inLines(s string) string {
	all := strings.Split(s, "\n")
	for i, line := range all {
		all[i] = text.EscapeInvisible(line)
	}
	return strings.Join(all, "\n  ")
}

// result puts the parts together.
func (r *report) result() result.Result {
	value := r.value()
	parts := r.head
	if value.Text != "" {
		if separator := " "; r.valueTitle != "" {
			if r.out.Form == wire.JSON && strings.HasPrefix(value.Text, "# ") { // a table
				separator = "\n"
			}
			value.Text = r.valueTitle + separator + value.Text
		}
		parts = append(parts, value.Text)
	}
	value.Text = strings.Join(append(parts, r.tail...), "\n\n")
	if r.failed {
		value.IsError, value.Kind = true, result.APIError
	}
	return value
}
