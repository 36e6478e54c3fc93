package docsource_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retool-mcp/retool-mcp/internal/docsource"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
	"github.com/retool-mcp/retool-mcp/tools/embedded"
)

const token = "retool_canary"

var inEmbedded = len(embedded.Catalog().Tools)

// instance is a Retool instance that serves its own document.
type instance struct {
	*httptest.Server
	mu       sync.Mutex
	document string
	etag     string
	status   int
	asked    []*http.Request
}

const small = `{"openapi":"3.0.0","info":{"title":"Retool API","version":"2.0.0"},"servers":[{"url":"./"}],"paths":{
	"/users":{"get":{"summary":"Theirs","description":"Their sentence.","parameters":[
		{"name":"email","in":"query","schema":{"type":"string"}},
		{"name":"new_in_this_release","in":"query","description":"Colour of the sky","schema":{"type":"integer"}}],"responses":{}}},
	"/unknown_things":{"get":{"summary":"Lists things nobody knows","responses":{}}}}}`

func newInstance(t *testing.T) *instance {
	i := &instance{document: small, etag: `"1"`}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.asked = append(i.asked, r)
		w.Header().Set("ETag", i.etag)
		switch {
		case i.status != 0:
			w.WriteHeader(i.status)
		case r.Header.Get("If-None-Match") == i.etag:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(i.document))
		}
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *instance) requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.asked)
}

func (i *instance) options(t *testing.T, dir, location string) docsource.Options {
	t.Helper()
	address, err := retool.ParseAddress(i.URL, "")
	require.NoError(t, err)
	return docsource.Options{
		Location: location, Address: address, CacheDir: dir, Logger: slog.New(slog.DiscardHandler),
		Instance: retool.New(retool.Options{Address: address, Token: token, Timeout: 5 * time.Second}),
	}
}

func load(t *testing.T, o docsource.Options) *tools.Catalog {
	t.Helper()
	c, err := docsource.Load(t.Context(), o)
	require.NoError(t, err)
	return c
}

// forget makes the last request for the document an old one.
func forget(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "instance-*.meta"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	data, err := os.ReadFile(names[0])
	require.NoError(t, err)
	year := time.Now().Format("2006")
	require.Contains(t, string(data), year)
	require.NoError(t, os.WriteFile(names[0], []byte(strings.Replace(string(data), year, "2001", 1)), 0o600))
}

func TestEmbeddedNeedsNothing(t *testing.T) {
	for _, location := range []string{"", docsource.Auto, docsource.Embedded} {
		c := load(t, docsource.Options{Location: location, Logger: slog.New(slog.DiscardHandler)})
		require.Equal(t, embedded.Catalog(), c, location)
		require.NotEmpty(t, c.Tools)
		require.Empty(t, c.Unavailable)
		require.Empty(t, c.Problems)
	}
}

func TestLiveKeepsKnownWordsAndTakesNewFacts(t *testing.T) {
	i := newInstance(t)
	c := load(t, i.options(t, t.TempDir(), docsource.Live))
	require.Len(t, c.Tools, 2)
	require.Equal(t, "Bearer "+token, i.asked[0].Header.Get("Authorization"))
	require.Equal(t, "/api/v2/spec", i.asked[0].URL.Path)

	ours := load(t, docsource.Options{Location: docsource.Embedded}).Find("list_users")
	users := c.Find("list_users")
	require.Equal(t, ours.Title, users.Title)
	require.Equal(t, ours.Summary(), users.Summary())
	require.Equal(t, ours.Scopes, users.Scopes, "theirs names none")
	require.Equal(t, ours.Untrusted, users.Untrusted)
	var schema struct{ Properties map[string]any }
	require.NoError(t, json.Unmarshal([]byte(users.Schema), &schema))
	for _, arg := range users.Args { // those that shape the result are ours
		if arg.In == tools.NotSent {
			delete(schema.Properties, arg.Name)
		}
	}
	require.Equal(t, map[string]any{
		"email": map[string]any{"type": "string"}, "new_in_this_release": map[string]any{"type": "integer", "description": `"Colour of the sky"`},
	}, schema.Properties)

	unknown := c.Find("list_unknown_things")
	require.Equal(t, `The document says: "Lists things nobody knows"`, unknown.Summary())

	text, ok := c.WhyUnavailable("delete_workflow")
	require.True(t, ok)
	require.Contains(t, text, "delete_workflow (DELETE /workflows/{workflowId}) is unavailable: this instance (API 2.0.0) does not have it. ")
	_, ok = c.WhyUnavailable("list_users")
	require.False(t, ok)
}

func TestLiveErrors(t *testing.T) {
	i := newInstance(t)
	i.status = http.StatusUnauthorized
	_, err := docsource.Load(t.Context(), i.options(t, t.TempDir(), docsource.Live))
	require.ErrorContains(t, err, "document live: HTTP 401")
	_, err = docsource.Load(t.Context(), docsource.Options{Location: docsource.Live})
	require.ErrorContains(t, err, "no instance is configured")
	i.status, i.document = 0, "<html><title>Log in</title></html>"
	_, err = docsource.Load(t.Context(), i.options(t, t.TempDir(), docsource.Live))
	require.ErrorContains(t, err, "web page")
}

// The life of an instance's document under auto: no start asks, the background
// does, and the next start uses what came.
func TestAuto(t *testing.T) {
	i, dir := newInstance(t), t.TempDir()
	o := i.options(t, dir, docsource.Auto)
	start := func() int { return len(load(t, o).Tools) }
	refresh := func() { require.NoError(t, docsource.Refresh(t.Context(), o)) }

	require.Equal(t, inEmbedded, start(), "the first start serves the embedded description")
	require.Zero(t, i.requests(), "and asks nobody")
	refresh()
	require.Equal(t, 1, i.requests())
	require.Equal(t, 2, start(), "the second serves what the instance gave")

	refresh()
	require.Equal(t, 1, i.requests(), "at most once an hour")
	forget(t, dir)
	refresh()
	require.Equal(t, 2, i.requests())
	require.Equal(t, `"1"`, i.asked[1].Header.Get("If-None-Match"), "the request is conditional")
	require.Equal(t, 2, start())

	i.document, i.etag = strings.Replace(small, `"/unknown_things"`, `"/groups":{"get":{"responses":{}}},"/unknown_things"`, 1), `"2"`
	forget(t, dir)
	refresh()
	require.Equal(t, 3, start(), "a changed document")

	i.status = http.StatusBadGateway
	forget(t, dir)
	require.ErrorContains(t, docsource.Refresh(t.Context(), o), "is unavailable")
	require.Equal(t, 3, start(), "an instance that is gone changes nothing")
	n := i.requests()
	refresh()
	require.Equal(t, n, i.requests(), "and is not asked again within the hour")

	i.status, i.document, i.etag = 0, "garbage", `"3"`
	forget(t, dir)
	require.Error(t, docsource.Refresh(t.Context(), o))
	require.Equal(t, 3, start(), "nor does a document that cannot be used")
}

func TestDamagedCachesAreReplaced(t *testing.T) {
	for _, damage := range []string{"", "garbage", `{"checked":"2001-01-01T00:00:00Z","sha256":"00"}`, small[:len(small)/2]} {
		i, dir := newInstance(t), t.TempDir()
		o := i.options(t, dir, docsource.Auto)
		require.NoError(t, docsource.Refresh(t.Context(), o))
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		require.Len(t, names, 3, "a document, what is known of it, and its catalog")
		for _, name := range names {
			whole, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name, []byte(damage), 0o600))
			n := len(load(t, o).Tools)
			require.Contains(t, []int{2, inEmbedded}, n, "%s: the instance's or the embedded one, never half a catalog", name)
			require.NoError(t, os.WriteFile(name, whole, 0o600))
		}
		require.Len(t, load(t, o).Tools, 2)
	}
}

func TestProcessesThatStartTogether(t *testing.T) {
	i, dir := newInstance(t), t.TempDir()
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			o := i.options(t, dir, docsource.Auto)
			if err := docsource.Refresh(context.WithoutCancel(t.Context()), o); err != nil {
				t.Error(err)
			}
			c, err := docsource.Load(t.Context(), o)
			if err != nil || len(c.Tools) != 2 && len(c.Tools) != inEmbedded {
				t.Error("half a catalog", err)
			}
		})
	}
	wait.Wait()
	require.Len(t, load(t, i.options(t, dir, docsource.Auto)).Tools, 2)
	left, err := filepath.Glob(filepath.Join(dir, ".*.new-*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// The cached text is the instance's; nothing of the token may be in it, in whatever
// form the instance repeats it. A reader of the cache decodes names and texts.
func TestTheTokenIsNotCached(t *testing.T) {
	escaped := ""
	for _, c := range token {
		escaped += fmt.Sprintf(`\u%04X`, c)
	}
	for name, form := range map[string]string{
		"as it is": token, "escaped": escaped, "with what is invisible": strings.Join(strings.Split(token, ""), "\u200b"), "percent signs": strings.ReplaceAll(token, "_", "%5F"),
	} {
		t.Run(name, func(t *testing.T) {
			i, dir := newInstance(t), t.TempDir()
			i.document = strings.NewReplacer("Their sentence", "Echo "+form, "Lists things", "Lists "+form, "Colour", form, "new_in_this_release", "new_"+form).Replace(small)
			i.etag = `"` + form + `"`
			o := i.options(t, dir, docsource.Auto)
			require.NoError(t, docsource.Refresh(t.Context(), o))
			requireNotCached(t, dir)
			forget(t, dir)
			require.NoError(t, docsource.Refresh(t.Context(), o), "the entity tag cannot be sent")
			requireNotCached(t, dir)
			require.Less(t, len(load(t, o).Tools), inEmbedded+9, "the document is still one")

			o.Location = i.URL + "/api/v2/spec" // as the document of anybody
			load(t, o)
			requireNotCached(t, dir)
		})
	}
}

// What an earlier version cached does not stay, even if nothing new comes.
func TestTokenInTheCacheOfAnEarlierVersionIsRemoved(t *testing.T) {
	i, dir := newInstance(t), t.TempDir()
	o := i.options(t, dir, docsource.Auto)
	require.NoError(t, docsource.Refresh(t.Context(), o))
	forget(t, dir)
	names, err := filepath.Glob(filepath.Join(dir, "instance-*.meta"))
	require.NoError(t, err)
	data, err := os.ReadFile(names[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(names[0], bytes.Replace(data, []byte(`\"1\"`), []byte(`\"`+token+`\"`), 1), 0o600))
	i.status = http.StatusServiceUnavailable
	require.Error(t, docsource.Refresh(t.Context(), o))
	requireNotCached(t, dir)
}

func requireNotCached(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, form := range []string{token, `\u0072\u0065`, "r\u200be", "retool%5fcanary"} {
			require.False(t, bytes.Contains(bytes.ToLower(data), []byte(form)), "%s in %s", form, name)
		}
	}
}

func TestOldCatalogsAreRemovedFromTheCache(t *testing.T) {
	dir := t.TempDir()
	o := docsource.Options{CacheDir: dir, Logger: slog.New(slog.DiscardHandler)}
	catalogs := func() []string {
		names, err := filepath.Glob(filepath.Join(dir, "catalog-*"))
		require.NoError(t, err)
		return names
	}
	earlier := filepath.Join(dir, "catalogue-0123")
	require.NoError(t, os.WriteFile(earlier, nil, 0o600))
	var newest string
	for i := range 12 {
		known := catalogs()
		for _, name := range known { // older than the next
			info, err := os.Stat(name)
			require.NoError(t, err)
			require.NoError(t, os.Chtimes(name, time.Time{}, info.ModTime().Add(-time.Minute)))
		}
		o.Location = filepath.Join(t.TempDir(), "document.json")
		require.NoError(t, os.WriteFile(o.Location, []byte(strings.Replace(small, "2.0.0", fmt.Sprint(i), 1)), 0o600))
		require.Len(t, load(t, o).Tools, 2)
		for _, name := range catalogs() {
			if !slices.Contains(known, name) {
				newest = name
			}
		}
		require.Len(t, catalogs(), min(i+1, 8), "at most 8 are kept")
		require.Contains(t, catalogs(), newest, "the oldest are removed")
	}
	require.NoFileExists(t, earlier, "earlier versions wrote it")
}
