package doctor

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Scopes is what reads show of a token's scopes. Every scope that a tool needs is
// in exactly one of Found, Lacking, Unknown and Assumed; all are sorted.
type Scopes struct {
	// Found are those that the token has.
	Found []string `json:"found"`
	// Lacking are those that it has not: reads were refused, or a write scope
	// would include a read that was.
	Lacking []string `json:"lacking"`
	// Unknown are those that the answers leave open, with the reason.
	Unknown map[string]string `json:"unknown"`
	// Assumed are those that only a write could show. None is ever sent.
	Assumed []string `json:"assumed"`
	// Suggest is the setting that serves what is found, "" for nothing found.
	Suggest string `json:"suggest,omitempty"`
	// stopped is why not all was asked, "" if it was.
	stopped string
}

// atOnce is how many reads are under way together.
const maxConcurrent = 4

// maxUnanswered is how many reads may stay without an answer before no more are
// sent: each may take its whole deadline.
const maxUnanswered = 3

func (d *doctor) checkScopes(ctx context.Context) Check {
	list := probes(d.all())
	switch {
	case d.Token == "" || d.done["token"].Status == Skip:
		return skip("there is no token to ask with")
	case len(list) == 0:
		return skip("the document names no scopes that a read could show")
	}
	stopped := d.readAll(ctx, list)
	d.scopes = d.classify(list)
	d.scopes.stopped = stopped
	return d.scopes.report(d.Scopes)
}

// readAll asks all probes, until the token, the limit of calls or silence ends it.
// It returns why it stopped, "" if it did not.
func (d *doctor) readAll(ctx context.Context, list []probe) (stopped string) {
	var wait sync.WaitGroup
	var mu sync.Mutex // of the two below
	unanswered := 0
	look := func(a answer) {
		mu.Lock()
		defer mu.Unlock()
		switch a.meaning {
		case tooMany:
			stopped = "the limit of calls was reached"
		case refused:
			stopped = "the token was no longer accepted"
		case noAnswer:
			if unanswered++; unanswered == maxUnanswered {
				stopped = "the instance left several reads without an answer"
			}
		}
	}
	goOn := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return stopped == "" && ctx.Err() == nil
	}
	look(d.read(ctx, list[0].request)) // it was asked for the token
	places := make(chan struct{}, maxConcurrent)
	for _, p := range list[1:] {
		places <- struct{}{}
		if !goOn() {
			break
		}
		wait.Go(func() {
			defer func() { <-places }()
			look(d.read(ctx, p.request))
		})
	}
	wait.Wait()
	if stopped == "" && ctx.Err() != nil {
		stopped = "it took too long"
	}
	return stopped
}

// judge draws the conclusions. Answers for one scope come before those for one
// of several, which say only what is not known already.
func (d *doctor) classify(list []probe) *Scopes {
	state := map[string]meaning{}
	open := map[string]string{}
	for _, p := range list {
		a, asked := d.answers.got[p.request.Path]
		unsure := slices.DeleteFunc(slices.Clone(p.scopes), func(s string) bool { return state[s] == lacking })
		anyKnown := slices.ContainsFunc(p.scopes, func(s string) bool { return state[s] == allowed })
		switch {
		case asked && a.meaning == lacking:
			for _, scope := range p.scopes {
				state[scope] = lacking
			}
		case asked && a.meaning == allowed && len(unsure) == 1:
			state[unsure[0]] = allowed
		case asked && a.meaning == allowed && anyKnown:
			setUnknown(open, p.scopes, "no read needs it alone")
		case asked && a.meaning == allowed:
			setUnknown(open, p.scopes, "the token has at least one of "+strings.Join(unsure, ", "))
		default:
			setUnknown(open, p.scopes, why(p, a, asked))
		}
	}
	s := group(d.Catalog.Scopes(), state, open)
	if len(s.Found) > 0 {
		s.Suggest = strings.TrimSpace(d.SettingNames.ScopesFlag + " " + strings.Join(s.Found, ","))
	}
	return s
}

func setUnknown(open map[string]string, scopes []string, why string) {
	for _, scope := range scopes {
		if open[scope] == "" {
			open[scope] = why
		}
	}
}

// why is the reason for which a scope is not known.
func why(p probe, a answer, asked bool) string {
	path := p.request.Path
	switch {
	case !asked:
		return "not asked"
	case a.meaning == noPlan:
		return "the organization's plan has not GET " + path
	case a.meaning == noAPI:
		return "the instance has not GET " + path
	case a.meaning == noAnswer:
		return "GET " + path + " was not answered"
	default:
		return "GET " + path + ": " + summary(a)
	}
}

// sortOut puts every scope where it belongs.
func group(needed []string, state map[string]meaning, open map[string]string) *Scopes {
	s := &Scopes{Found: []string{}, Lacking: []string{}, Unknown: map[string]string{}, Assumed: []string{}}
	for _, scope := range needed {
		area, writes := strings.CutSuffix(scope, ":write")
		switch {
		case state[scope] == allowed:
			s.Found = append(s.Found, scope)
		case state[scope] == lacking, writes && state[area+":read"] == lacking: // write includes read
			s.Lacking = append(s.Lacking, scope)
		case open[scope] != "":
			s.Unknown[scope] = open[scope]
		case strings.HasSuffix(scope, "read"):
			s.Unknown[scope] = "no read without arguments needs it"
		default:
			s.Assumed = append(s.Assumed, scope)
		}
	}
	return s
}
