package result

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// answer is a response in JSON, safe to show.
type answer struct {
	whole jsonvalue.Value  // without "success"
	list  *jsonvalue.Value // the list in it, nil for none
	path  string           // of the list

	total string // total_count
	token string // of the next page
	more  bool   // there is a next page
}

// envelope are the members around a list that describe its pages.
var envelope = []string{"total_count", "next_token", "next", "has_more"}

// readAnswer reads a response. One without JSON, or that reports a failure, is a
// Result.
func readAnswer(call *tools.Call, r *retool.Response, o Options) (*answer, *Result) {
	body := bytes.TrimSpace(text.TrimMark(r.Body))
	switch {
	case len(body) == 0 && call.Tool.Hints.ReadOnly && (call.Tool.Answer.List || len(call.Tool.Answer.Fields) > 0):
		return nil, &Result{IsError: true, Kind: BadResponse, Status: r.Status, Text: fmt.Sprintf("HTTP %d, but the response is empty: something other than Retool may have sent it. Check %s.", r.Status, o.SettingNames.address())}
	case len(body) == 0 && o.Value:
		return nil, &Result{Data: "{}"}
	case len(body) == 0:
		return nil, &Result{Data: o.data("null"), Text: fmt.Sprintf("Done: %s succeeded (HTTP %d, nothing to return).", call.Tool.Name, r.Status)}
	case !isJSON(r.ContentType, body):
		plain := plainText(r, body, call, o)
		return nil, &plain
	}
	a := &answer{}
	var err error
	a.whole, err = jsonvalue.ParseContext(call.Context(), body, !o.exact && !o.JSON, "next_token", "next") // the API's tokens count as they are
	if end := abandoned(call, r); end != nil {
		return nil, end
	}
	if err != nil {
		return nil, &Result{IsError: true, Kind: BadResponse, Status: r.Status, Text: notJSON(call, r, body, err, o)}
	}
	failed := false
	if success := a.whole.Member("success"); success != nil && (success.Kind == jsonvalue.True || success.Kind == jsonvalue.False) {
		failed = success.Kind == jsonvalue.False
		a.whole.Drop("success")
	}
	a.readPages()
	var given []byte
	if failed {
		given = []byte(a.whole.JSON())
	}
	redact.New(o.rules(call, failed)).Redact(&a.whole)
	if end := abandoned(call, r); end != nil {
		return nil, end
	}
	if failed {
		whole := a.whole.JSON()
		message := clipCited(o.message(cmp.Or(retool.Reason(given, []byte(whole)), whole), call), maxMessage)
		return nil, &Result{IsError: true, Kind: APIError, Status: r.Status, Text: fmt.Sprintf("HTTP %d, but Retool reports a failure: %s\n%s", r.Status, text.Cite(message), citation)}
	}
	for _, path := range []string{call.Tool.Answer.Path, "data", ""} {
		if v := at(&a.whole, path); v != nil && v.Kind == jsonvalue.List {
			a.list, a.path = v, path
			break
		}
	}
	a.addNames(call, o)
	return a, nil
}

// isJSON reports whether a response is JSON. Its type decides; one without a type,
// or with one that is none, is taken for what it looks like. Frameworks put the
// types of bare text on JSON: then it must be valid, so that a log line that begins
// with "[" is text. Under any other type only Retool's own form is JSON.
func isJSON(contentType string, body []byte) bool {
	if tools.IsJSON(contentType) {
		return true
	}
	if body[0] != '{' && body[0] != '[' {
		return false
	}
	essence := text.MediaType(contentType)
	switch essence {
	case "", "text/json", "application/x-json", "text/x-json":
		return true
	}
	if !jsontext.Value(body).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) {
		return false
	}
	switch essence {
	case "text/html", "text/plain", "application/octet-stream":
		return true
	}
	_, _, err := mime.ParseMediaType(essence)
	return err != nil || strings.Contains(essence, "*") || !strings.Contains(essence, "/") || hasSuccess(body)
}

// hasSuccess reports whether a valid object says whether the call succeeded.
func hasSuccess(body []byte) bool {
	var envelope struct {
		Success *bool `json:"success"`
	}
	return json.Unmarshal(body, &envelope) == nil && envelope.Success != nil
}

// notJSON tells of a response that should be JSON and is not.
func notJSON(call *tools.Call, r *retool.Response, body []byte, err error, o Options) string {
	const maxBytes = 200
	effect := ""
	if !call.Tool.Hints.ReadOnly {
		effect = " The write may have taken effect: check before you retry."
	}
	if errors.Is(err, jsonvalue.ErrTooDeep) || errors.Is(err, jsonvalue.ErrTooWide) {
		return fmt.Sprintf("HTTP %d, but the response is more than this server reads: %v.%s", r.Status, err, effect)
	}
	return fmt.Sprintf("HTTP %d, but the response is not valid JSON (%s): something other than Retool may have sent it. Check %s.%s The response begins: %s %s",
		r.Status, o.message(err.Error(), call), o.SettingNames.address(), effect, text.Cite(o.message(text.Clip(string(body), maxBytes), call)), citation)
}

// abandoned ends a call for which nobody waits, if its response takes long to render.
func abandoned(call *tools.Call, r *retool.Response) *Result {
	const long = 100_000 // bytes
	if len(r.Body) <= long || call.Context().Err() == nil {
		return nil
	}
	return &Result{IsError: true, Kind: Kind(retool.Canceled), Text: fmt.Sprintf("HTTP %d, but the call was canceled while its response was read.", r.Status)}
}

// at follows a dotted path; "" is the value itself.
func at(v *jsonvalue.Value, path string) *jsonvalue.Value {
	if path == "" {
		return v
	}
	return v.At(strings.Split(path, "."))
}

func (a *answer) readPages() {
	if total := a.whole.Member("total_count"); total != nil && total.Kind == jsonvalue.Number {
		a.total = total.Text
	}
	for _, name := range []string{"next_token", "next"} {
		if token := a.whole.Member(name); token.Str() != "" {
			a.token = token.Text
			token.Text = text.RemoveInvisible(token.Text) // as it is shown
		}
	}
	a.more = a.token != ""
	if has := a.whole.Member("has_more"); has != nil {
		a.more = has.Kind == jsonvalue.True
	}
}

// unpaged returns a note if there is a further page that the tool cannot ask for.
func (a *answer) unpaged(t *tools.Tool) string {
	if !a.more || t.Paging != nil {
		return ""
	}
	return "This may be one page of several: the OpenAPI document in use describes no paging for " + t.Name + "."
}

// with writes the answer with other items, written already, and another token.
func (a *answer) with(items, next string) string {
	whole := a.whole
	whole.Parts = slices.Clone(whole.Parts)
	set := func(name string, v jsonvalue.Value) {
		if member := whole.Member(name); member != nil {
			*member = v
		}
	}
	token, more := jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"}, "false"
	if next != "" {
		token, more = jsonvalue.Value{Kind: jsonvalue.Text, Text: next}, "true"
	}
	set("next_token", token)
	if whole.Member("has_more") != nil {
		set("next", token)
	}
	set("has_more", jsonvalue.Value{Kind: jsonvalue.Raw, Text: more})
	whole.Put(a.path, jsonvalue.Value{Kind: jsonvalue.List, Parts: []jsonvalue.Value{{Kind: jsonvalue.Raw, Text: items}}})
	return jsonvalue.Shared(whole.AppendJSON(make([]byte, 0, len(items)+512)))
}

// rest is the answer without its items.
func (a *answer) rest() jsonvalue.Value {
	rest := a.whole
	rest.Put(a.path, jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"})
	return rest
}

// around is what the answer holds besides its items, "" for nothing.
func (a *answer) around() string {
	rest := a.rest()
	rest.Names, rest.Parts = slices.Clone(rest.Names), slices.Clone(rest.Parts)
	for _, name := range envelope {
		rest.Drop(name)
	}
	if rest.Empty() {
		return ""
	}
	return rest.JSON()
}

// hasUntrusted tells whether people wrote any of what is around the items. A
// message counts too: it may repeat what they wrote.
func (a *answer) hasUntrusted() bool {
	rest := a.rest()
	return rest.HasUntrusted() || rest.Member("message").Str() != ""
}

// object renders an answer that is not a list.
func (a *answer) object(call *tools.Call, o Options) Result {
	subject, path := &a.whole, ""
	if data := a.whole.Member("data"); data != nil && data.Kind == jsonvalue.Object {
		subject, path = data, "data"
	}
	var notes []string
	if says := covers(call); says != "" {
		notes = append(notes, says)
	}
	if fields := fieldsOf(call); fields != nil {
		kept, _ := fields.keep(*subject)
		if missing := fields.missing(call); len(missing) > 0 {
			unknown := unknownFields(call.Tool, missing, []jsonvalue.Value{*subject})
			if call.Tool.Hints.ReadOnly {
				return Result{IsError: true, Kind: BadArguments, Text: unknown}
			}
			notes = append(notes, unknown) // the change is made
		}
		if kept.Kind != jsonvalue.Object {
			kept = jsonvalue.Value{Kind: jsonvalue.Object}
		}
		a.whole.Put(path, kept)
	} else if note := brief(call, subject, o); note != "" {
		notes = append(notes, note)
	}
	incomplete := a.more
	if cut := fit(&a.whole, o.MaxTokens, 2*room); len(cut) > 0 {
		incomplete = true
		notes = append(notes, omitted(cut, call.Tool))
	}
	switch unpaged := a.unpaged(call.Tool); {
	case unpaged != "":
		notes = append(notes, unpaged)
	case a.more && a.token == "" && o.JSON:
		notes = append(notes, "has_more is true"+nextMissing)
	case a.more && a.token == "":
		return Result{IsError: true, Kind: BadResponse, Text: "has_more is true" + nextMissing + "Narrow it with other arguments, or report this to Retool. The response:\n" + a.whole.JSON()}
	case a.more:
		notes = append(notes, "There is more. Next page: call "+call.Tool.Name+" with "+string(call.NextArguments(tools.Cursor{Token: a.token})))
	}
	if a.whole.HasUntrusted() && !o.JSON {
		notes = append(notes, untrusted)
	}
	if o.Value {
		return o.withNotes(a.opened(call.Tool).JSON(), notes, incomplete)
	}
	return o.withNotes(a.whole.JSON(), notes, incomplete)
}

// plainText passes text on, as much as fits, and describes anything else.
func plainText(r *retool.Response, body []byte, call *tools.Call, o Options) Result {
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return Result{Data: o.data("null"), Incomplete: true, Text: fmt.Sprintf("The response is %d bytes of %s, which cannot be shown as text.", len(r.Body), o.message(r.ContentType, call))}
	}
	shown := o.message(string(body), call)
	if o.JSON {
		return Result{Data: string(jsonvalue.AppendQuote(nil, shown))}
	}
	if o.MaxTokens > 0 && Tokens(shown) > o.MaxTokens-room {
		kept := beginning(shown, o.MaxTokens-room)
		shown = fmt.Sprintf("%s\n\nThese are the first %d of %d characters: more would exceed %d tokens.",
			kept, utf8.RuneCountInString(kept), utf8.RuneCountInString(shown), o.MaxTokens)
	}
	if len(call.Tool.Untrusted) > 0 {
		shown += "\n\n" + untrusted
	}
	return Result{Text: shown}
}
