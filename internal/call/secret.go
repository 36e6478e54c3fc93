package call

import (
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/secret"
	"github.com/retool-mcp/retool-mcp/tools"
)

// A keeper puts a secret that no other answer will show into a file.
type secretSink struct {
	tool *tools.Tool
	file *secret.File // nil where there is nothing to keep
}

// keeper makes the file before anything is sent. Where that is impossible the
// call is refused: the secret would be made and nobody would ever see it.
func (r *Runner) reserveSecret(t *tools.Tool) (k secretSink, refusal string) {
	k.tool = t
	switch {
	case t.OneTimeSecret == "", r.SecretSink == nil && r.Results.Reveal:
		return k, ""
	case r.SecretSink == nil:
		return k, fmt.Sprintf("Nothing was sent: the answer of %s shows a secret this once, and there is no place for it. "+
			"The operator of this server has to name a folder for secrets with --secret-dir (RETOOL_MCP_SECRET_DIR).", t.Name)
	}
	var err error
	if k.file, err = r.SecretSink.Reserve(result.FieldName(t.OneTimeSecret)); err != nil {
		return k, fmt.Sprintf("Nothing was sent: the answer of %s shows a secret this once, and no file can be made for it: %v.", t.Name, err)
	}
	return k, ""
}

// note keeps the secret of an answer, and says where.
func (k secretSink) save(outcome result.Result, r *retool.Response) result.Result {
	if k.file == nil || outcome.IsError {
		return outcome
	}
	text, ok := result.OneTimeSecret(r, k.tool.OneTimeSecret)
	if !ok {
		outcome.Text += "\n\nThe answer holds no " + result.FieldName(k.tool.OneTimeSecret) + ", so there was nothing to keep."
		return outcome
	}
	if err := k.file.Save(text); err != nil {
		outcome.IsError = true
		outcome.Text += fmt.Sprintf("\n\nIt is done, but the %s could not be kept (%v) and cannot be had again: delete what was made, and make it anew.", result.FieldName(k.tool.OneTimeSecret), err)
		return outcome
	}
	outcome.Text += fmt.Sprintf("\n\nThe %s is in the file %s on the machine of this server; no answer will show it again.", result.FieldName(k.tool.OneTimeSecret), k.file.Path())
	return outcome
}

func (k secretSink) discard() {
	if k.file != nil {
		k.file.Discard()
	}
}
