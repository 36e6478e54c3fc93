package call

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/retool-mcp/retool-mcp/internal/memory"
	"github.com/retool-mcp/retool-mcp/internal/result"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// lookup finds the names of ids and the ids of names for one call, and forgets them
// with it. What the caller's token cannot read stays unknown: that is no error.
// It is not safe for concurrent use.
type lookup struct {
	r      *Runner
	client *retool.Client
	kinds  map[string]*directory
	// writes says that what is found will be changed: people choose their own names,
	// so that only an e-mail address tells who it is.
	writes bool

	partial bool // some list could not be read to its end
}

// directory is what a lookup knows about the objects of one kind.
type directory struct {
	byID   map[string]result.Named
	all    []result.Named // in the order of the list
	listed bool           // the list was asked for
	gets   int            // single objects that were asked for
	note   string         // why the list is not here, or not all of it
}

// match is an object that Find found.
type match struct {
	ID, Name string
	Exact    bool // in its case
}

// maxGets is how many objects of a kind are read one by one. Beyond that, reading
// the list costs less.
const maxGets = 2

func (r *Runner) lookup(client *retool.Client) *lookup {
	return &lookup{r: r, client: client, kinds: map[string]*directory{}}
}

func (l *lookup) directory(kind string) *directory {
	d := l.kinds[kind]
	if d == nil {
		d = &directory{byID: map[string]result.Named{}}
		l.kinds[kind] = d
	}
	return d
}

// Name returns what people call the object of a kind (x-ids) with an id. It reads
// that object, or the list if that is read anyway or the object cannot be read.
func (l *lookup) Name(ctx context.Context, kind, id string) (name string, ok bool) {
	d := l.directory(kind)
	_, known := d.byID[id]
	if !known && !d.listed {
		most := d.gets == maxGets
		if k := l.r.kept(ctx); k != nil { // of all steps of a plan
			most = k.got(kind)
		}
		if most || !l.get(ctx, kind, id) {
			l.List(ctx, kind)
		}
	}
	if n, known := d.byID[id]; known {
		return n.Names[0], true
	}
	return "", false
}

// names is Name for the ids of an answer, each kind of which is read as its number
// of ids suggests.
func (l *lookup) names(ctx context.Context) result.Names {
	return func(ids map[string][]string) func(kind, id string) (string, bool) {
		for kind := range ids {
			if len(ids[kind]) > maxGets {
				l.List(ctx, kind)
			}
		}
		return func(kind, id string) (string, bool) { return l.Name(ctx, kind, id) }
	}
}

// Find returns the objects of a kind that have a text as their id or their name: in
// its case, or else in any. Users have a text with an @ as their e-mail address only.
func (l *lookup) Find(ctx context.Context, kind, text string) (found []match) {
	matching := matching
	if kind == "user" && (l.writes || strings.Contains(text, "@")) {
		text, matching = strings.TrimSpace(text), withEmail
	}
	if t := l.listTool(kind); t != nil && !l.directory(kind).listed {
		for _, filter := range []string{"email", "name_contains"} {
			if filter == "email" && !strings.Contains(text, "@") || !takesQuery(t, filter) {
				continue
			}
			some, note := l.list(ctx, t, map[string]string{filter: text})
			if found = matching(some, text); len(found) > 0 && note == "" {
				return found
			}
		}
	}
	l.List(ctx, kind)
	return matching(l.directory(kind).all, text)
}

func matching(all []result.Named, text string) []match {
	for i, equal := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var found []match
		for _, n := range all {
			is := func(s string) bool { return equal(s, text) }
			if slices.ContainsFunc(n.IDs, is) || slices.ContainsFunc(n.Names, is) {
				found = append(found, match{n.IDs[0], n.Names[0], i == 0})
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// withEmail is matching by e-mail address, in any case of its ASCII letters: others
// equal what merely looks like them.
func withEmail(all []result.Named, text string) (found []match) {
	lower := func(s string) string {
		return strings.Map(func(c rune) rune {
			if c >= 'A' && c <= 'Z' {
				return c + 'a' - 'A'
			}
			return c
		}, s)
	}
	for _, n := range all {
		if slices.Contains(n.IDs, text) || slices.ContainsFunc(n.Emails, func(email string) bool { return lower(email) == lower(text) }) {
			found = append(found, match{n.IDs[0], n.Names[0], true})
		}
	}
	return found
}

// Notes say which lists could not be read, or not to their end.
func (l *lookup) Notes() (notes []string) {
	for _, d := range l.kinds {
		if d.note != "" {
			notes = append(notes, d.note)
		}
	}
	slices.Sort(notes)
	return notes
}

func (l *lookup) noted(outcome result.Result) result.Result {
	for _, note := range l.Notes() {
		outcome = outcome.WithNote(note)
	}
	return outcome
}

// List reads the whole list of a kind, once.
func (l *lookup) List(ctx context.Context, kind string) {
	d, t := l.directory(kind), l.listTool(kind)
	if d.listed || t == nil {
		return
	}
	d.listed = true
	d.all, d.note = l.list(ctx, t, nil)
	for _, n := range slices.Backward(d.all) { // of equal ids the first counts
		for _, id := range slices.Backward(n.IDs) {
			d.byID[id] = n
		}
	}
}

// list reads a list to its end. The note says why it ends before, "" if it does not.
func (l *lookup) list(ctx context.Context, t *tools.Tool, arguments any) ([]result.Named, string) {
	return l.each(ctx, t, arguments, func(*result.Page) {})
}

// each is list with a look at every page.
func (l *lookup) each(ctx context.Context, t *tools.Tool, arguments any, see func(*result.Page)) (named []result.Named, note string) {
	defer func() { l.partial = l.partial || note != "" }()
	ctx, cancel := context.WithTimeout(ctx, l.r.Timeout)
	defer cancel()
	held := memory.From(ctx)
	defer held.Shrink(held.Taken())
	call, err := bind(ctx, t, arguments)
	if err != nil {
		return nil, err.Error()
	}
	start, at := time.Now(), tools.Cursor{}
	f := l.r.fetcher(l.client, call)
	for pages := 0; pages < MaxPages && time.Since(start) < l.r.Timeout/2; pages++ {
		page, failure := f.next(ctx, &at)
		switch {
		case failure != "" && f.list == nil:
			return nil, fmt.Sprintf("Names could not be looked up with %s: %s.", t.Name, failure)
		case failure != "":
			return f.list.Named(), fmt.Sprintf("Some names could not be looked up with %s: %s.", t.Name, failure)
		}
		see(page)
		next, more := page.Take(MaxItems)
		if !more || page.Repeats(at) {
			return f.list.Named(), ""
		}
		at = next
	}
	return f.list.Named(), fmt.Sprintf("Some names were not looked up: %s has more pages than one call reads.", t.Name)
}

// next reads the page at a cursor, which becomes where the response begins.
func (f *fetcher) next(ctx context.Context, at *tools.Cursor) (page *result.Page, failure string) {
	response, from, err := f.fetch(ctx, *at, f.call.Tool.PageSize())
	if *at = from; err != nil {
		_, why := auditOutcome(0, err)
		return nil, why
	}
	var failed *result.Result
	if f.list == nil {
		f.list, page, failed = result.ReadList(f.call, response, f.r.Results)
	} else {
		page, failed = f.list.AddPage(response, from)
	}
	if failed != nil {
		return nil, "the response holds no list"
	}
	return page, ""
}

// get reads one object, and reports whether it is known then.
func (l *lookup) get(ctx context.Context, kind, id string) bool {
	list := l.listTool(kind)
	if list == nil {
		return false
	}
	held := memory.From(ctx)
	defer held.Shrink(held.Taken())
	for i := range l.r.Readers.Tools {
		t := &l.r.Readers.Tools[i]
		if t.Method != "GET" || tools.OperationKey(t.Method, t.Path) != tools.OperationKey("GET", strings.TrimSuffix(list.Path, "/")+"/{}") {
			continue
		}
		arg := t.Args[slices.IndexFunc(t.Args, func(a tools.Arg) bool { return a.In == tools.InPath })].Name
		call, err := bind(ctx, t, map[string]string{arg: id})
		if err != nil {
			return false // no id of this tool
		}
		d := l.directory(kind)
		d.gets++
		response, err := l.r.send(ctx, l.client, upstreamRequest{call: call, request: call.Request})
		if err != nil {
			return false
		}
		n, ok := result.ReadNamed(call, response, l.r.Results)
		if ok {
			d.byID[id] = n
		}
		return ok
	}
	return false
}

// listTool is the tool that lists all objects of a kind, served or not.
func (l *lookup) listTool(kind string) *tools.Tool {
	for i := range l.r.Readers.Tools {
		t := &l.r.Readers.Tools[i]
		if t.IDs == kind && t.Method == "GET" && t.Answer.List && !slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Required }) {
			return t
		}
	}
	return nil
}

func takesQuery(t *tools.Tool, name string) bool {
	return slices.ContainsFunc(t.Args, func(a tools.Arg) bool { return a.Name == name && a.In == tools.InQuery })
}

// bind makes a call of a tool that need not be served.
func bind(ctx context.Context, t *tools.Tool, arguments any) (*tools.Call, error) {
	binder, err := tools.NewBinder(t)
	if err != nil {
		return nil, err
	}
	given, _ := json.Marshal(arguments) // texts, or what was JSON
	return binder.BindContext(ctx, given)
}
