package call

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// readCurrent reads the object that a call is about: at the call's path or at the
// nearest one above it, or else by the id in its arguments. It is nil if nothing
// reads it.
func (r *Runner) readCurrent(ctx context.Context, client *retool.Client, bound *tools.Call) *result.Current {
	segments := strings.Split(strings.Trim(bound.Tool.Path, "/"), "/")
	var values []string
	var last tools.Arg
	for a, value := range bound.PathArguments() {
		if unknown(value) {
			return nil
		}
		last, values = a, append(values, value)
	}
	for n, at := len(segments), len(values); n > 0; n-- {
		object := strings.HasSuffix(segments[n-1], "}")
		t := r.reader(strings.Join(segments[:n], "/"))
		existing := n == len(segments) && (bound.Tool.Method != "POST" || bound.Tool.Hints.Destructive)
		if t != nil && !t.Answer.List && (existing || object && n < len(segments)) {
			current := r.read(ctx, client, t, values[:at])
			if current != nil {
				current.Whole, current.Below = existing, slices.Clone(segments[n:])
				for i, s := range current.Below {
					if strings.HasSuffix(s, "}") {
						current.Below[i], at = values[at], at+1
					}
				}
			}
			return current
		}
		if object {
			at--
		}
	}
	id, list := inBody(bound), r.reader(strings.Join(segments, "/"))
	switch {
	case len(values) > 0:
		id, list = values[len(values)-1], r.Readers.Find(last.ListTool)
	case bound.Tool.Method == "POST":
		return nil // nothing exists yet
	}
	if id == "" || unknown(id) || list == nil || !list.Answer.List {
		return nil
	}
	var current *result.Current
	if t := r.reader(strings.Trim(list.Path, "/") + "/{}"); t != nil {
		current = r.read(ctx, client, t, []string{id})
	} else {
		current = r.readItem(ctx, client, list, id)
	}
	if current != nil {
		current.Whole = len(values) == 0 || strings.HasSuffix(bound.Tool.Path, "}") && tools.OperationKey("", bound.Tool.Path) == tools.OperationKey("", list.Path+"/{}")
	}
	return current
}

// inBody is the id of the object that the body holds, "" for none.
func inBody(bound *tools.Call) string {
	var body struct {
		ID json.RawMessage `json:"id"`
	}
	_ = json.Unmarshal(bound.Request.Body, &body) // any other body names none
	return strings.Trim(string(body.ID), `"`)
}

// reader is the tool that reads at a path, whatever its parameters are called.
func (r *Runner) reader(path string) *tools.Tool {
	key := tools.OperationKey("GET", path)
	for i := range r.Readers.Tools {
		t := &r.Readers.Tools[i]
		if t.Method == "GET" && tools.OperationKey("GET", strings.Trim(t.Path, "/")) == key {
			return t
		}
	}
	return nil
}

// read calls a tool with values for its path, in their order.
func (r *Runner) read(ctx context.Context, client *retool.Client, t *tools.Tool, values []string) *result.Current {
	arguments := map[string]string{}
	for _, a := range t.Args {
		if a.In == tools.InPath && len(arguments) < len(values) {
			arguments[a.Name] = values[len(arguments)]
		}
	}
	call, err := bind(ctx, t, arguments)
	if err != nil {
		return nil // it cannot be asked for this object
	}
	response, err := r.send(ctx, client, upstreamRequest{call: call, request: call.Request})
	return &result.Current{Call: call, Response: response, Failed: err}
}

// readItem looks for an object in the first pages of a list.
func (r *Runner) readItem(ctx context.Context, client *retool.Client, t *tools.Tool, id string) *result.Current {
	const most = 10 // pages
	held := memory.From(ctx)
	defer held.Shrink(held.Taken())
	call, err := bind(ctx, t, nil)
	if err != nil {
		return nil // the list takes arguments that nobody knows
	}
	o, at := r.Results, tools.Cursor{}
	o.Reveal = false
	for range most {
		paged, err := call.ForPage(at.Token, t.PageSize())
		if err != nil {
			return nil
		}
		response, err := r.send(ctx, client, upstreamRequest{call: paged, request: paged.Request})
		if err != nil {
			return &result.Current{Call: paged, Sought: id, Failed: err}
		}
		_, page, failed := result.ReadList(paged, response, o)
		if failed != nil {
			return nil
		}
		if current := result.CurrentIn(page, paged, id); current != nil {
			return current
		}
		next, more := page.Take(MaxItems)
		if !more {
			return &result.Current{Call: paged, Sought: id, Absent: true}
		}
		if page.Repeats(at) {
			break
		}
		at = next
	}
	return nil
}
