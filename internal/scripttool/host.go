package scripttool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/call"
	"github.com/retool-mcp/retool-mcp/internal/export"
	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/progress"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/script"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Calls calls tools for scripts: a call.Runner, or call.Instances.
type Calls interface {
	CallValue(ctx context.Context, name string, arguments []byte) (call.Value, error)
	CheckStep(ctx context.Context, name string, arguments []byte) (plan.Step, []string, error)
	CheckAgain(ctx context.Context, name string, arguments []byte) (plan.Step, error)
	ApplyStep(ctx context.Context, name string, arguments []byte, under call.Permit) (call.Value, error)
	Now(ctx context.Context) time.Time
	Approve(ctx context.Context, p call.Planned) (confirmation string, end *result.Result)
}

// host calls tools for one script. Catalog has what its caller may call.
type host struct {
	*Scripts
	catalog *tools.Catalog
	files   *export.Folder // nil for none
}

// Host is what a script of a caller uses who may call the tools of a catalog.
func (s *Scripts) Host(c *tools.Catalog) script.Host {
	h := host{Scripts: s, catalog: c}
	if s.Export != nil {
		h.files = s.Export.ForOne()
	}
	return h
}

// Functions implements script.Host.
func (h host) Functions() []wire.Function {
	known := h.Known()
	out := make([]wire.Function, 0, len(known.Tools)+len(known.Unavailable))
	add := func(f wire.Function, former string) {
		out = append(out, f)
		if former != "" {
			instead := f.Instead
			if instead == "" {
				instead = fmt.Sprintf("%s is now %s. Call it by that name, with the same arguments.", former, f.Name)
			}
			out = append(out, wire.Function{Name: former, Writes: f.Writes, Instead: instead})
		}
	}
	for i := range known.Tools {
		t := &known.Tools[i]
		f := wire.Function{Name: t.Name, Writes: !t.Hints.ReadOnly}
		switch {
		case t.IsLocal():
			f.Instead = fmt.Sprintf("%s is a tool and no operation: scripts cannot call it.", t.Name)
		case h.catalog.Find(t.Name) == nil:
			f.Instead = fmt.Sprintf("%s is not available: the settings of this server or of this connection leave it out.", t.Name)
		}
		add(f, t.Former)
	}
	for _, u := range known.Unavailable {
		why, _ := known.WhyUnavailable(u.Name)
		add(wire.Function{Name: u.Name, Instead: why}, u.Former)
	}
	return out
}

// Read implements script.Host.
func (h host) Read(ctx context.Context, name string, args []byte) (script.Value, error) {
	if err := h.allows(name, true); err != nil {
		return script.Value{}, err
	}
	v, err := h.Calls.CallValue(h.within(ctx, name), name, args)
	return value(v), failure(err)
}

// Now implements script.Host.
func (h host) Now(ctx context.Context) time.Time { return h.Calls.Now(ctx) }

// Check implements script.Host.
func (h host) Check(ctx context.Context, name string, args []byte) (plan.Step, wire.Placeholder, error) {
	if err := h.allows(name, false); err != nil {
		return plan.Step{}, wire.Placeholder{}, err
	}
	step, fields, err := h.Calls.CheckStep(h.within(ctx, name), name, args)
	return step, wire.Placeholder{Fields: fields}, failure(err)
}

// CheckAgain implements script.Host.
func (h host) CheckAgain(ctx context.Context, name string, args []byte) (plan.Step, error) {
	if err := h.allows(name, false); err != nil {
		return plan.Step{}, err
	}
	step, err := h.Calls.CheckAgain(h.within(ctx, name), name, args)
	return step, failure(err)
}

// Write implements script.Host.
func (h host) Write(ctx context.Context, name string, args []byte, under script.Permit) (script.Value, error) {
	if err := h.allows(name, false); err != nil {
		return script.Value{}, err
	}
	v, err := h.Calls.ApplyStep(h.within(ctx, name), name, args, call.Permit(under))
	return value(v), failure(err)
}

// Shown implements script.Host.
func (h host) Shown(name string, answer []byte) []string {
	if t := h.catalog.Find(name); t != nil {
		return result.ShownIn(t, answer)
	}
	return nil
}

// Save implements script.Host.
func (h host) Save(_ context.Context, name string, rows []byte) (path string, err error) {
	if h.files == nil {
		return "", script.ErrNoFolder
	}
	path, _, err = h.files.Save(name, rows)
	if err != nil {
		return "", &script.Failure{Operation: "save", Message: err.Error()}
	}
	return path, nil
}

// allows holds a call to what the caller may do, whatever the child asks for.
func (h host) allows(name string, reads bool) error {
	t := h.catalog.Find(name)
	if t == nil || t.IsLocal() || t.Hints.ReadOnly != reads {
		return &script.Failure{Operation: name, Message: "Not sent: " + name + " is not available to this script."}
	}
	return nil
}

// within is the context of one call: the progress that the client sees is the script's.
func (h host) within(ctx context.Context, name string) context.Context {
	if h.Within != nil {
		ctx = h.Within(ctx, h.catalog.Find(name))
	}
	return progress.With(ctx, func(int, int, string) {})
}

func value(v call.Value) script.Value {
	out := script.Value{JSON: v.JSON, Fields: v.Fields, Date: v.Date, Notes: v.Notes}
	if v.List {
		out.List = &wire.List{Total: v.Total, More: v.Unread, NextToken: v.NextToken}
	}
	return out
}

// failure makes an error that the script can catch of one that the caller can correct.
func failure(err error) error {
	if failed, ok := errors.AsType[*call.CallError](err); ok {
		return &script.Failure{Operation: failed.Operation, Status: failed.Status, Kind: string(failed.Kind), Message: failed.Message}
	}
	return err
}
