package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/doctor"
	"github.com/retool-mcp/retool-mcp/internal/local"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// examination is the checks of one instance.
type examination struct {
	*instance
	options doctor.Options
}

// doctorCommand diagnoses what the settings name. Settings that contradict each
// other end it like every command; other faults are its result.
func (p *program) doctorCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "doctor", Short: "Diagnose the instance, the token and this machine, with remedies", Args: arguments(0),
		RunE: p.with(func(ctx context.Context, _ []string) error { return p.diagnose(ctx, asJSON) }),
	}
	addFlag(cmd, "json", "", &asJSON, "Print the checks as a JSON array.")
	return cmd
}

func (p *program) diagnose(ctx context.Context, asJSON bool) error {
	examinations, err := p.examinations(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(p.streams.Out)
	checks := []doctor.Check{}
	failed := false
	for _, e := range examinations {
		name := e.name
		if name != "" && !asJSON {
			fmt.Fprintf(out, "instance %s\n", name)
		}
		doctor.Diagnose(ctx, e.options, func(check doctor.Check) {
			check.Instance = name
			checks = append(checks, check)
			failed = failed || check.Status == doctor.Fail
			if !asJSON {
				printCheck(out, check)
				err = errors.Join(err, out.Flush()) // a user waits
			}
		})
		err = errors.Join(err, e.sandbox.close(), ctx.Err())
	}
	if asJSON {
		err = errors.Join(err, json.MarshalWrite(out, checks, jsontext.WithIndent("  ")))
		fmt.Fprintln(out)
	}
	if err = errors.Join(err, out.Flush()); err == nil && failed {
		err = errToolFailed
	}
	return err
}

// printCheck prints a check in one line, and its remedy and notes below.
func printCheck(out io.Writer, c doctor.Check) {
	fmt.Fprintf(out, "%-5s %-9s %s\n", c.Status, c.Name, c.Found)
	if c.Remedy != "" {
		fmt.Fprintf(out, "      remedy: %s\n", c.Remedy)
	}
	for _, note := range c.Notes {
		fmt.Fprintf(out, "      %s\n", note)
	}
}

// examinations checks the settings of all instances before it examines the first.
func (p *program) examinations(ctx context.Context) (all []*examination, err error) {
	err = p.eachInstance(func(s *Settings, name string) error {
		e, err := p.examination(ctx, s, name)
		all = append(all, e)
		return err
	})
	if err == nil {
		all[len(all)-1].options.ClientDirs = clientDirs() // there is one machine
	}
	return all, err
}

// examination prepares the checks of one instance.
func (p *program) examination(ctx context.Context, s *Settings, name string) (*examination, error) {
	own := *s
	s, own.Retries = &own, 0 // to see transient failures
	i, err := p.configure(s, name)
	if err != nil {
		return nil, err
	}
	at, isFile := s.tokenOrigin()
	token := rowOf("token")
	e := &examination{instance: i, options: doctor.Options{
		Options: retool.Options{
			Token: i.token, Secrets: p.tokens(), UnixSocket: i.socket, Dial: i.sandbox.dialer(), Timeout: min(s.Timeout, doctor.DefaultTimeout), UserAgent: userAgent(),
		},
		Sources: doctor.Sources{Address: s.origins["url"].names, Token: at.names, Seen: at.level == byFlag && !isFile},
		SettingNames: doctor.SettingNames{
			Address: label("url"), Token: label("token-file") + " or " + token.env() + token.unreplaced(), TokenFile: label("token-file"),
			UnixSocket: label("unix-socket"), Document: label("spec"), Scopes: label("scopes"), ScopesFlag: "--scopes",
			TokenFileVariable: rowOf("token-file").env(), TokenSettings: append([]string{token.env(), "--token"}, token.aliases...),
		},
		Scopes:    s.Scopes,
		SecretDir: s.SecretDir,
	}}
	if i.sandbox == nil && isFile {
		e.options.TokenFile = s.TokenFile
	}
	if err := e.read(ctx); err != nil {
		return nil, errors.Join(err, i.sandbox.close())
	}
	e.options.Address = i.address // the document may have named it
	return e, nil
}

// documentTimeout is for a document that comes over the network.
const documentTimeout = 15 * time.Second

// read loads the document and selects the tools. A document that is unavailable
// is reported; wrong settings of its tools are an error, as for every command.
func (e *examination) read(ctx context.Context) (err error) {
	o := &e.options
	ctx, cancel := context.WithTimeout(ctx, documentTimeout)
	defer cancel()
	o.Document.CacheDir = e.document.CacheDir
	o.Catalog, err = docsource.Load(ctx, e.document)
	if err != nil {
		o.Document.Err = errors.New(strings.ReplaceAll(err.Error(), e.document.Location, plainLocation(e.document.Location)))
		o.Catalog, err = docsource.Load(ctx, docsource.Options{Location: docsource.Embedded, Logger: e.program.log}) // its tools tell what to check
		return err
	}
	if e.useAddressOf(o.Catalog) {
		o.Sources.Address = []string{"the document's own address"}
	}
	o.Document.Name, o.Document.Version = e.documentName(), o.Catalog.Version
	served, err := e.settings.selected(local.With(o.Catalog, localTools...))
	if err != nil {
		return err
	}
	operations := *served // local tools need no scope
	operations.Tools = slices.DeleteFunc(slices.Clone(served.Tools), func(t tools.Tool) bool { return t.IsLocal() })
	o.Served = &operations
	return nil
}

// documentName says which document is served, and sets its age.
func (e *examination) documentName() string {
	o := &e.options
	switch e.document.Location {
	case docsource.Embedded:
		return "the embedded document"
	case docsource.Live:
		return "the instance's own document (fetched at every start)"
	case docsource.Auto:
		if e.document.Instance == nil {
			return "the embedded document (no instance is configured)"
		}
		fetched, asked := docsource.CachedAt(e.document)
		o.Document.Asked = asked
		if !fetched.IsZero() && strings.HasPrefix(o.Catalog.Server, e.address.Origin()) {
			o.Document.Fetched = fetched
			return "the instance's own document"
		}
		return "the embedded document (the instance's own is not cached)"
	default:
		return plainLocation(e.document.Location)
	}
}

// plainLocation is a document's location without the parts of a URL that may be
// secret.
func plainLocation(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return location
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// clientDirs are where clients keep their files on this machine. Folders
// that the system does not name stay empty.
func clientDirs() doctor.ClientDirs {
	home, _ := os.UserHomeDir()
	config, _ := os.UserConfigDir()
	work, _ := os.Getwd()
	return doctor.ClientDirs{
		Home: home, Config: config, Work: work,
		ClaudeHome: os.Getenv("CLAUDE_CONFIG_DIR"), CodexHome: os.Getenv("CODEX_HOME"),
	}
}
