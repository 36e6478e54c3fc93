package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/facts"
)

// pagedIn is how many operations of the real documents answer with a token,
// counted by hand.
var pagedIn = map[string]int{"openapi-2.12.0.json": 15, "openapi-3.387.0.json": 16}

// spelledNext returns the document as Retool's guide spells paging: the token is
// called "next" in the answer and in the query.
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

// An agent that does what the last line of a result says comes to the end of
// every list, and sees each item once.
func TestPagingToTheEnd(t *testing.T) {
	for _, name := range facts.Documents {
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
	l := &lister{spelling: spelling}
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
			t.Run(op.String()+" ends with "+name, func(t *testing.T) {
				l.startOver(end)
				sample := sampler{t: t, all: true}
				x := sample.exchangeFor(op)
				delete(x.arguments, "next_token")
				if name != "neither" { // once with the agent's own limit, else with the tool's
					delete(x.arguments, "limit")
				}
				requireWalk(t, s, tools[op.String()], x.arguments)
				require.Empty(t, l.wrong())
				requireRepeated(t, op, spelling, u.take())
			})
		}
	}
	require.Equal(t, paged, walked)
}

// nextPage is the line that tells an agent how to go on.
var nextPage = regexp.MustCompile(`Next page: call ([a-z0-9_]+) with (\{.*\})$`)

// requireWalk follows a list to its end as an agent does, which has nothing to
// go by but the text of the results.
func requireWalk(t *testing.T, s *session, tool string, arguments object) {
	t.Helper()
	next := []byte(jsonOf(t, arguments))
	var items []string
	for page := 0; ; page++ {
		require.LessOrEqual(t, page, len(tokens), "pages without end")
		text := s.succeed(tool, next)
		body, last := text, ""
		if cut := strings.LastIndexByte(text, '\n'); cut >= 0 {
			body, last = text[:cut], text[cut+1:]
		}
		items = append(items, itemsIn(t, body)...)
		if last == "" {
			require.Equal(t, len(tokens), page, "the list ended early")
			break
		}
		require.Contains(t, last, fmt.Sprintf("holds %d of %d items", itemsOnPage, (len(tokens)+1)*itemsOnPage))
		call := nextPage.FindStringSubmatch(last)
		require.NotNil(t, call, "%q", last)
		tool, next = call[1], []byte(call[2])
	}
	for i, item := range items {
		require.Equal(t, fmt.Sprintf("item %d", i), item)
	}
	require.Len(t, items, (len(tokens)+1)*itemsOnPage)
}

// itemsIn reads a page, behind which nothing but the line on the next one may
// stand.
func itemsIn(t testing.TB, text string) (ids []string) {
	t.Helper()
	before, _, _ := strings.Cut(text, "\n\nThis page holds ")
	var page struct {
		Data []struct{ ID string }
	}
	require.NoError(t, json.Unmarshal([]byte(strings.TrimSpace(before)), &page), "%q", text)
	for _, item := range page.Data {
		ids = append(ids, item.ID)
	}
	return ids
}

// requireRepeated checks that the pages were asked for with one token after the
// other, byte for byte, and else with the same request.
func requireRepeated(t *testing.T, op apiOperation, spelling string, requests []received) {
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
		if op.declaresLimit && first["limit"] == nil {
			require.Equal(t, []string{"100"}, query["limit"])
			delete(query, "limit")
		}
		require.Equal(t, first, query)
		require.Equal(t, op.method+" /api/v2"+op.path, r.method+" "+uri.EscapedPath())
		require.Equal(t, string(requests[0].body), string(r.body))
	}
	if op.body != nil {
		require.NotEmpty(t, requests[0].body)
	}
}

// More to come and no way to get it is no end, and must not look like one.
func TestMoreWithoutTokenIsAnError(t *testing.T) {
	t.Parallel()
	for _, paging := range []string{`"next_token":null,"has_more":true`, `"next_token":"","has_more":true`, `"has_more":true`} {
		t.Run(paging, func(t *testing.T) {
			body := `{"success":true,"data":[{"id":"a"},{"id":"b"}],"total_count":9,` + paging + `}`
			u := newUpstream(t, answering(http.StatusOK, jsonType, body))
			env := serving(t, facts.Path(t, facts.Documents[1]), u)
			tools := toolsOf(t, env)
			s := connect(t, modern, env)
			for _, op := range operationsOfReal(t, facts.Documents[1]) {
				if !op.paged() {
					continue
				}
				sample := sampler{t: t}
				x := sample.exchangeFor(op)
				a := s.call(tools[op.String()], x.encoded(t))
				require.True(t, a.isError, a.text)
				require.Contains(t, a.text, "has_more is true, but Retool sent no token")
				require.Contains(t, a.text, "2 of 9 items")
				require.Contains(t, a.text, `{"id":"a"}`, "what came is not lost")
				require.NotContains(t, a.text, "Next page:")
			}
		})
	}
}
