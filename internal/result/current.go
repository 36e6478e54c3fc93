package result

import (
	"errors"
	"net/http"
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Current is the current state of the object that a call is about, and the call
// that read it.
type Current struct {
	Call     *tools.Call
	Response *retool.Response
	// Failed says why there is no response.
	Failed error
	// Whole says that the call is about this object itself and nothing else.
	Whole bool
	// Below leads from that object to what the call is about, in the words of its
	// path: members and the id of one.
	Below []string

	// Sought is the id of the object where a list was read, and Absent says that the
	// list does not have it.
	Sought string
	Absent bool

	item *jsonvalue.Value // in the list
}

// CurrentIn is the object with an id in a page of a list; nil if it is not there.
func CurrentIn(p *Page, call *tools.Call, id string) *Current {
	for i := range p.items {
		if isItem(&p.items[i], id) {
			return &Current{Call: call, Sought: id, item: &p.items[i]}
		}
	}
	return nil
}

func isItem(v *jsonvalue.Value, id string) bool {
	return slices.ContainsFunc(tools.IDFields, func(field string) bool { return v.Member(field).Str() == id && id != "" })
}

// ID is what the call that read the object named it by, "" for nothing.
func (c *Current) ID() (id string) {
	id = c.Sought
	for _, value := range c.Call.PathArguments() {
		id = value
	}
	return id
}

// missing says that Retool found no such object.
func (c *Current) missing() bool {
	status, ok := errors.AsType[*retool.StatusError](c.Failed)
	return c.Absent || ok && status.API && status.Status == http.StatusNotFound
}

// NotThere says that the API, and nothing before it, does not find the object by its
// id or does not take it for one. What is asked for without an id may only be not
// set up.
func (c *Current) NotThere() (notThere, byID bool) {
	status, ok := errors.AsType[*retool.StatusError](c.Failed)
	for range c.Call.PathArguments() {
		byID = true
	}
	return ok && c.Sought == "" && status.API && !status.NoRoute() && (status.Status == http.StatusNotFound || byID && status.Status == http.StatusBadRequest), byID
}

// read returns the object, with every secret redacted. A Result says why there is
// none.
func (c *Current) read(o Options) (*jsonvalue.Value, *Result) {
	if c.Absent {
		return nil, &Result{Text: c.Call.Tool.Name + " does not show it."}
	}
	if c.Failed != nil {
		failure := Failure(c.Call, c.Failed, o)
		return nil, &failure
	}
	if c.item != nil {
		return c.item, nil
	}
	o.exact, o.Reveal = true, false // what is compared is what is there
	a, other := readAnswer(c.Call, c.Response, o)
	if other != nil {
		return nil, other
	}
	return a.subject(), nil
}

// subject is the object that an answer is about.
func (a *answer) subject() *jsonvalue.Value {
	v := &a.whole
	if data := v.Member("data"); data != nil {
		v = data
	}
	if v.Kind == jsonvalue.Object && len(v.Parts) == 1 && v.Parts[0].Kind == jsonvalue.Object {
		v = &v.Parts[0]
	}
	return v
}

// below is the part of the object that the call's path leads to, nil for none.
// Named says that the object has such parts, so that this one is not there.
func (c *Current) below(subject *jsonvalue.Value) (part *jsonvalue.Value, named bool) {
	if len(c.Below) == 1 {
		if part := subject.Member(c.Below[0]); part != nil {
			return part, true
		}
		for i := range subject.Parts { // apps and workflows of a manifest
			for j := range subject.Parts[i].Parts {
				if item := &subject.Parts[i].Parts[j]; isItem(item, c.Below[0]) {
					return item, true
				}
			}
		}
		return nil, false
	}
	if len(c.Below) != 2 {
		return nil, false
	}
	within, key := subject.Member(c.Below[0]), c.Below[1]
	if within != nil && within.Kind == jsonvalue.List {
		i := slices.IndexFunc(within.Parts, func(v jsonvalue.Value) bool { return isItem(&v, key) })
		if i < 0 {
			return nil, true
		}
		return &within.Parts[i], true
	}
	for i := range subject.Parts { // attributes of a user are in its metadata
		if value := subject.Parts[i].Member(key); value != nil {
			return value, true
		}
	}
	return nil, false
}
