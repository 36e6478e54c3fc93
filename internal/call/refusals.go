package call

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/tools"
)

// SettingNames are what users call the settings that refusals mention, such as
// "--confirm (RETOOL_MCP_CONFIRM)". Empty ones are described in words.
type SettingNames struct {
	Confirm, SecretDir string
}

// The refusals below end a call before anything was sent: one sentence on what
// stopped it, one on what to do.

// errAudit refuses a write that cannot be recorded.
var errAudit = errors.New("Not sent: the audit log cannot be written, and every write must be recorded first.") //nolint:staticcheck // agents read it as it is

func refusal(format string, args ...any) *result.Result {
	return &result.Result{Text: "Not sent: " + fmt.Sprintf(format, args...), IsError: true}
}

func refuseWrite(t *tools.Tool) *result.Result {
	return refusal("%s writes, and this server is read-only.", t.Name)
}

func (n SettingNames) refuseUnconfirmed(t *tools.Tool) *result.Result {
	setting := cmp.Or(n.Confirm, "the confirmation setting")
	if t.Irreversible {
		return refusal("%s is irreversible and affects the whole organization. It requires the user's confirmation, and this client cannot ask for it. "+
			"The operator can allow it by setting %s to never.", t.Name, setting)
	}
	return refusal("%s requires the user's confirmation, and this client cannot ask for it. The operator can change that with %s.", t.Name, setting)
}

func refuseDeclined(t *tools.Tool) *result.Result {
	return refusal("the user declined %s. Retry only if the user asks for it.", t.Name)
}

func refuseChanged(t *tools.Tool) *result.Result {
	return refusal("the object or the arguments of %s changed after the confirmation. Read the object again and retry.", t.Name)
}

func (n SettingNames) refuseWithoutSink(t *tools.Tool) *result.Result {
	return refusal("%s returns a secret that Retool shows only once, and this server has nowhere to save it. The operator must name a folder with %s.",
		t.Name, cmp.Or(n.SecretDir, "the setting for secrets"))
}

func refuseUnsavable(t *tools.Tool, err error) *result.Result {
	return refusal("%s returns a secret that Retool shows only once, and no file can be created for it: %v.", t.Name, err)
}

func refuseUnknownInstance(names []string) *result.Result {
	return refusal("%s names the instance of a call and must be one of %s.", tools.ArgInstance, strings.Join(names, ", "))
}

func refuseNotServed(tool, instance string) *result.Result {
	return refusal("%s is not available on the instance %s.", tool, instance)
}
