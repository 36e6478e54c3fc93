// Command compile turns our description of the Retool API into the catalogue
// that the program embeds, so that no start has to parse it. Run it through
// "go generate ./...".
package main

import (
	"fmt"
	"os"

	"github.com/retool-mcp/retool-mcp/internal/openapi"
	"github.com/retool-mcp/retool-mcp/tools"
)

const (
	source = "retool.openapi.yaml"
	target = "catalogue.bin"
)

func main() {
	if err := compile(); err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

func compile() error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	doc, err := openapi.Read(openapi.Source{Data: text})
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if len(doc.Problems) > 0 {
		return fmt.Errorf("%s: %s: %s", source, doc.Problems[0].Operation, doc.Problems[0].Reason)
	}
	c, err := tools.New(doc, tools.Options{})
	if err != nil {
		return err
	}
	snapshot, err := c.MarshalBinary()
	if err != nil {
		return err
	}
	return os.WriteFile(target, snapshot, 0o600)
}
