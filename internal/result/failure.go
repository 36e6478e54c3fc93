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

// Failure renders what stopped a call: what happened, in Retool's own words if it
// has some, then one line on what to do.
func Failure(call *tools.Call, err error, o Options) Result {
	status, ok := errors.AsType[*retool.StatusError](err)
	if !ok {
		return Result{Text: text.Clip(o.message(err.Error(), call), maxMessage), IsError: true}
	}
	shown := *status
	shown.Message = o.message(status.Message, call) // before Error adds to it: its end may be half a secret
	return Result{Text: text.Clip(shown.Error(), maxMessage) + "\n" + advice(call.Tool, status, o.SettingNames), IsError: true}
}

// maxMessage bounds, in bytes, what an error may say: clients cut errors at some
// 11,000 characters, and the advice is at the end.
const maxMessage = 8000

func advice(t *tools.Tool, e *retool.StatusError, names SettingNames) string {
	switch {
	case e.Plain && strings.Contains(e.Message, "HTTP request to an HTTPS server"):
		return "The instance uses HTTPS on this port. Correct the scheme of " + names.address() + "."
	case e.HTML && e.Status < 500:
		return "A login page or a proxy responded instead of Retool's API. Check " + names.address() + "."
	case e.Status == http.StatusBadRequest, e.Status == http.StatusUnprocessableEntity:
		return "Retool rejected the arguments. Correct what its message names and retry."
	case e.Status == http.StatusUnauthorized:
		return "The access token is missing, invalid, expired, or belongs to another organization or space. Check " + names.token() + " and " + names.address() + "."
	case e.Status == http.StatusForbidden:
		return forbidden(t)
	case e.Status == http.StatusNotFound:
		return notFound(t, names)
	case e.Status == http.StatusNotImplemented:
		return "This instance does not implement the operation " + t.Method + " " + t.Path + "."
	case e.Status == http.StatusMethodNotAllowed:
		return "This release of Retool does not have the operation " + t.Method + " " + t.Path + "."
	case e.Status == http.StatusConflict:
		return "Conflict with the current state. Read the object, adjust the arguments, and retry."
	case e.Status == http.StatusTooManyRequests:
		return tooMany(e)
	case e.Status >= 500 && t.Hints.ReadOnly:
		return "Retool failed internally. Retry in a moment."
	case e.Status >= 500:
		return "Retool failed internally. Before a retry, check whether the change took effect."
	default:
		return "Correct what the message names and retry."
	}
}

func forbidden(t *tools.Tool) string {
	var needs []string
	if len(t.Scopes) > 0 {
		needs = append(needs, "the scope "+t.Scopes.String())
	}
	if t.Plan != "" {
		needs = append(needs, "the "+t.Plan+" plan")
	}
	says := "The access token does not allow this."
	if len(needs) > 0 {
		says += " The operation requires " + strings.Join(needs, " and ") + "."
	}
	return says + " Organization admins create tokens under Settings > API."
}

func notFound(t *tools.Tool, names SettingNames) string {
	var lists []string
	for _, a := range t.Args {
		if a.In == tools.InPath && a.ListTool != "" {
			lists = append(lists, fmt.Sprintf("%s lists valid values of %s", a.ListTool, a.Name))
		}
	}
	says := "Not found: an id may be wrong, this release of Retool may not have the operation, or " + names.address() + " may be wrong."
	if len(lists) > 0 {
		says = "No object has that id: " + strings.Join(lists, ", ") + "."
	}
	if t.Hints.Destructive {
		says += " If it was already deleted, there is nothing left to do."
	}
	return says
}

func tooMany(e *retool.StatusError) string {
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	switch {
	case seconds <= 0:
		return "Too many requests. Wait 1 minute, then call less often."
	case seconds == 1:
		return "Too many requests. Wait 1 second, then retry."
	default:
		return fmt.Sprintf("Too many requests. Wait %d seconds, then retry.", seconds)
	}
}
