package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// outcome is what a read shows about the token.
type outcome int

const (
	unclear     outcome = iota
	allowed             // the token has the scope, whatever else is wrong
	lacking             // the token lacks a scope
	noPlan              // the plan does not include the operation; the scope stays unknown
	rejected            // the token is not accepted
	rateLimited         // too many calls
	noAPI               // the server is not the API
	noResponse          // there is no response
)

// readResult is the result of one read.
type readResult struct {
	outcome outcome
	status  int
	message string // for people
}

// String describes the response.
func (r readResult) String() string {
	if r.message == "" {
		return fmt.Sprintf("status %d", r.status)
	}
	return fmt.Sprintf("status %d, %s", r.status, brief(r.message))
}

// readAPI sends a GET with the token, once for each path.
func (d *doctor) readAPI(ctx context.Context, r tools.Request) readResult {
	if known, ok := d.result(r.Path); ok {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	result := resultOf(d.client.Do(ctx, r))
	d.reads.Store(r.Path, result)
	return result
}

// result returns the result of a read, if it was sent.
func (d *doctor) result(path string) (r readResult, sent bool) {
	known, _ := d.reads.Load(path)
	r, sent = known.(readResult)
	return r, sent
}

// resultOf interprets a response by its status and, where that is ambiguous, by the
// API's message.
func resultOf(response *retool.Response, err error) readResult {
	if err == nil && !response.FromAPI() {
		return readResult{outcome: noAPI, status: response.Status, message: "not in the form of Retool's API"}
	}
	if err == nil {
		return readResult{outcome: allowed, status: http.StatusOK}
	}
	status, ok := errors.AsType[*retool.StatusError](err)
	if !ok {
		return readResult{outcome: noResponse, message: err.Error()}
	}
	r := readResult{status: status.Status, message: status.Message}
	switch words := strings.ToLower(status.Message); {
	case status.Status == http.StatusTooManyRequests:
		r.outcome = rateLimited
	case status.HTML && status.Status < http.StatusInternalServerError:
		r.outcome = noAPI
	case status.Status == http.StatusUnauthorized:
		r.outcome = rejected
	case status.Status == http.StatusForbidden && strings.Contains(words, "not available on your plan"):
		r.outcome = noPlan
	case status.Status == http.StatusForbidden && strings.Contains(words, "missing one of"):
		r.outcome = lacking
	// Others come from a server in front of it, or from a release without the path.
	case status.API && !status.NoRoute() && (status.Status == http.StatusBadRequest || status.Status == http.StatusNotFound):
		r.outcome = allowed
	case status.Status == http.StatusNotFound:
		r.outcome = noAPI
	}
	return r
}

// anyToken is a read that needs no scope, for documents without scopes.
var anyToken = probe{request: tools.Request{Method: http.MethodGet, Path: "/info/ip_allowlist"}}

// checkToken sends a read to see whether Retool accepts the token.
func (d *doctor) checkToken(ctx context.Context) Check {
	if d.Token == "" {
		return Fail.found("no access token is configured").withRemedy("create one in Retool under Settings > API, and set {token}")
	}
	p := anyToken
	if list := probes(d.Catalog); len(list) > 0 {
		p = list[0]
	}
	r := d.readAPI(ctx, p.request)
	what := "GET " + p.request.Path
	switch r.outcome {
	case allowed, lacking, noPlan:
		return OK.found("Retool accepts it")
	case rejected:
		return Fail.found("Retool does not accept it: %s", r).
			withRemedy("a token belongs to one organization or space: create one there under Settings > API, and check that {address} is the same")
	case rateLimited:
		return Warn.found("unknown: the rate limit is reached").withRemedy("run this again in a minute; if it persists, another program uses this token")
	case noAPI:
		return Fail.found("%s: there is no API of Retool: %s", what, r).withRemedy("%s; the address of an instance below a path includes the path", wrongPage)
	case noResponse:
		return Fail.found("%s: %s", what, brief(r.message)).withRemedy("if all other checks are ok, run this again")
	}
	switch {
	case r.status == http.StatusForbidden:
		return Warn.found("unknown: %s is refused: %s", what, r).withRemedy("ask an administrator of the organization whether addresses or users are restricted")
	case r.status >= http.StatusInternalServerError:
		return Warn.found("unknown: %s fails with status %d", what, r.status).withRemedy("check the instance's log")
	default:
		return Warn.found("unknown: %s", r).withRemedy("check {address}")
	}
}

// probe is a harmless read that shows whether a token has one of the scopes.
type probe struct {
	request tools.Request
	scopes  []string
}

// harmless reports whether a tool reads, calls no third party, and needs no
// argument.
func harmless(t *tools.Tool) bool {
	return t.Method == http.MethodGet && t.Hints.ReadOnly && !t.Hints.OpenWorld && !strings.Contains(t.Path, "{") &&
		!slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Required })
}

// query limits the response to one item, if the tool can.
func query(t *tools.Tool) string {
	if slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.WireName == "limit" && a.In == tools.InQuery }) {
		return "limit=1"
	}
	return ""
}

// probes returns reads that together show as many scopes as possible: the cheapest
// for each scope, those that need a single scope first. The catalog may be nil.
func probes(c *tools.Catalog) (all []probe) {
	if c == nil {
		return nil
	}
	var candidates []*tools.Tool
	for i := range c.Tools {
		if t := &c.Tools[i]; harmless(t) && len(t.Scopes) > 0 {
			candidates = append(candidates, t)
		}
	}
	slices.SortStableFunc(candidates, func(a, b *tools.Tool) int {
		return cmp.Or(
			cmp.Compare(len(a.Scopes), len(b.Scopes)),
			cmp.Compare(query(b), query(a)), // limited ones first
			cmp.Compare(len(a.Secrets), len(b.Secrets)),
			cmp.Compare(len(a.Path), len(b.Path)),
		)
	})
	covered := map[string]bool{}
	for _, t := range candidates {
		if !slices.ContainsFunc(t.Scopes, func(s string) bool { return !covered[s] }) {
			continue
		}
		for _, scope := range t.Scopes {
			covered[scope] = true
		}
		all = append(all, probe{tools.Request{Method: http.MethodGet, Path: t.Path, Query: query(t), Headers: t.Headers}, t.Scopes})
	}
	return all
}
