package call

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Instances runs tools on several instances. Each call names one.
type Instances struct {
	names   []string
	runners map[string]*Runner
}

// NewInstances makes Instances of one runner for each name.
func NewInstances(names []string, runners []*Runner) *Instances {
	in := &Instances{names, map[string]*Runner{}}
	for i, name := range names {
		in.runners[name] = runners[i]
	}
	return in
}

// instanceOf is the instance that arguments name, "" for none.
func instanceOf(arguments []byte) (instance string) {
	var given map[string]json.RawMessage
	if json.Unmarshal(arguments, &given) == nil {
		_ = json.Unmarshal(given[tools.ArgInstance], &instance) // anything but a string names none
	}
	return instance
}

// named is the runner of the instance that the arguments of a tool name. A Result
// refuses the call.
func (in *Instances) named(name string, arguments []byte) (r *Runner, instance string, end *result.Result) {
	instance = instanceOf(arguments)
	r, ok := in.runners[instance]
	if !ok {
		return nil, instance, refusal(refusedUnknownInstance, tools.ArgInstance, strings.Join(in.names, ", "))
	}
	if _, ok := r.binders[name]; !ok {
		for _, other := range in.runners {
			if _, ok := other.binders[name]; ok {
				return nil, instance, refusal(refusedNotServed, name, instance)
			}
		}
	}
	return r, instance, nil
}

// CallTool is Runner.CallTool on the instance that the arguments name, which the
// result repeats.
func (in *Instances) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	r, instance, end := in.named(name, arguments)
	if end != nil {
		return *end, nil
	}
	outcome, err := r.CallTool(ctx, name, arguments)
	if err != nil {
		return outcome, fmt.Errorf("instance %s: %w", instance, err)
	}
	if outcome.Ask != nil {
		outcome.Ask.Text = "Instance " + instance + ": " + outcome.Ask.Text
		return outcome, nil
	}
	return outcome.WithNote("Instance: " + instance), nil
}

// CallValue is Runner.CallValue on the instance that the arguments name.
func (in *Instances) CallValue(ctx context.Context, name string, arguments []byte) (Value, error) {
	r, instance, end := in.named(name, arguments)
	if end != nil {
		return Value{}, &CallError{Operation: name, Message: end.Text}
	}
	v, err := r.CallValue(ctx, name, arguments)
	return v, onInstance(instance, err)
}

// Now is Runner.Now on the first instance.
func (in *Instances) Now(ctx context.Context) time.Time { return in.runners[in.names[0]].Now(ctx) }

// CheckStep is Runner.CheckStep on the instance that the arguments name.
func (in *Instances) CheckStep(ctx context.Context, name string, arguments []byte) (step plan.Step, fields []string, err error) {
	r, instance, end := in.named(name, arguments)
	if end != nil {
		return plan.Step{}, nil, &CallError{Operation: name, Message: end.Text}
	}
	step, fields, err = r.CheckStep(ctx, name, arguments)
	step.Words.Objects = append([]string{"Instance: " + instance}, step.Words.Objects...)
	return step, fields, onInstance(instance, err)
}

// CheckAgain is Runner.CheckAgain on the instance that the arguments name.
func (in *Instances) CheckAgain(ctx context.Context, name string, arguments []byte) (plan.Step, error) {
	r, instance, end := in.named(name, arguments)
	if end != nil {
		return plan.Step{}, &CallError{Operation: name, Message: end.Text}
	}
	step, err := r.CheckAgain(ctx, name, arguments)
	return step, onInstance(instance, err)
}

// ApplyStep is Runner.ApplyStep on the instance that the arguments name.
func (in *Instances) ApplyStep(ctx context.Context, name string, arguments []byte, under Permit) (Value, error) {
	r, instance, end := in.named(name, arguments)
	if end != nil {
		return Value{}, &CallError{Operation: name, Message: end.Text}
	}
	v, err := r.ApplyStep(ctx, name, arguments, under)
	return v, onInstance(instance, err)
}

// onInstance says of an error of this program where it was. One that the caller can
// correct says it itself.
func onInstance(instance string, err error) error {
	if failed, ok := errors.AsType[*CallError](err); err == nil || ok {
		if ok {
			failed.Message += "\nInstance: " + instance
		}
		return err
	}
	return fmt.Errorf("instance %s: %w", instance, err)
}
