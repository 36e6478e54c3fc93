package call

import (
	"errors"
	"fmt"

	"github.com/retool-mcp/retool-mcp/internal/result"
)

// SettingNames are what users call the settings that refusals mention, such as
// "--confirm (RETOOL_MCP_CONFIRM)". Empty ones are described in words.
type SettingNames struct {
	Confirm, SecretDir string
}

// refusal ends a call before anything was sent: one sentence on what stopped it,
// one on what to do. Most formats take the tool's name.
func refusal(format string, args ...any) *result.Result {
	return &result.Result{Text: "Not sent: " + fmt.Sprintf(format, args...), IsError: true, Kind: result.Forbidden}
}

// errAudit refuses a write that cannot be recorded.
var errAudit = errors.New(refusal("the audit log cannot be written, and every write must be recorded first.").Text)

const (
	refusedReadOnly    = "%s writes, and this server is read-only."
	refusedUnconfirmed = "%s requires the user's confirmation, and this client cannot ask for it. The operator can change that with %s."
	refusedForAll      = "%s is irreversible and affects the whole organization. It requires the user's confirmation, and this client cannot ask for it. " +
		"The operator can allow it by setting %s to never."
	refusedDeclined        = "the user declined %s (answer: %s). Retry only if the user asks for it."
	refusedChanged         = "the object or the arguments of %s changed after the confirmation. Read the object again and retry."
	refusedWithoutSink     = "%s returns a secret that Retool shows only once, and this server has nowhere to save it. The operator must name a folder with %s."
	refusedUnsavable       = "%s returns a secret that Retool shows only once, and no file can be created for it: %v."
	refusedDryRun          = "leave %s out: run_script without apply is the dry run of all writes of a script."
	refusedWrite           = "%s writes. Only run_script does that, with a step of its plan."
	refusedUnknownInstance = "%s names the instance of a call and must be one of %s."
	refusedNotServed       = "%s is not available on the instance %s."
)
