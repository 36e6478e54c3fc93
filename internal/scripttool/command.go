package scripttool

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Command is a script that is run from the command line.
type Command struct {
	script.Program
	// Plan is the id of a plan to apply, "" to make one.
	Plan string
	// Catalog has the operations that the script may call.
	Catalog *tools.Catalog
	// Apply says how to apply a plan, Again how to continue after a failure that may pass,
	// and Changed how after one that would come again.
	Apply          func(id string) string
	Again, Changed string
}

// Printed is what a command prints.
type Printed struct {
	// Value is what the script returned, and Says everything else: the plan, or what was
	// made, in words.
	Value result.Result
	Says  string
	// Plan is the id of a plan that can be applied, "" for none.
	Plan string
	// Writes are those that are planned, or were to be made; nil for none.
	Writes *Writes
	// Failed tells that not everything was done, and Kind why. Begun tells that some
	// writes were made, all the same.
	Failed, Begun bool
	Kind          result.Kind
}

// Run runs a command. A script that names no operation that writes is a query until it
// calls one; any other is planned, or applied.
func (s *Scripts) Run(ctx context.Context, c Command) (p Printed, err error) {
	ctx = call.KeepReads(ctx)
	host := &watched{Host: s.Host(c.Catalog)}
	tool, reads := &Run, c.Plan == "" && !writes(c.Code, c.Catalog)
	if reads {
		tool = &Query
	}
	how := how{c.Apply, c.Again, c.Changed}
	refused, err := s.audited(ctx, local.Call{Tool: tool}, c.Program, c.Plan, func() result.Result {
		var r *report
		var queried *script.Outcome
		if reads {
			queried = s.Runner.Query(ctx, c.Program, host)
		}
		switch {
		case reads && !meetsWrite(queried, c.Catalog):
			r = s.ofQuery(queried)
			r.optionalEnd, r.out.Took = true, 0 // a query that went well says nothing else
		case c.Plan == "":
			r = s.ofPlan(s.Runner.Plan(ctx, c.Program, host), how)
			if planned := r.out.Plan; !r.failed && planned != nil && len(planned.Steps) == 0 && planned.Ended == "" {
				r.head = nil // that there are no writes
			}
		default:
			r = s.ofApply(s.Runner.Apply(ctx, c.Program, host, c.Plan, func(ctx context.Context, planned *script.Outcome) script.Approval {
				approval, _ := s.Approve(ctx, tool.Name, planned) // nobody can be asked
				return approval
			}), c.Plan, how)
		}
		p.Value, p.Failed, p.Begun = r.value(), r.failed, len(r.out.Made) > 0
		if c.Plan != "" && p.Failed && !p.Begun { // what it returned when the plan was recomputed
			p.Value = result.Result{}
		}
		p.Says = strings.Join(slices.Concat(r.head, r.tail), "\n\n")
		if r.out.Plan != nil && len(r.out.Plan.Steps) > 0 {
			p.Plan = r.out.ID
		}
		p.Writes, p.Kind = writesOf(r.out), host.kind(r.out)
		return result.Result{IsError: p.Failed}
	})
	if refused.Text != "" { // before it began
		return Printed{Says: refused.Text, Failed: true, Kind: refused.Kind}, err
	}
	return p, err
}

// Writes are the writes of a plan, or of an apply, as data.
type Writes struct {
	Writes       int            `json:"writes"`
	Destructive  int            `json:"destructive"`
	Irreversible int            `json:"irreversible"`
	Operations   map[string]int `json:"operations"`
	// Whole tells that the plan has all writes of the script, as far as it ran.
	Whole bool  `json:"whole"`
	Steps []row `json:"steps"`
}

func writesOf(out *script.Outcome) *Writes {
	var w Writes
	add := func(all []plan.Made, is string) {
		w.Steps = append(w.Steps, steps(all, is)...)
		for _, m := range all {
			w.Writes++
			if w.Operations == nil {
				w.Operations = map[string]int{}
			}
			w.Operations[m.Operation]++
			if m.Destructive {
				w.Destructive++
			}
			if m.Irreversible {
				w.Irreversible++
			}
		}
	}
	if out.Plan != nil && len(out.Made)+len(out.NotMade) == 0 {
		add(ofPlan(out.Plan), "planned")
		w.Whole = out.Plan.Ended == "" && out.Error == nil && out.Stopped == ""
	} else {
		add(out.Made, "made")
		add(out.NotMade, "not made")
		w.Whole = len(out.NotMade) == 0 && out.Error == nil && out.Stopped == ""
	}
	if w.Writes == 0 {
		return nil
	}
	return &w
}

// writes tells whether a script can call an operation that writes, as far as its text
// shows.
func writes(code string, c *tools.Catalog) bool {
	return strings.Contains(code, "retool[") || slices.ContainsFunc(c.Tools, func(t tools.Tool) bool {
		return !t.IsLocal() && !t.Hints.ReadOnly && (strings.Contains(code, t.Name) || t.Former != "" && strings.Contains(code, t.Former))
	})
}

// meetsWrite tells whether a query ended at a write.
func meetsWrite(out *script.Outcome, c *tools.Catalog) bool {
	if out.Error == nil || out.Error.Operation == "" {
		return false
	}
	t := c.Find(out.Error.Operation)
	return t != nil && !t.Hints.ReadOnly
}

// watched remembers of which kind the failures of calls were: scripts do not know it.
type watched struct {
	script.Host
	mu    sync.Mutex
	kinds map[string]result.Kind // by message
}

// Check implements script.Host.
func (w *watched) Check(ctx context.Context, name string, args []byte) (plan.Step, wire.Placeholder, error) {
	step, placeholder, err := w.Host.Check(ctx, name, args)
	w.note(err)
	return step, placeholder, err
}

// CheckAgain implements script.Host.
func (w *watched) CheckAgain(ctx context.Context, name string, args []byte) (plan.Step, error) {
	step, err := w.Host.CheckAgain(ctx, name, args)
	w.note(err)
	return step, err
}

// Read implements script.Host.
func (w *watched) Read(ctx context.Context, name string, args []byte) (script.Value, error) {
	v, err := w.Host.Read(ctx, name, args)
	w.note(err)
	return v, err
}

// Write implements script.Host.
func (w *watched) Write(ctx context.Context, name string, args []byte, under script.Permit) (script.Value, error) {
	v, err := w.Host.Write(ctx, name, args, under)
	w.note(err)
	return v, err
}

func (w *watched) note(err error) {
	failed, ok := errors.AsType[*script.Failure](err)
	if !ok {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.kinds == nil {
		w.kinds = map[string]result.Kind{}
	}
	w.kinds[failed.Message] = result.Kind(failed.Kind)
}

// kind is that of the failure that ended a script.
func (w *watched) kind(out *script.Outcome) result.Kind {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case out.Error != nil:
		return w.kinds[out.Error.Message]
	case len(out.NotMade) > 0:
		return w.kinds[out.NotMade[0].Failed]
	}
	return ""
}
