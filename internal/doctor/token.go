package doctor

import (
	"context"
	"fmt"
	"net/http"

	"github.com/retool-mcp/retool-mcp/tools"
)

// anyToken is a read that needs no scope. It serves where a document names none.
var anyToken = probe{request: tools.Request{Method: http.MethodGet, Path: "/info/ip_allowlist"}}

// checkToken reads something, and sees by the answer whether the token counts for
// anything.
func (d *doctor) checkToken(ctx context.Context) Check {
	if d.Token == "" {
		return fail("no access token is configured").
			withRemedy("make one in Retool under Settings > API, and set {token}")
	}
	p := anyToken
	if list := probes(d.all()); len(list) > 0 {
		p = list[0]
	}
	a := d.read(ctx, p.request)
	what := "GET " + p.request.Path
	switch a.meaning {
	case allowed, lacking, noPlan:
		return ok("Retool accepts it")
	case refused:
		return fail("Retool does not accept it: %s", summary(a)).
			withRemedy("a token belongs to one organization or space: make one there under Settings > API, and check that {address} names the same")
	case tooMany:
		return warn("unknown: the limit of calls is reached").withRemedy("run this again in a minute; if it stays so, something else calls with this token")
	case noAPI:
		return fail("%s: no API of Retool answers there: %s", what, summary(a)).withRemedy("%s; an instance below a path needs that in it, too", wrongPage)
	case noAnswer:
		return fail("%s: %s", what, brief(a.text)).withRemedy("%s", "if the instance is well otherwise, run this again")
	}
	switch {
	case a.status == http.StatusForbidden:
		return warn("unknown: %s is refused: %s", what, summary(a)).withRemedy("ask an administrator of the organization whether addresses or users are restricted")
	case a.status >= http.StatusInternalServerError:
		return warn("unknown: %s ends with status %d", what, a.status).withRemedy("look at the instance's log")
	default:
		return warn("unknown: %s", summary(a)).withRemedy("check {address}")
	}
}

// said is an answer in brief.
func summary(a answer) string {
	text := fmt.Sprintf("status %d", a.status)
	if a.text != "" {
		text += ", " + brief(a.text)
	}
	return text
}

// all are all tools, none where they are not known.
func (d *doctor) all() *tools.Catalog {
	if d.Catalog == nil {
		return &tools.Catalog{}
	}
	return d.Catalog
}
