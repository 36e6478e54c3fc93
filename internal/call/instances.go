package call

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Instances runs tools on several instances, of which each call names one.
type Instances struct {
	names   []string
	runners map[string]*Runner
}

// NewInstances makes Instances of one runner for each name.
func NewInstances(names []string, runners []*Runner) *Instances {
	f := &Instances{names, map[string]*Runner{}}
	for i, name := range names {
		f.runners[name] = runners[i]
	}
	return f
}

// CallTool is Runner.CallTool on the instance that the arguments name. The result says
// which it was.
func (f *Instances) CallTool(ctx context.Context, name string, arguments []byte) (result.Result, error) {
	var given map[string]json.RawMessage
	instance := ""
	if json.Unmarshal(arguments, &given) == nil {
		_ = json.Unmarshal(given[tools.ArgInstance], &instance) // what is no text names none
	}
	r, ok := f.runners[instance]
	if !ok {
		return *refusal("Nothing was sent: %s says for which instance a call is, and must be one of %s.", tools.ArgInstance, strings.Join(f.names, ", ")), nil
	}
	if _, ok := r.binders[name]; !ok {
		for _, other := range f.runners {
			if _, ok := other.binders[name]; ok {
				return *refusal("Nothing was sent: %s is not served for the instance %s.", name, instance), nil
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
