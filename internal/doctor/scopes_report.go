package doctor

import (
	"cmp"
	"slices"
	"strings"
)

// report puts the scopes into lines. Configured are those that the settings name.
func (s *Scopes) report(configured []string) Check {
	c := ok("%d found, %d lacking, %d open", len(s.Found), len(s.Lacking), len(s.Assumed)+len(s.Unknown))
	c.Scopes = s
	switch {
	case s.Suggest != "" && len(s.Lacking) == 0:
		c.Notes = append(c.Notes, "suggested: "+s.Suggest+" (or leave it out: nothing was refused)")
	case s.Suggest != "":
		c.Notes = append(c.Notes, "suggested: "+s.Suggest)
	}
	if len(s.Assumed) > 0 {
		c.Notes = append(c.Notes, "unknown, assumed: "+strings.Join(s.Assumed, ",")+" (no write is sent to find out: add those that the token was made with)")
	}
	c.Notes = append(c.Notes, s.unknowns()...)

	missing := slices.DeleteFunc(slices.Clone(configured), func(scope string) bool { return !slices.Contains(s.Lacking, scope) })
	switch {
	case s.stopped != "":
		c.Status = Warn
		return c.withRemedy("not all was asked, since %s: run this again in a minute", s.stopped)
	case len(missing) > 0:
		c.Status = Warn
		return c.withRemedy("{scopes} names %s, which the token lacks: take it out, or make a token that has it", strings.Join(missing, ", "))
	case len(s.Found) == 0 && len(s.Lacking) > 0:
		c.Status = Warn
		return c.withRemedy("make a token with the scopes that the work needs, in Retool under Settings > API")
	case len(s.Found) == 0:
		c.Status = Warn
		return c.withRemedy("no answer shows a scope: look at the reasons above, and at the plan of the organization")
	}
	return c
}

// unknowns are the scopes that answers leave open, those of one reason together.
func (s *Scopes) unknowns() (lines []string) {
	reasons := map[string][]string{}
	for scope, reason := range s.Unknown {
		reasons[reason] = append(reasons[reason], scope)
	}
	for reason, scopes := range reasons {
		slices.Sort(scopes)
		lines = append(lines, "unknown: "+strings.Join(scopes, ",")+" ("+reason+")")
	}
	slices.SortFunc(lines, cmp.Compare)
	return lines
}

// grants tells whether a token with these scopes may surely use a tool that needs
// one of the alternatives, and whether it surely may not.
func (s *Scopes) grants(alternatives []string) (surely, never bool) {
	if len(alternatives) == 0 {
		return true, false
	}
	for _, scope := range alternatives {
		surely = surely || slices.Contains(s.Found, scope)
	}
	never = !slices.ContainsFunc(alternatives, func(scope string) bool { return !slices.Contains(s.Lacking, scope) })
	return surely, never
}
