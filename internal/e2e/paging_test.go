package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/referencedata"
)

// pagedIn is the number of operations of the real documents that answer with a
// page token, counted by hand.
var pagedIn = map[string]int{"openapi-2.12.0.json": 15, "openapi-3.387.0.json": 16, "openapi-4.0.0.json": 16}

// spelledNext returns the document with the names of Retool's guide: the page
// token is "next" in the response and in the query.
func spelledNext(document object) object {
	for _, item := range document["paths"].(object) {
		for _, operation := range item.(object) {
			raw := operation.(object)
			answer := answerOf(raw)
			if fields, _ := answer["properties"].(object); fields["next_token"] != nil {
				fields["next"] = fields["next_token"]
				delete(fields, "next_token")
			}
			required, _ := answer["required"].([]any)
			if i := slices.Index(required, any("next_token")); i >= 0 {
				required[i] = "next"
			}
			list, _ := raw["parameters"].([]any)
			for _, p := range list {
				if p := p.(object); p["name"] == "next_token" {
					p["name"] = "next"
				}
			}
		}
	}
	return document
}

// An agent that follows the last line of each result reaches the end of every
// list and sees each item once.
func TestPagesAreFollowedToTheEnd(t *testing.T) {
	t.Parallel()
	for _, name := range referencedata.Documents {
		t.Run(name, func(t *testing.T) {
			walkAll(t, readDocument(t, name), "next_token", pagedIn[name])
		})
		t.Run(name+" spelled next", func(t *testing.T) {
			walkAll(t, spelledNext(readDocument(t, name)), "next", pagedIn[name])
		})
	}
}

func walkAll(t *testing.T, document object, spelling string, paged int) {
	t.Parallel()
	l := &pagedUpstream{spelling: spelling}
	u := newUpstream(t, l.ServeHTTP)
	env := serving(t, writeDocument(t, document), u)
	tools := toolsOf(t, env)
	s := connect(t, legacy, env)
	walked := 0
	for _, op := range operationsOf(document) {
		if !op.paged() {
			continue
		}
		require.Equal(t, spelling, op.pageToken)
		walked++
		ends := map[string]string{
			"no token":            fmt.Sprintf(`%q:null,"has_more":false`, spelling),
			"a token, but no end": fmt.Sprintf(`%q:"left over","has_more":false`, spelling),
			"neither":             `"other":null`,
		}
		for name, end := range ends {
			for _, form := range formsOf(s, tools[op.String()]) {
				t.Run(op.String()+" as "+form+" ends with "+name, func(t *testing.T) {
					l.startOver(end, form == asObject)
					sample := sampler{t: t, all: true}
					x := sample.exchangeFor(op)
					delete(x.arguments, "next_token")
					if name != "neither" { // once with the agent's limit, otherwise with the tool's
						delete(x.arguments, "limit")
					}
					requireWalk(t, s, tools[op.String()], form, x.arguments)
					require.Empty(t, l.wrong())
					requireRepeated(t, op, spelling, x.arguments["limit"], u.take())
				})
			}
		}
	}
	require.Equal(t, paged, walked)
}

// asObject is a response that contains more than a list and has pages.
const asObject = "object"

func formsOf(s *session, tool string) []string {
	s.t.Helper()
	if s.takes(tool, "format") {
		return []string{asTable, asJSON}
	}
	return []string{asObject}
}

// requireWalk follows a list to its end as an agent does, with nothing but the
// text of the results.
func requireWalk(t *testing.T, s *session, tool, form string, arguments object) {
	t.Helper()
	next := arguments
	if form != asObject {
		next = with(arguments, "format", form)
	}
	var items []string
	for page := 0; next != nil; page++ {
		require.LessOrEqual(t, page, len(tokens), "pages without end")
		l := s.listing(tool, next)
		require.Equal(t, form == asTable, l.form == asTable)
		items = append(items, l.ids(t)...)
		require.Equal(t, itemsOnPage, l.held)
		require.Empty(t, l.lines, "no other line")
		require.Empty(t, l.reason)
		if l.next == nil {
			require.Equal(t, len(tokens), page, "the list ended early")
		} else {
			require.Equal(t, throughJSON(t, with(next, "next_token", l.next["next_token"])), any(l.next), "the same call, with another token")
		}
		if form == asTable || form == asJSON && l.next != nil { // the last page in JSON has no note
			require.Equal(t, (len(tokens)+1)*itemsOnPage, l.total)
		}
		next = l.next
	}
	for i, item := range items {
		require.Equal(t, fmt.Sprintf("item %d", i), item)
	}
	require.Len(t, items, (len(tokens)+1)*itemsOnPage)
}

// requireRepeated checks that the pages were requested with one token after the
// other, byte for byte, and otherwise with the same request. The limit is the
// agent's own or the largest possible.
func requireRepeated(t *testing.T, op apiOperation, spelling string, limit any, requests []received) {
	t.Helper()
	require.Len(t, requests, len(tokens)+1)
	var first url.Values
	for i, r := range requests {
		uri, err := url.ParseRequestURI(r.uri)
		require.NoError(t, err)
		query, err := url.ParseQuery(uri.RawQuery)
		require.NoError(t, err)
		if i == 0 {
			require.NotContains(t, query, spelling)
			first = query
			continue
		}
		require.Equal(t, []string{tokens[i-1]}, query[spelling])
		delete(query, spelling)
		require.Equal(t, first, query)
		require.Equal(t, op.method+" /api/v2"+op.path, r.method+" "+uri.EscapedPath())
		require.Equal(t, string(requests[0].body), string(r.body))
	}
	switch {
	case op.declaresLimit && limit != nil:
		require.Equal(t, []string{fmt.Sprint(limit)}, first["limit"])
	case op.declaresLimit:
		require.Equal(t, []string{op.largestPage()}, first["limit"])
	default:
		require.NotContains(t, first, "limit")
	}
	if op.body != nil {
		require.NotEmpty(t, requests[0].body)
	}
}

// A response that announces another page without a token must not look like the
// end of the list.
func TestMorePagesWithoutCursorIsAnError(t *testing.T) {
	t.Parallel()
	for _, paging := range []string{`"next_token":null,"has_more":true`, `"next_token":"","has_more":true`, `"has_more":true`} {
		t.Run(paging, func(t *testing.T) {
			body := `{"success":true,"data":[{"id":"a"},{"id":"b"}],"total_count":9,` + paging + `}`
			u := newUpstream(t, answering(http.StatusOK, jsonType, body))
			env := serving(t, referencedata.Path(t, referencedata.Documents[1]), u)
			tools := toolsOf(t, env)
			s := connect(t, modern, env)
			for _, op := range operationsOfReal(t, referencedata.Documents[1]) {
				if !op.paged() {
					continue
				}
				sample := sampler{t: t}
				x := sample.exchangeFor(op)
				for _, form := range formsOf(s, tools[op.String()]) {
					arguments := x.arguments
					if form != asObject {
						arguments = with(arguments, "format", form)
					}
					a := s.call(tools[op.String()], given(t, arguments))
					require.True(t, a.isError, a.text)
					require.Contains(t, a.text, "has_more is true, but Retool sent no token")
					require.Regexp(t, "2 of 9 (rows|items) ", a.text)
					l := readListing(t, tools[op.String()], a.text)
					require.Equal(t, []string{"a", "b"}, l.ids(t), "the items are in the result")
					require.Nil(t, l.next)
					require.NotContains(t, a.text, "Next page:")
				}
			}
		})
	}
}
