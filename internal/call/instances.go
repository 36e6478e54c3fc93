package call

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

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

// CallTool is Runner.CallTool on the instance that the arguments name, which the
// result repeats.
func (in *Instances) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	var given map[string]json.RawMessage
	instance := ""
	if json.Unmarshal(arguments, &given) == nil {
		_ = json.Unmarshal(given[tools.ArgInstance], &instance) // anything but a string names none
	}
	r, ok := in.runners[instance]
	if !ok {
		return *refusal(refusedUnknownInstance, tools.ArgInstance, strings.Join(in.names, ", ")), nil
	}
	if _, ok := r.binders[name]; !ok {
		for _, other := range in.runners {
			if _, ok := other.binders[name]; ok {
				return *refusal(refusedNotServed, name, instance), nil
			}
		}
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
