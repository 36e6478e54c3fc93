package cli

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/describe"
	"github.com/retool-mcp/retool-mcp/internal/export"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/order"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/scripttool"
	"github.com/retool-mcp/retool-mcp/internal/search"
	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/toolgen"
	"github.com/retool-mcp/retool-mcp/tools"
)

// localTools are the tools that this program answers itself.
var localTools = []tools.Tool{describe.Definition, scripttool.Query, scripttool.Run, search.Definition}

// calls is what calls the tools of the API.
type calls interface {
	server.ToolCaller
	scripttool.Calls
}

// serve puts the tools of a catalog, with those that only scripts reach, into service.
func (a *app) serve(c *tools.Catalog, run calls) (err error) {
	p, s := a.program, a.program.settings
	results := p.forProgram(s, result.Options{MaxTokens: s.MaxResultTokens, Reveal: s.RevealSecrets})
	o := scripttool.Options{
		Runner: p.scripts, Calls: run, Known: sync.OnceValue(a.known), Instances: a.addresses(), Within: p.within, Accepted: p.accepted, Results: results, WholePlans: p.uncut, Audit: p.audit, Log: p.log,
		SettingNames: scripttool.SettingNames{Export: label("export-dir"), Timeout: label("script-timeout")},
	}
	if s.ExportDir != "" {
		if o.Export, err = export.Open(s.ExportDir); err != nil {
			return named(label("export-dir"), err)
		}
	}
	a.catalog, a.scripts = c, scripttool.New(o)
	a.runner = local.Dispatcher{
		Caller: run, Catalog: c, Prefix: s.ToolPrefix, JSON: results.JSON,
		Tools: append(a.scripts.Tools(), describe.Tool(results.MaxTokens), searching(c)),
	}
	return nil
}

// searching is the tool search_tools for a catalog.
func searching(c *tools.Catalog) local.Tool {
	index := search.New(c)
	return local.Tool{Definition: search.Definition, Answer: func(_ context.Context, call local.Call) (result.Result, error) {
		var asked struct {
			Query string `json:"query"`
		}
		err := json.Unmarshal(call.Arguments, &asked)
		return index.Answer(call.Catalog, asked.Query), err
	}}
}

// known are all operations of all instances, and the local tools, served or not.
func (a *app) known() *tools.Catalog {
	var all *tools.Catalog
	for _, i := range a.instances {
		c := i.all()
		if all == nil {
			all = c
			continue
		}
		joined := *all
		joined.Tools = slices.Clone(all.Tools)
		for j := range c.Tools {
			if all.Find(c.Tools[j].Name) == nil {
				joined.Tools = append(joined.Tools, c.Tools[j])
			}
		}
		joined.Unavailable = slices.DeleteFunc(slices.Clone(all.Unavailable), func(u tools.Unavailable) bool { return c.Find(u.Name) != nil })
		order.By(joined.Tools, func(a, b tools.Tool) int { return strings.Compare(a.Name, b.Name) })
		all = &joined
	}
	return all
}

// all are the tools of an instance, served or not.
func (i *instance) all() *tools.Catalog {
	return toolgen.WithPrefix(local.With(i.readers, localTools...), i.settings.ToolPrefix)
}
