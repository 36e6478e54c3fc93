package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A resultView is a choice of controls.
type resultView struct {
	name     string
	controls func(d describedOperation) object // nil where the operation does not take them
}

var views = []resultView{
	{"as it comes", func(describedOperation) object { return object{} }},
	{"as JSON", func(d describedOperation) object { return d.control("format", "json") }},
	{"as a table", func(d describedOperation) object { return d.control("format", "table") }},
	{"the secret fields", func(d describedOperation) object {
		if d.answer == nil { // without a response schema there is no field to select
			return nil
		}
		return object{"fields": d.secretFields()}
	}},
	{"all pages", func(d describedOperation) object { return d.control("all_pages", true) }},
	{"all pages as a table", func(d describedOperation) object {
		controls := d.control("all_pages", true)
		if controls != nil {
			controls["format"] = "table"
		}
		return controls
	}},
}

// control returns an argument that shapes the result, nil where the tool does
// not take it.
func (d describedOperation) control(name string, value any) object {
	if _, ok := d.takes[name]; !ok {
		return nil
	}
	return object{name: value}
}

// secretFields returns the paths of the secrets as an agent selects them.
func (d describedOperation) secretFields() (fields []string) {
	fields = []string{"free"}
	for _, secret := range d.secrets {
		path := strings.ReplaceAll(secret.path, "[]", "")
		fields = append(fields, strings.TrimPrefix(path, "data."))
	}
	return fields
}

// inPages answers with a body, and a second one for the next page.
func inPages(t testing.TB, d describedOperation, body object, all bool) http.HandlerFunc {
	t.Helper()
	_, ok := body["next_token"]
	if !all || !d.declaresToken || !ok {
		return answeringJSON(t, body)
	}
	first := maps.Clone(body)
	first["next_token"], first["has_more"] = "the second page", true
	var asked atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			answeringJSON(t, first)(w, r)
			return
		}
		answeringJSON(t, body)(w, r)
	}
}

// No result contains a secret, for any operation and controls. The same calls
// of a program that may reveal secrets show every canary, so the responses got
// through.
func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	operations := describedOperations(t)
	for _, reveal := range []bool{false, true} {
		t.Run(map[bool]string{false: "redacted", true: "revealed"}[reveal], func(t *testing.T) {
			t.Parallel()
			args := []string{"--secret-dir", t.TempDir()} // create_access_token needs it
			if reveal {
				args = append(args, "--reveal-secrets")
			}
			k := openConversation(t, nil, args...)
			progress := 0
			for _, d := range operations {
				t.Run(d.tool, func(t *testing.T) {
					k.t = t
					for _, flagged := range []bool{true, false} {
						progress += k.lookAround(d, flagged, reveal)
					}
				})
			}
			require.Positive(t, progress, "no progress was reported")
			if !reveal {
				require.Empty(t, anyCanary.FindString(k.stderr.String()), "the log")
				requireLogged(t, k.stderr, "tool=list_users") // the log is that of all calls
			}
		})
	}
}

// Some instances omit the envelope around data, or send JSON as text. The
// secrets are the same.
func TestSecretsAreRedactedWithoutTheEnvelope(t *testing.T) {
	t.Parallel()
	k := openConversation(t, nil, "--secret-dir", t.TempDir())
	for _, d := range describedOperations(t) {
		if len(d.secrets) == 0 {
			continue // named secrets are found anywhere
		}
		for _, kind := range []string{jsonType, "text/plain", ""} {
			t.Run(d.tool+" as "+kind, func(t *testing.T) {
				k.t = t
				a := &answerMaker{canarySet: canarySet{withoutOpenMaps: true}}
				body := jsonOf(t, a.answer(d, true)["data"])
				a.none(t, "the result", k.call(d.tool, d.requiredArguments(t), answering(http.StatusOK, kind, body)).all)
			})
		}
	}
}

// lookAround calls a tool with every resultView.
func (k *conversation) lookAround(d describedOperation, flagged, reveal bool) (progress int) {
	k.t.Helper()
	a := &answerMaker{}
	body := a.answer(d, flagged)
	for _, v := range views {
		controls := v.controls(d)
		if controls == nil {
			continue
		}
		arguments := d.requiredArguments(k.t)
		maps.Copy(arguments, controls)
		what := fmt.Sprintf("%s, flagged %v", v.name, flagged)
		h := k.succeeds(d.tool, arguments, inPages(k.t, d, body, controls["all_pages"] != nil))
		progress += h.progress
		check := a.requireNone
		if reveal {
			check = a.requireAll
		}
		if strings.Contains(h.all, "In brief: ") { // perhaps without any
			if !reveal {
				a.none(k.t, what, h.all)
			}
			arguments["fields"], what = fieldsOf(body), what+", every field"
			h = k.succeeds(d.tool, arguments, answeringJSON(k.t, body))
		}
		check(k.t, what, h.all, controls["fields"] != nil)
	}
	return progress
}

// fieldsOf returns the names of the fields of an answer's object.
func fieldsOf(body object) []string {
	if data, ok := body["data"].(object); ok {
		body = data
	}
	return slices.Sorted(maps.Keys(body))
}

// requireNone requires that there are no canaries, and that redaction markers
// are in their places: without them the response did not arrive at all. With
// some, part of it was selected.
func (a *answerMaker) requireNone(t testing.TB, what, text string, some bool) {
	t.Helper()
	a.none(t, what, text)
	least := len(a.places)
	if some {
		least = 1
	}
	require.GreaterOrEqual(t, strings.Count(text, "[redacted: "), least, what)
}

// requireAll requires every canary.
func (a *answerMaker) requireAll(t testing.TB, what, text string, some bool) {
	t.Helper()
	found, piece := a.in(text)
	require.NotEmpty(t, found, what)
	require.False(t, piece, what)
	require.NotContains(t, text, "[redacted", what)
	for i, place := range a.places {
		require.True(t, some || found[i], "%s: %s did not come", what, place)
	}
}
