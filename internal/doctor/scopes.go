package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Scopes is what reads show about a token's scopes. Every scope that a tool needs
// is in exactly one of Found, Lacking, Unknown and Assumed; all are sorted.
type Scopes struct {
	// Found are the scopes of the token.
	Found []string `json:"found"`
	// Lacking are those that it lacks: a read was refused, or the write scope would
	// include a read scope that it lacks.
	Lacking []string `json:"lacking"`
	// Unknown are those that the responses leave open, with the reason.
	Unknown map[string]string `json:"unknown"`
	// Assumed are those that only a write could show. None is ever sent.
	Assumed []string `json:"assumed"`
	// Suggest is the setting for the found scopes, "" for none.
	Suggest string `json:"suggest,omitempty"`
	// stopped is why not all reads were sent, "" if they were.
	stopped string
}

// maxConcurrent is the limit of concurrent reads.
const maxConcurrent = 4

// maxUnanswered is how many reads without a response end the check: each may take
// its whole deadline.
const maxUnanswered = 3

func (d *doctor) checkScopes(ctx context.Context) Check {
	list := probes(d.Catalog)
	switch {
	case d.Token == "" || d.done["token"].Status == Skip:
		return Skip.found("there is no token")
	case len(list) == 0:
		return Skip.found("no read can show a scope of this document")
	}
	stopped := d.readAll(ctx, list)
	d.scopes = d.classify(list)
	d.scopes.stopped = stopped
	return d.scopes.report(d.Options.Scopes)
}

// readAll sends all probes until one shows that more are useless. It returns that
// reason.
func (d *doctor) readAll(ctx context.Context, list []probe) (stopped string) {
	var mu sync.Mutex // protects stopped and unanswered
	unanswered := 0
	read := func(p probe) {
		r := d.readAPI(ctx, p.request)
		mu.Lock()
		defer mu.Unlock()
		switch r.outcome {
		case rateLimited:
			stopped = "the rate limit was reached"
		case rejected:
			stopped = "the token was no longer accepted"
		case noResponse:
			if unanswered++; unanswered == maxUnanswered {
				stopped = "the instance did not respond to several reads"
			}
		}
	}
	done := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return stopped != "" || ctx.Err() != nil
	}
	read(list[0]) // the token check has sent it
	var wait sync.WaitGroup
	slots := make(chan struct{}, maxConcurrent)
	for _, p := range list[1:] {
		slots <- struct{}{}
		if done() {
			break
		}
		wait.Go(func() {
			defer func() { <-slots }()
			read(p)
		})
	}
	wait.Wait()
	if stopped == "" && ctx.Err() != nil {
		stopped = "it took too long"
	}
	return stopped
}

// classify interprets the results. Those of a single scope come before those of
// alternatives, which only show what is not known already.
func (d *doctor) classify(list []probe) *Scopes {
	known := map[string]outcome{}
	unknown := map[string]string{}
	for _, p := range list {
		r, sent := d.result(p.request.Path)
		possible := slices.DeleteFunc(slices.Clone(p.scopes), func(s string) bool { return known[s] == lacking })
		var reason string
		switch {
		case sent && r.outcome == lacking:
			for _, scope := range p.scopes {
				known[scope] = lacking
			}
			continue
		case sent && r.outcome == allowed && len(possible) == 1:
			known[possible[0]] = allowed
			continue
		case sent && r.outcome == allowed && slices.ContainsFunc(p.scopes, func(s string) bool { return known[s] == allowed }):
			reason = "no read needs it alone"
		case sent && r.outcome == allowed:
			reason = "the token has at least one of " + strings.Join(possible, ", ")
		default:
			reason = unknownReason(p.request.Path, r, sent)
		}
		for _, scope := range p.scopes {
			if unknown[scope] == "" {
				unknown[scope] = reason
			}
		}
	}
	s := &Scopes{Found: []string{}, Lacking: []string{}, Unknown: map[string]string{}, Assumed: []string{}}
	for _, scope := range d.Catalog.Scopes() {
		area, writes := strings.CutSuffix(scope, ":write")
		switch {
		case known[scope] == allowed:
			s.Found = append(s.Found, scope)
		case known[scope] == lacking, writes && known[area+":read"] == lacking: // write includes read
			s.Lacking = append(s.Lacking, scope)
		case unknown[scope] != "":
			s.Unknown[scope] = unknown[scope]
		case strings.HasSuffix(scope, "read"):
			s.Unknown[scope] = "no read without arguments needs it"
		default:
			s.Assumed = append(s.Assumed, scope)
		}
	}
	if len(s.Found) > 0 {
		s.Suggest = strings.TrimSpace(d.SettingNames.ScopesFlag + " " + strings.Join(s.Found, ","))
	}
	return s
}

func unknownReason(path string, r readResult, sent bool) string {
	switch {
	case !sent:
		return "not checked"
	case r.outcome == noPlan:
		return "the organization's plan does not include GET " + path
	case r.outcome == noAPI:
		return "the instance does not have GET " + path
	case r.outcome == noResponse:
		return "no response to GET " + path
	default:
		return "GET " + path + ": " + r.String()
	}
}

// report returns the check for the scopes.
func (s *Scopes) report(configured []string) Check {
	c := OK.found("%d found, %d lacking, %d unknown", len(s.Found), len(s.Lacking), len(s.Assumed)+len(s.Unknown))
	c.Scopes = s
	if s.Suggest != "" {
		note := "suggested: " + s.Suggest
		if len(s.Lacking) == 0 {
			note += " (optional: nothing was refused)"
		}
		c.Notes = append(c.Notes, note)
	}
	if len(s.Assumed) > 0 {
		c.Notes = append(c.Notes, "unknown, assumed: "+strings.Join(s.Assumed, ",")+" (only a write could show them: add those that you created the token with)")
	}
	reasons := map[string][]string{}
	for scope, reason := range s.Unknown {
		reasons[reason] = append(reasons[reason], scope)
	}
	var notes []string
	for reason, scopes := range reasons {
		slices.Sort(scopes)
		notes = append(notes, "unknown: "+strings.Join(scopes, ",")+" ("+reason+")")
	}
	slices.Sort(notes)
	c.Notes = append(c.Notes, notes...)

	missing := slices.DeleteFunc(slices.Clone(configured), func(scope string) bool { return !slices.Contains(s.Lacking, scope) })
	switch {
	case s.stopped != "":
		return c.warning("not all scopes were checked, because %s: run this again in a minute", s.stopped)
	case len(missing) > 0:
		return c.warning("{scopes} includes %s, which the token lacks: remove it, or create a token that has it", strings.Join(missing, ", "))
	case len(s.Found) == 0 && len(s.Lacking) > 0:
		return c.warning("create a token with the scopes that you need, in Retool under Settings > API")
	case len(s.Found) == 0:
		return c.warning("no response shows a scope: check the reasons above and the organization's plan")
	}
	return c
}

// grants reports whether a token certainly may use a tool that needs one of the
// alternatives, and whether it certainly may not.
func (s *Scopes) grants(alternatives []string) (surely, never bool) {
	if len(alternatives) == 0 {
		return true, false
	}
	surely = slices.ContainsFunc(alternatives, func(scope string) bool { return slices.Contains(s.Found, scope) })
	never = !slices.ContainsFunc(alternatives, func(scope string) bool { return !slices.Contains(s.Lacking, scope) })
	return surely, never
}

// checkTools counts the served tools and those that the token's scopes allow.
func (d *doctor) checkTools(context.Context) Check {
	if d.Served == nil {
		return Skip.found("the document is unavailable")
	}
	listed := len(d.Served.Listed().Tools)
	served := count(listed, "tool") + " served"
	if more := len(d.Served.Tools) - listed; more > 0 {
		served += fmt.Sprintf(", and %d for scripts alone", more)
	}
	if d.scopes == nil {
		return OK.found("%s, in %s", served, count(len(d.Served.Toolsets()), "toolset"))
	}
	var surely, perhaps, never int
	usable := map[string]bool{}
	for i := range d.Served.Tools {
		t := &d.Served.Tools[i]
		may, mayNot := d.scopes.grants(t.Scopes)
		usable[t.Toolset] = usable[t.Toolset] || !mayNot
		switch {
		case may:
			surely++
		case mayNot:
			never++
		default:
			perhaps++
		}
	}
	c := OK.found("%s: the token allows %d", served, surely)
	if perhaps > 0 {
		c.Found += fmt.Sprintf(", and may allow %d more with unknown scopes", perhaps)
	}
	empty := slices.DeleteFunc(d.Served.Toolsets(), func(set string) bool { return usable[set] })
	if len(empty) > 0 {
		c.Notes = append(c.Notes, "toolsets without an allowed tool: "+strings.Join(empty, ", "))
	}
	if never > 0 {
		c.Found += fmt.Sprintf("; %d would be refused", never)
		return c.warning("set {scopes} to the token's scopes, to list only tools that it allows")
	}
	return c
}
