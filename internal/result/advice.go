package result

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// advice says what to do about a response. The status decides, then what came with
// it: a page is from a server in front of Retool, or from a release without the
// operation.
func advice(t *tools.Tool, e *retool.StatusError, names SettingNames) string {
	switch {
	case needsTLS(e):
		return "The instance uses HTTPS on this port. Correct the scheme of " + names.address() + "."
	case needsPlan(e):
		return plan(t)
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		if e.HTML {
			return inFront + "rejected the request. Check the arguments and " + names.address() + "."
		}
		says := "Retool rejected the arguments. Correct what its message names and retry."
		if strings.Contains(string(t.Schema), "describe_tools") { // the published schema does not have it all
			says += fmt.Sprintf(` describe_tools {"names":[%q]} shows what they take; Retool may name a field for what is inside it.`, t.Name)
		}
		return says
	case http.StatusUnauthorized:
		if e.HTML || e.Plain {
			return inFront + "may require a login: it must let requests to /api pass. Otherwise check " + names.token() + " and " + names.address() + "."
		}
		return "The access token is missing, invalid, expired, or belongs to another organization or space. Check " + names.token() + " and " + names.address() + "."
	case http.StatusForbidden:
		if e.HTML || e.Plain {
			return inFront + "refused the request, such as a firewall or a login. Its administrator can let requests to /api pass."
		}
		return forbidden(t)
	case http.StatusNotFound:
		return notFound(t, e, names)
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return "This release of Retool does not have the operation " + operation(t) + "."
	case http.StatusProxyAuthRequired:
		return "The proxy requires user and password. Set them in HTTPS_PROXY."
	case http.StatusConflict:
		return "Conflict with the current state. Read the object, adjust the arguments, and retry."
	case http.StatusRequestEntityTooLarge:
		return "The request is too large for Retool or a server in front of it. Send less at once, or ask its administrator to raise the limit."
	case http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return "The arguments in path and query are too long for Retool or a server in front of it. Shorten them."
	case http.StatusTooManyRequests:
		return tooMany(e)
	case http.StatusRequestTimeout, http.StatusTooEarly:
		if t.Hints.ReadOnly {
			return "Retry in a moment."
		}
		return "Before a retry, check whether the change took effect."
	case http.StatusNetworkAuthenticationRequired:
		return "The network between this server and Retool requires a login."
	case http.StatusMisdirectedRequest:
		return inFront + "does not serve this address. Check " + names.address() + "."
	}
	switch {
	case e.Status >= 500 && t.Hints.ReadOnly:
		return "Retool failed internally. Retry in " + cmp.Or(waitFor(e), "a moment") + "."
	case e.Status >= 500:
		return "Retool failed internally. Before a retry, check whether the change took effect."
	case e.Status < 400:
		says := "A login page or a proxy responded instead of Retool's API. Check " + names.address() + "."
		if !t.Hints.ReadOnly {
			says += " Before a retry, check whether the change took effect."
		}
		return says
	case e.HTML:
		return inFront + "refused the request. Check " + names.address() + "."
	case e.Message == "":
		return "The response does not say why. Check the arguments and the state of the object."
	default:
		return "Correct what the message names and retry."
	}
}

const inFront = "A server in front of Retool "

// needsTLS recognizes the response of a TLS server to plain HTTP.
func needsTLS(e *retool.StatusError) bool {
	said := strings.ToLower(e.Message)
	return !e.API && e.Status == http.StatusBadRequest && strings.Contains(said, "http request") && strings.Contains(said, "https")
}

// planWords are how Retool and its gateway say that the plan lacks an operation.
var planWords = text.Pattern(`(?i)not (available|included|supported|allowed) (on|in|with|by) (your|this|the|its)[\w ]{0,20} plan\b` +
	`|plan (does not|doesn't) (include|support|allow)|upgrade [\w ]{0,20}plan|(requires?|available (only )?(on|in|for|with)) [\w ]{0,20}plans?\b`)

// needsPlan reports whether the organization's plan lacks the operation, whatever
// the token allows.
func needsPlan(e *retool.StatusError) bool {
	switch e.Status {
	case http.StatusPaymentRequired:
		return true
	case http.StatusForbidden:
		return !e.HTML && !strings.Contains(e.Message, "missing one of") && planWords().MatchString(e.Message)
	}
	return false
}

func plan(t *tools.Tool) string {
	says := "The organization's Retool plan does not include this operation"
	if t.Plan != "" {
		says += ": it requires the " + t.Plan + " plan"
	}
	return says + ". Another token or scope does not help."
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

func notFound(t *tools.Tool, e *retool.StatusError, names SettingNames) string {
	if e.NoRoute() {
		return "This release of Retool may not have the operation " + operation(t) + ", or " + names.address() + " may be wrong."
	}
	var lists []string
	for _, a := range t.Args {
		if a.In == tools.InPath && a.ListTool != "" {
			lists = append(lists, fmt.Sprintf("%s lists valid values of %s", a.ListTool, a.Name))
		}
	}
	says := "Not found: an id may be wrong, this release of Retool may not have the operation, or " + names.address() + " may be wrong."
	if len(lists) > 0 {
		says = "No object has that id: " + strings.Join(lists, ", ") + "."
		if t.Hints.ReadOnly {
			says += " If the list shows it, it was deleted since, belongs to another space, has another id (id, not legacy_id), or this release lacks the operation."
		}
	}
	if t.Hints.Destructive {
		says += " If it was already deleted, there is nothing left to do."
	}
	return says
}

// operation names a tool's operation, and the release that has it.
func operation(t *tools.Tool) string {
	name := t.Method + " " + t.Path
	if t.Since != "" {
		name += " (self-hosted Retool has it since release " + t.Since + ")"
	}
	return name
}

func tooMany(e *retool.StatusError) string {
	if wait := waitFor(e); wait != "" {
		return "Too many requests. Wait " + wait + ", then retry."
	}
	return "Too many requests. Wait 1 minute, then call less often."
}

// waitFor is how long the server asks to wait, "" if it does not.
func waitFor(e *retool.StatusError) string {
	switch seconds := int(math.Ceil(e.RetryAfter.Seconds())); {
	case seconds <= 0:
		return ""
	case seconds == 1:
		return "1 second"
	default:
		return fmt.Sprintf("%d seconds", seconds)
	}
}
