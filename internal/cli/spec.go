package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/catalogdiff"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/tools"
)

type specCommand struct {
	Diff  specDiffCommand  `cmd:"" help:"Compare the operations and arguments of two documents."`
	Fetch specFetchCommand `cmd:"" help:"Save the instance's own document."`
}

type specDiffCommand struct {
	From string `arg:"" help:"The older document: embedded, live, a file or a URL."`
	To   string `arg:"" help:"The newer document."`
	JSON bool   `name:"json" help:"Print the differences as JSON."`
}

func (c *specDiffCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	a, err := configure(s, streams)
	if err != nil {
		return err
	}
	var catalogs [2]*tools.Catalog
	for i, location := range []string{c.From, c.To} {
		a.spec.Location = location
		if catalogs[i], err = docsource.Load(ctx, a.spec); err != nil {
			return err
		}
	}
	changes := catalogdiff.Compare(catalogs[0], catalogs[1])
	out := bufio.NewWriter(streams.Out)
	if c.JSON {
		if changes == nil {
			changes = []catalogdiff.Change{}
		}
		err = json.MarshalWrite(out, changes, jsontext.WithIndent("  "))
		fmt.Fprintln(out)
		return errors.Join(err, out.Flush())
	}
	for _, change := range changes {
		fmt.Fprintln(out, change)
	}
	fmt.Fprintf(out, "%d differences\n", len(changes))
	return out.Flush()
}

type specFetchCommand struct {
	File string `arg:"" optional:"" help:"Where to save it; standard output if left out."`
}

func (c *specFetchCommand) Run(ctx context.Context, s *Settings, streams Streams) error {
	a, err := configure(s, streams)
	if err != nil {
		return err
	}
	a.spec.Location = docsource.Live
	document, err := docsource.Fetch(ctx, a.spec)
	if err != nil {
		return err
	}
	if c.File != "" {
		return os.WriteFile(c.File, document, 0o600)
	}
	_, err = streams.Out.Write(document)
	return err
}
