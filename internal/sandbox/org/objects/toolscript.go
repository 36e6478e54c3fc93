package objects

import (
	"fmt"
	"path"
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
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Message string `json:"message"`
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
	line, counted := 1, 0
	for _, at := range toolscriptInclude().FindAllStringSubmatchIndex(f.Contents, -1) {
		line, counted = line+strings.Count(f.Contents[counted:at[0]], "\n"), at[0]
		if src := f.Contents[at[2]:at[3]]; !paths[path.Join(path.Dir(f.Path), src)] {
			found = append(found, diagnostic{f.Path, line, fmt.Sprintf("There is no file %q to include", src)})
		}
	}
	if at, message := unbalanced(f.Contents); message != "" {
		found = append(found, diagnostic{f.Path, 1 + strings.Count(f.Contents[:at], "\n"), message})
	}
	return found
}
