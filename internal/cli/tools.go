package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/server"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

func (p *program) toolsCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "tools [name]", Short: "List the tools, or show one", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, args []string) error { return p.printTools(ctx, first(args), asJSON) }),
	}
	addFlag(cmd, "json", "", &asJSON, "Print the result of tools/list exactly as a client gets it.")
	return cmd
}

// first is the first argument, "" if there is none.
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func (p *program) printTools(ctx context.Context, name string, asJSON bool) error {
	a, err := p.newApp(ctx)
	if err != nil {
		return err
	}
	for _, problem := range a.catalog.Problems {
		fmt.Fprintf(p.streams.Err, "left out: %s: %s\n", problem.Operation, problem.Reason)
	}
	out := bufio.NewWriter(p.streams.Out)
	switch {
	case asJSON && name != "":
		return fmt.Errorf("--json prints the list of all tools: leave out %s", typed(name))
	case asJSON:
		_, err = fmt.Fprintf(out, "%s\n", server.List(a.catalog.Listed()))
	case name != "":
		t := a.catalog.Find(name)
		if t == nil || t.Unlisted {
			return a.unknownTool(name)
		}
		err = show(out, t, a)
	default:
		err = list(out, a.catalog.Listed())
	}
	return errors.Join(err, out.Flush())
}

// unknownTool says why a tool is not served.
func (a *app) unknownTool(name string) error {
	if t := a.catalog.Current(name); t != nil && !t.Unlisted {
		return errors.New(t.Renamed())
	}
	if reason, ok := a.catalog.WhyUnavailable(name); ok {
		return errors.New(reason)
	}
	for _, i := range a.instances {
		if t := i.all().Current(name); t != nil {
			return fmt.Errorf("%s is not served: --toolsets, --tools, --exclude-tools, --scopes or --read-only leaves it out", t.Name)
		}
	}
	return fmt.Errorf("there is no tool %s%s: \"retool-mcp tools\" lists them all", typed(name), a.catalog.DidYouMean(name))
}

// list prints the tools by toolset, then the local ones, each with its first
// sentence.
func list(out io.Writer, c *tools.Catalog) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, toolset := range append(c.Toolsets(), "") {
		for _, t := range c.Tools {
			if t.Toolset == toolset {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Name, cmp.Or(t.Toolset, "every"), access(&t), strings.TrimSpace(t.Method+" "+t.Path), t.Summary())
			}
		}
	}
	return w.Flush()
}

func access(t *tools.Tool) string {
	if t.Hints.ReadOnly {
		return "read"
	}
	return "write"
}

// show prints one tool: its request, its arguments and its full schema.
func show(out io.Writer, t *tools.Tool, a *app) error {
	fmt.Fprintf(out, "%s: %s\n%s\n", t.Name, t.Title, t.Description)
	if t.Details != "" {
		fmt.Fprintln(out, t.Details)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	if !t.IsLocal() {
		row("Request", t.Method+" "+a.instances[0].address.String()+t.Path)
	}
	for _, h := range t.Headers {
		row("Header", h.Name+": "+h.Value)
	}
	if t.BodyType != "" {
		row("Body", text.Name(t.BodyType))
	}
	row("Scope", t.Scopes.String())
	row("Plan", t.Plan)
	row("Since", t.Since)
	row("Undo", t.Undo)
	row("Toolset", t.Toolset)
	row("Access", access(t)+hints(t.Hints))
	if err := w.Flush(); err != nil {
		return err
	}
	if len(t.Args) > 0 {
		fmt.Fprintln(out, "\nArguments")
		for _, arg := range t.Args {
			fmt.Fprintf(w, "  %s\t%s\n", arg.Name, place(arg))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	full := jsontext.Value(text.EscapeInvisible(string(t.Full)))
	if err := full.Indent(jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("schema of %s: %w", t.Name, err)
	}
	_, err := fmt.Fprintf(out, "\nSchema\n%s\n", full)
	return err
}

func hints(h tools.Hints) string {
	out := ""
	if h.Destructive {
		out += ", destructive"
	}
	if h.Idempotent {
		out += ", idempotent"
	}
	if h.OpenWorld {
		out += ", has effects outside Retool"
	}
	return out
}

// place is where an argument goes in the request.
func place(a tools.Arg) string {
	where := map[tools.ArgLocation]string{
		tools.InPath:    "in the path",
		tools.InQuery:   "in the query",
		tools.InBody:    "in the body",
		tools.WholeBody: "the body itself",
		tools.FilePart:  "a file in the body",
	}[a.In]
	if a.WireName != a.Name && a.WireName != "" {
		where += " as " + text.Name(a.WireName)
	}
	if a.Required {
		where += ", required"
	}
	if a.ListTool != "" {
		where += ", listed by " + a.ListTool
	}
	return strings.TrimPrefix(strings.TrimSpace(where), ", ")
}
