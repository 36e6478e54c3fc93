package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/catalogdiff"
	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

func (p *program) specCommand() *cobra.Command {
	asJSON := false
	diff := &cobra.Command{
		Use: "diff <from> <to>", Short: "Compare the operations and arguments of two documents", Args: arguments(2),
		Long: "Compare the operations and arguments of two documents. Each is embedded, live, a file or a URL, the older one first.",
		RunE: p.with(func(ctx context.Context, args []string) error { return p.diffDocuments(ctx, args[0], args[1], asJSON) }),
	}
	addFlag(diff, "json", "", &asJSON, "Print the differences as JSON.")
	fetch := &cobra.Command{
		Use: "fetch [file]", Short: "Save the instance's own document, or print it", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, args []string) error { return p.fetchDocument(ctx, first(args)) }),
	}
	return parent("spec", "Compare OpenAPI documents, or save the instance's own", diff, fetch)
}

func (p *program) diffDocuments(ctx context.Context, from, to string, asJSON bool) error {
	i, err := p.configure(p.settings, "")
	if err != nil {
		return err
	}
	var catalogs [2]*tools.Catalog
	for n, location := range []string{from, to} {
		if err := rowOf("spec").useEnum(&location); err != nil {
			return err
		}
		i.document.Location = location
		if catalogs[n], err = docsource.Load(ctx, i.document); err != nil {
			return err
		}
	}
	changes := catalogdiff.Compare(catalogs[0], catalogs[1])
	out := bufio.NewWriter(p.streams.Out)
	if asJSON {
		var encoded []byte
		encoded, err = json.Marshal(changes, jsontext.WithIndent("  "))
		fmt.Fprintln(out, text.EscapeInvisible(string(encoded)))
		return errors.Join(err, out.Flush())
	}
	for _, change := range changes {
		fmt.Fprintln(out, text.EscapeInvisible(strings.ReplaceAll(change.String(), "\n", `\n`)))
	}
	fmt.Fprintf(out, "%d differences\n", len(changes))
	return out.Flush()
}

func (p *program) fetchDocument(ctx context.Context, file string) error {
	i, err := p.configure(p.settings, "")
	if err != nil {
		return err
	}
	i.document.Location = docsource.Live
	document, err := docsource.Fetch(ctx, i.document)
	if err != nil {
		return err
	}
	if file != "" {
		return os.WriteFile(file, document, 0o600)
	}
	_, err = p.streams.Out.Write(document)
	return err
}
