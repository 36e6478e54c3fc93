package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Rules of output. Results go to standard output, and nothing else does: it
// belongs to the protocol while serving. An error that ends a command is one line
// on standard error: "retool-mcp: ", lower case, no period. It names a setting as
// --flag (VARIABLE), or as the operator wrote it: RETOOL_HOST, url in retool.yaml.
// Values of tokens are never repeated. Other packages do not know flags and
// variables: they get the names for their messages from here.

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the tool or the check failed; its message is printed
	exitUsage  = 2 // wrong settings or arguments; nothing was started
)

// errToolFailed ends a command with exitFailed.
var errToolFailed = errors.New("the tool failed")

// report prints the error of a command in one line without the secrets, and
// returns the exit code and the line.
func report(err error, secrets []string, to io.Writer) (code int, line string) {
	if errors.Is(err, errToolFailed) {
		return exitFailed, ""
	}
	if code, ok := errors.AsType[codeError](err); ok {
		return int(code), ""
	}
	line = "retool-mcp: " + plainError(err, secrets)
	fmt.Fprintln(to, line)
	return exitUsage, line
}

// plainError is an error in one line without the secrets.
func plainError(err error, secrets []string) string {
	if errors.Is(err, docsource.ErrNoInstance) {
		err = fmt.Errorf("%w: set %s", err, label("url"))
	}
	if missing := errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "does not exist"); missing && unexpanded().MatchString(err.Error()) {
		err = fmt.Errorf("%w; nothing replaces ~ or variables in a path here: write it in full", err)
	}
	line := text.EscapeInvisible(oneLine.Replace(err.Error()))
	for _, secret := range secrets {
		line = strings.ReplaceAll(line, secret, "[redacted]")
	}
	return regexp.MustCompile(`retool_[0-9A-Za-z]{16,}`).ReplaceAllString(line, "[redacted]") // a token in another setting
}

// unexpanded finds what a shell would replace in the path of an error.
var unexpanded = text.Pattern(`[ "/]~[\w/]|\$\w|\$\{|%\w+%`)

// oneLine joins the lines of several errors.
var oneLine = strings.NewReplacer(":\n", ": ", "\n", "; ")

// table are all settings, without values.
var table = sync.OnceValue(func() []*setting {
	s := &Settings{}
	return rows(append(s.table(), s.HTTP.group()))
})

// rowOf is the setting of a name, without a value.
func rowOf(name string) *setting { return find(table(), name) }

// label names a setting in messages: its flag and its variable.
func label(name string) string { return rowOf(name).label() }

func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

// contradict is the error of two names, of which both may say where in a file.
func contradict(a, b string) error {
	first, where, _ := strings.Cut(a, " ")
	if _, there, ok := strings.Cut(b, " "); ok && there == where {
		a = first
	}
	return fmt.Errorf("%s and %s contradict each other: set only one of them", a, b)
}

func tokenNames() string { return label("token-file") + " or " + label("token") }

// advised names a setting in advice on a failed call. Over HTTP that reaches a
// caller, who must not look for a setting of their own.
func (p *program) advised(name string) string {
	if p.settings.HTTP.callersAreOthers() {
		return "the operator's " + label(name)
	}
	return label(name)
}

// advisedToken names what holds the token of a failed call, as advised does.
func (p *program) advisedToken() string {
	if p.settings.HTTP.callersAreOthers() && p.settings.HTTP.Auth == authPassthrough {
		return "the token in your Authorization header"
	}
	return p.advised("token-file") + " or " + label("token")
}
