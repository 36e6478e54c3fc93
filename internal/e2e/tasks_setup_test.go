package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Tests of tasks act as an agent for an administrator: they call tools, find
// IDs in results, follow pages, and read the outcome.

// today is the initial clock of an emulated organization.
var today = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// onSandbox connects to a program with an emulated organization. Its results
// are not truncated.
func onSandbox(t testing.TB, args ...string) *session {
	t.Helper()
	return connect(t, modern, environment(t, wholeResults), append([]string{"--sandbox"}, args...)...)
}

// wholeResults prevents the truncation of lists.
const wholeResults = "RETOOL_MCP_MAX_RESULT_TOKENS=10000000"

// quit ends the program before the test ends.
func (s *session) quit() {
	s.t.Helper()
	require.NoError(s.t, s.client.Close(), "%s", s.stderr)
}

// read calls a tool that must succeed and decodes its data, or the whole
// response without the envelope. There must be no further page; lists that the
// API does not page are fetched whole.
func read[T any](s *session, tool string, arguments object) T {
	s.t.Helper()
	if s.takes(tool, "all_pages") {
		arguments = with(arguments, "all_pages", true)
	}
	data, next := readPage[T](s, tool, arguments)
	require.Nil(s.t, next, "%s has further pages", tool)
	return data
}

// readPage is read for a page, and returns the arguments for the next one. A
// list is read as JSON.
func readPage[T any](s *session, tool string, arguments object) (data T, next object) {
	s.t.Helper()
	isList := s.takes(tool, "format")
	if isList {
		arguments = with(arguments, "format", asJSON)
	}
	text := s.succeed(tool, given(s.t, arguments))
	if isList {
		l := readListing(s.t, tool, text)
		require.Empty(s.t, l.reason, "%s is cut", tool)
		require.Empty(s.t, l.lines)
		next = l.next
	}
	text, notes, noted := strings.Cut(text, "\n\n")
	brief := strings.HasPrefix(notes, "In brief: ")
	if brief || strings.HasPrefix(notes, "Covers ") {
		_, notes, _ = strings.Cut(notes, "\n")
	}
	if noted && !isList && notes != "" {
		require.Equal(s.t, writtenByPeople, notes)
	}
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(text), &envelope), "%s", text)
	if envelope.Data == nil {
		envelope.Data = json.RawMessage(text)
	}
	err := json.Unmarshal(envelope.Data, &data)
	if counted, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && brief && counted.Value == "number" {
		err = nil // a list is a count here; all else is decoded
	}
	require.NoError(s.t, err, "%s", text)
	return data, next
}

// readAll reads a list page by page, in the largest pages.
func readAll[T any](s *session, tool string, arguments object) (items []T) {
	s.t.Helper()
	for next := with(arguments, "limit", 100); next != nil; {
		var page []T
		page, next = readPage[[]T](s, tool, next)
		require.True(s.t, next == nil || len(page) == 100, "%s: a page of %d is not the last", tool, len(page))
		items = append(items, page...)
	}
	return items
}

// act calls a tool that must succeed and has an empty response.
func act(s *session, tool string, arguments object) {
	s.t.Helper()
	require.Regexp(s.t, "^Done: "+tool+" succeeded", s.succeed(tool, given(s.t, arguments)))
}

// requireRefusal calls a tool that must fail with a text.
func requireRefusal(s *session, tool string, arguments object, says ...string) {
	s.t.Helper()
	a := s.call(tool, given(s.t, arguments))
	require.True(s.t, a.isError, "%s %v: %s", tool, arguments, a.text)
	for _, text := range says {
		require.Contains(s.t, a.text, text)
	}
}

// with returns arguments with one more.
func with(arguments object, name string, value any) object {
	out := object{}
	maps.Copy(out, arguments)
	out[name] = value
	return out
}

func given(t testing.TB, arguments object) []byte {
	t.Helper()
	text, err := json.Marshal(arguments)
	require.NoError(t, err)
	return text
}

// replace returns the argument "operations" that sets one field.
func replace(path string, value any) []object {
	return []object{{"op": "replace", "path": path, "value": value}}
}

// A snapshot is a list by the IDs of its items.
type snapshot map[string]object

func snapshotOf(items []object) snapshot {
	out := snapshot{}
	for _, item := range items {
		out[fmt.Sprint(item["id"])] = item
	}
	return out
}

// changes compares two snapshots: "id field" for each changed field, "+id" and
// "-id" for added and removed items, sorted.
func changes(before, after snapshot) []string {
	out := []string{}
	for id, item := range after {
		if before[id] == nil {
			out = append(out, "+"+id)
			continue
		}
		for field, value := range item {
			if !reflect.DeepEqual(before[id][field], value) {
				out = append(out, id+" "+field)
			}
		}
	}
	for id := range before {
		if after[id] == nil {
			out = append(out, "-"+id)
		}
	}
	slices.Sort(out)
	return out
}

// each returns a text of each item, such as its ID.
func each[T any](items []T, text func(T) string) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = text(item)
	}
	return out
}

// only returns the items that match.
func only[T any](items []T, wanted func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool { return !wanted(item) })
}

// sole returns the only item that matches.
func sole[T any](t testing.TB, items []T, wanted func(T) bool) T {
	t.Helper()
	found := only(items, wanted)
	require.Len(t, found, 1)
	return found[0]
}

// Results of tools, as far as the tests read them.
type (
	user struct {
		ID         string     `json:"id"`
		LegacyID   int        `json:"legacy_id"`
		Email      string     `json:"email"`
		Active     bool       `json:"active"`
		IsAdmin    bool       `json:"is_admin"`
		TwoFactor  bool       `json:"two_factor_auth_enabled"`
		CreatedAt  time.Time  `json:"created_at"`
		LastActive *time.Time `json:"last_active"`
		Groups     []group    `json:"groups"` // if requested
	}
	group struct {
		ID        int      `json:"id"`
		Name      string   `json:"name"`
		Members   []user   `json:"members"`
		Invites   []invite `json:"user_invites"`
		AppAccess string   `json:"universal_app_access"`
	}
	invite struct {
		ID      int        `json:"id"`
		Email   string     `json:"invited_email"`
		Groups  []group    `json:"groups"`
		Expires time.Time  `json:"expires_at"`
		Claimed *time.Time `json:"claimed_at"`
	}
	folder struct {
		ID     string  `json:"id"`
		Name   string  `json:"name"`
		Type   string  `json:"folder_type"`
		Parent *string `json:"parent_folder_id"`
	}
	app struct {
		ID          string    `json:"id"`
		Name        string    `json:"name"`
		Description *string   `json:"description"`
		Folder      string    `json:"folder_id"`
		Release     string    `json:"release_version"`
		CreatedAt   time.Time `json:"created_at"`
	}
	resource struct {
		ID   string `json:"id"`
		Type string `json:"type"`
		Name string `json:"display_name"`
	}
	environmentOf struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	space struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Domain string `json:"domain"`
	}
)

// groupNamed finds a group by its name.
func groupNamed(s *session, name string) group {
	s.t.Helper()
	found := read[[]group](s, "list_groups", object{"name_contains": name})
	return sole(s.t, found, func(g group) bool { return g.Name == name })
}

// appNamed finds an app by its name.
func appNamed(s *session, name string) app {
	s.t.Helper()
	found := readAll[app](s, "list_apps", object{"name_contains": name})
	return sole(s.t, found, func(a app) bool { return a.Name == name })
}

// userWith finds a user by the e-mail.
func userWith(s *session, email string) user {
	s.t.Helper()
	found := read[[]user](s, "list_users", object{"email": email})
	require.Len(s.t, found, 1)
	return found[0]
}

// granted returns the grants of a group or user itself, of a type of objects.
func granted(s *session, subjectType string, subject any, objectType string) []access {
	s.t.Helper()
	return read[[]access](s, "list_subject_access", object{"subject": object{"type": subjectType, "id": subject}, "object_type": objectType})
}

// access is an object and the access of a subject to it.
type access struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Level string `json:"access_level"`
}

// configuration is the configuration of a resource in one environment.
type configuration struct {
	ID          string        `json:"id"`
	Resource    resource      `json:"resource"`
	Environment environmentOf `json:"environment"`
	Options     object        `json:"options"`
}
