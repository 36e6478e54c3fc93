package result

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Failure renders what stopped a call: what happened, in Retool's own words
// where it has some, then one line on what to do.
func Failure(call *tools.Call, err error, o Options) Result {
	says := err.Error()
	status, isStatus := errors.AsType[*retool.StatusError](err)
	if isStatus {
		shown := *status // what Error adds to the message would hide where that was cut
		shown.Message = o.message(status.Message, call)
		says = shown.Error()
	} else {
		says = o.message(says, call)
	}
	says = text.Clip(says, maxMessage)
	if isStatus {
		says += "\n" + advice(call.Tool, status, o.SettingNames)
	}
	return Result{Text: says, IsError: true}
}

// maxMessage bounds, in bytes, what an error may say. Clients cut errors at
// some 11,000 characters, and the advice stands at the end.
const maxMessage = 8000

func advice(t *tools.Tool, e *retool.StatusError, names SettingNames) string {
	switch {
	case e.Plain && strings.Contains(e.Message, "HTTP request to an HTTPS server"):
		return "The instance speaks HTTPS at this port: correct the scheme of " + names.address() + "."
	case e.HTML && e.Status < 500:
		return "A login page or a proxy answered instead of Retool's API: check " + names.address() + "."
	case e.Status == http.StatusBadRequest, e.Status == http.StatusUnprocessableEntity:
		return "Retool refused the arguments: change what its message names and call again."
	case e.Status == http.StatusUnauthorized:
		return "The access token is missing, wrong, expired or of another organization or space: check " + names.token() + " and " + names.address() + "."
	case e.Status == http.StatusForbidden:
		return forbidden(t)
	case e.Status == http.StatusNotFound:
		return notFound(t, names)
	case e.Status == http.StatusMethodNotAllowed, e.Status == http.StatusNotImplemented:
		return "This instance's release does not have the operation " + t.Method + " " + t.Path + "."
	case e.Status == http.StatusConflict:
		return "It clashes with what is there already: read the present state, adapt the call, and call again."
	case e.Status == http.StatusTooManyRequests:
		return tooMany(e)
	case e.Status >= 500 && t.Hints.ReadOnly:
		return "The fault is on Retool's side: call again in a moment."
	case e.Status >= 500:
		return "The fault is on Retool's side; before you call again, read whether the change took effect."
	default:
		return "Change what the message names and call again."
	}
}

func forbidden(t *tools.Tool) string {
	needs := "The access token does not allow this"
	if len(t.Scopes) > 0 {
		needs += ": the operation needs the scope " + t.Scopes.String()
	}
	if t.Plan != "" {
		needs += ", and the organization the " + t.Plan + " plan"
	}
	return needs + ". Organization admins make tokens under Settings > API."
}

func notFound(t *tools.Tool, names SettingNames) string {
	var listers []string
	for _, a := range t.Args {
		if a.In == tools.InPath && a.ListTool != "" {
			listers = append(listers, fmt.Sprintf("%s lists valid values of %s", a.ListTool, a.Name))
		}
	}
	gone := ""
	if t.Hints.Destructive {
		gone = " If it is gone already, nothing is left to do."
	}
	if len(listers) > 0 {
		return "Nothing has that id: " + strings.Join(listers, ", ") + "." + gone
	}
	return "Nothing is there: an id may be wrong, the release of this instance may not have the operation, or " + names.address() + " may be wrong." + gone
}

func tooMany(e *retool.StatusError) string {
	if e.RetryAfter <= 0 {
		return "Too many calls in a short time: wait a minute, then call again more slowly."
	}
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	return fmt.Sprintf("Too many calls in a short time: wait %d %s, then call again.", seconds, unit)
}
