package cli

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/server"
)

// release and commit are set by the linker in builds from an archive, where Go
// finds no version of its own.
var release, commit string

var build = sync.OnceValue(func() *debug.BuildInfo {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info
	}
	return &debug.BuildInfo{}
})

func version() string {
	return cmp.Or(release, strings.Trim(build().Main.Version, "()"), "devel")
}

func userAgent() string { return "retool-mcp/" + version() }

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of the program and of its main parts", Args: arguments(0),
		RunE: func(*cobra.Command, []string) error { return printVersions(p.streams.Out) },
	}
}

func printVersions(out io.Writer) error {
	revision, library := commit, ""
	for _, s := range build().Settings {
		if s.Key == "vcs.revision" {
			revision = cmp.Or(revision, s.Value)
		}
	}
	for _, d := range build().Deps {
		if d.Path == "github.com/mark3labs/mcp-go" {
			library = d.Version
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"retool-mcp", version()},
		{"commit", cmp.Or(revision, "unknown")},
		{"go", runtime.Version()},
		{"mcp-go", cmp.Or(library, "unknown")},
		{"protocol", strings.Join(server.ProtocolVersions(), ", ")},
	} {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	return w.Flush()
}
