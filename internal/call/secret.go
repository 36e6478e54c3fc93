package call

import (
	"cmp"
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
	"github.com/retool-mcp/retool-mcp/tools"
)

// oneTimeSecret saves a secret that no other response will show.
type oneTimeSecret struct {
	tool *tools.Tool
	file *secret.File // nil if there is nothing to save
}

// reserveSecret creates the file for a one-time secret before the request is
// sent. Without a file the call is refused: the secret would be created and
// lost.
func (r *Runner) reserveSecret(t *tools.Tool) (s oneTimeSecret, end *result.Result) {
	s.tool = t
	switch {
	case t.OneTimeSecret == "", r.SecretSink == nil && r.Results.Reveal:
		return s, nil
	case r.SecretSink == nil:
		return s, refusal(refusedWithoutSink, t.Name, cmp.Or(r.SettingNames.SecretDir, "the setting for secrets"))
	}
	var err error
	if s.file, err = r.SecretSink.Reserve(result.FieldName(t.OneTimeSecret)); err != nil {
		return s, refusal(refusedUnsavable, t.Name, err)
	}
	return s, nil
}

// save saves the secret of a response and adds to the result where it is.
func (s oneTimeSecret) save(outcome result.Result, r *retool.Response) result.Result {
	if s.file == nil || outcome.IsError {
		return outcome
	}
	name := result.FieldName(s.tool.OneTimeSecret)
	text, ok := result.OneTimeSecret(r, s.tool.OneTimeSecret)
	if !ok {
		outcome.Text += fmt.Sprintf("\n\nThe response contains no %s, so nothing was saved.", name)
		return outcome
	}
	if err := s.file.Save(text); err != nil {
		outcome.IsError = true
		outcome.Text += fmt.Sprintf("\n\nThe call succeeded, but the %s could not be saved (%v) and cannot be recovered. Delete the new object and create it again.", name, err)
		return outcome
	}
	outcome.Text += fmt.Sprintf("\n\nThe %s was saved to the file %s on the server; no other response will show it.", name, s.file.Path())
	return outcome
}

// discard removes the file if no secret was saved.
func (s oneTimeSecret) discard() {
	if s.file != nil {
		s.file.Discard()
	}
}
