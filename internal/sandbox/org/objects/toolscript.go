package objects

import (
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

type toolscriptFile struct {
	Path     string `json:"path"`
	Contents string `json:"contents"`
}

// diagnostic is a fault in a Toolscript file.
type diagnostic struct {
	From     int             `json:"from"` // offset in the file
	To       int             `json:"to"`
	Severity string          `json:"severity"`
	FromLoc  toolscriptPlace `json:"fromLoc"`
	ToLoc    toolscriptPlace `json:"toLoc"`
	Filename string          `json:"filename"`
	Message  string          `json:"message"`
}

type toolscriptPlace struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type toolscriptVerdict struct {
	Valid       bool         `json:"valid"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Error       string       `json:"error,omitzero"`
}

// toolscriptMain is the file with which a serialized app begins.
const toolscriptMain = "main.rsx"

var toolscriptInclude = api.Pattern(`<Include\s+src="([^"]*)"`)

type validateAppToolscriptBody struct {
	Files []toolscriptFile `json:"toolscript"`
}

// validateAppToolscript checks the files of an app as far as can be done
// without knowing components: in .rsx files, elements are closed and included
// files are there.
func validateAppToolscript(_ *model.Org, _ *api.Call, body validateAppToolscriptBody) (api.Answer, error) {
	paths, begins := map[string]bool{}, false
	for _, f := range body.Files {
		paths[path.Clean(f.Path)] = true
		begins = begins || path.Base(f.Path) == toolscriptMain
	}
	var verdict toolscriptVerdict
	if !begins {
		verdict.Error = "There is no file " + toolscriptMain
		return api.Data(verdict), nil
	}
	for _, f := range body.Files {
		if path.Ext(f.Path) == ".rsx" {
			verdict.Diagnostics = append(verdict.Diagnostics, f.check(paths)...)
		}
	}
	verdict.Valid = len(verdict.Diagnostics) == 0
	return api.Data(verdict), nil
}

func (f *toolscriptFile) check(paths map[string]bool) (found []diagnostic) {
	for _, at := range toolscriptInclude().FindAllStringSubmatchIndex(f.Contents, -1) {
		if src := f.Contents[at[2]:at[3]]; !paths[path.Join(path.Dir(f.Path), src)] {
			found = append(found, f.fault(at[0], at[1], fmt.Sprintf("There is no file %q to include", src)))
			if len(found) == mostMissing {
				return found
			}
		}
	}
	if at, message := unbalanced(f.Contents); message != "" {
		found = append(found, f.fault(at, min(at+1, len(f.Contents)), message))
	}
	return found
}

// mostMissing bounds the missing files that one file is told about: finding each
// place reads the file from its start.
const mostMissing = 100

func (f *toolscriptFile) fault(from, to int, message string) diagnostic {
	return diagnostic{from, to, "error", f.place(from), f.place(to), f.Path, message}
}

func (f *toolscriptFile) place(at int) toolscriptPlace {
	before := f.Contents[:at]
	return toolscriptPlace{1 + strings.Count(before, "\n"), at - strings.LastIndexByte(before, '\n')}
}

// rsxPart is what a scan of .rsx is in the midst of.
type rsxPart int

const (
	rsxText       rsxPart = iota // of the file or of an element
	rsxTag                       // "<Name …" or "</Name"
	rsxExpression                // "{…"
)

// rsxTokens are the tokens that count in each part. A string or comment that
// does not end is a token by its beginning alone.
var rsxTokens = map[rsxPart]func() *regexp.Regexp{
	rsxText: api.Pattern(`\{|</?[\w.:-]*`),
	rsxTag:  api.Pattern(`"[^"]*"|'[^']*'|/?>|[{<"']`),
	rsxExpression: api.Pattern(`(?s)"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|` + "`(?:\\\\.|[^`\\\\])*`" +
		`|/\*.*?\*/|//[^\n]*|/\*|[{}"'` + "`]"),
}

// rsxOpen is something that begins and must end.
type rsxOpen struct {
	part rsxPart
	text string // "{", or the beginning of the tag
	at   int
}

// rsxDeepest is how deep things may be nested: far deeper than in any app.
const rsxDeepest = 1000

// unbalanced looks for the first place where .rsx is not nested as JSX is: an
// element, tag, expression, string or comment that does not end, or an end
// without a beginning. The message is empty where there is none.
func unbalanced(text string) (at int, message string) {
	open := []rsxOpen{{}}
	for {
		top := &open[len(open)-1]
		next := rsxTokens[top.part]().FindStringIndex(text[at:])
		if next == nil {
			break
		}
		token := text[at+next[0] : at+next[1]]
		start := at + next[0]
		at += next[1]
		if len(open) > rsxDeepest {
			return start, "Nested too deeply"
		}
		switch {
		case token == "{":
			open = append(open, rsxOpen{rsxExpression, token, start})
		case token == "}":
			open = open[:len(open)-1]
		case token == "/>", token == ">" && strings.HasPrefix(top.text, "</"):
			open = open[:len(open)-1]
			if !strings.HasPrefix(top.text, "</") {
				continue
			}
			if element := open[len(open)-1].text; element != "<"+top.text[2:] {
				return top.at, fmt.Sprintf("Unexpected closing tag %s>", top.text)
			}
			open = open[:len(open)-1]
		case token == ">":
			top.part = rsxText
		case top.part == rsxText:
			open = append(open, rsxOpen{rsxTag, token, start})
		case token == "<" || token == "/*" || len(token) == 1:
			return start, fmt.Sprintf("Unexpected %s", token)
		}
	}
	if last := open[len(open)-1]; last.text != "" {
		return last.at, fmt.Sprintf("%s is not closed", last.text)
	}
	return 0, ""
}
