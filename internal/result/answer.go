package result

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// answer is an answer of the API, read and made safe to show.
type answer struct {
	whole jsonvalue.Value  // without "success"
	list  *jsonvalue.Value // the list in it, nil where there is none
	at    string           // the list's place

	total string // total_count
	token string // of the next page
	more  bool   // there is one
}

// envelope are the members around a list that tell of pages.
var envelope = []string{"total_count", "next_token", "next", "has_more"}

// readAnswer reads an answer. What holds nothing to read, or tells of a failure,
// is a Result.
func readAnswer(call *tools.Call, r *retool.Response, o Options) (*answer, *Result) {
	body := bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil, &Result{Text: fmt.Sprintf("Done: %s succeeded (HTTP %d, nothing to return).", call.Tool.Name, r.Status)}
	case body[0] != '{' && body[0] != '[' && !isJSON(r.ContentType):
		plain := plainText(r, body, call, o)
		return nil, &plain
	}
	a := &answer{}
	var err error
	if o.exact {
		a.whole, err = jsonvalue.Parse(body)
	} else {
		a.whole, err = jsonvalue.ParseVisible(body, "next_token", "next") // an opaque token counts as it is
	}
	if err != nil {
		return nil, &Result{IsError: true, Text: fmt.Sprintf("HTTP %d, but the answer is not valid JSON (%s), so something other than Retool may have sent it: check %s. It begins: %s",
			r.Status, o.message(err.Error(), call), o.SettingNames.address(), o.message(begin(body), call))}
	}
	success := a.whole.Member("success")
	failed := success != nil && success.Kind == 'f'
	if failed || success != nil && success.Kind == 't' {
		a.whole.Drop("success")
	}
	a.pages()
	rules := o.rules(call)
	if !failed {
		rules.Sent = o.SentSecrets // an answer may show what the call holds
	}
	redact.New(rules).Redact(&a.whole)
	if failed {
		message := cmp.Or(a.whole.Member("message").Str(), a.whole.JSON())
		return nil, &Result{IsError: true, Text: fmt.Sprintf("HTTP %d, but Retool reports a failure: %s", r.Status, o.message(message, call))}
	}
	a.find(call.Tool.Answer.Path)
	return a, nil
}

// find looks for the list: where the description has it, or in the envelope, or
// without one.
func (a *answer) find(at string) {
	for _, at := range []string{at, "data", ""} {
		v := &a.whole
		if at != "" {
			v = v.At(strings.Split(at, "."))
		}
		if v != nil && v.Kind == jsonvalue.List {
			a.list, a.at = v, at
			return
		}
	}
}

func (a *answer) pages() {
	if total := a.whole.Member("total_count"); total != nil && total.Kind == jsonvalue.Number {
		a.total = total.Text
	}
	for _, name := range []string{"next_token", "next"} {
		if token := a.whole.Member(name); token.Str() != "" {
			a.token = token.Text
			token.Text = text.RemoveInvisible(token.Text) // where it is shown
		}
	}
	has := a.whole.Member("has_more")
	a.more = a.token != ""
	if has != nil {
		a.more = has.Kind == 't'
	}
}

// unpaged tells whether the answer speaks of a further page that the tool cannot
// ask for.
func (a *answer) unpaged(call *tools.Call) bool { return a.more && call.Tool.Paging == nil }

// with is the answer with other items, written already, and the token of another next page.
func (a *answer) with(items, next string) string {
	whole := a.whole
	whole.Parts = slices.Clone(whole.Parts)
	set := func(name string, v jsonvalue.Value) {
		if i := slices.Index(whole.Names, name); i >= 0 {
			whole.Parts[i] = v
		}
	}
	token, more := jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"}, "false"
	if next != "" {
		token, more = jsonvalue.Value{Kind: jsonvalue.Text, Text: next}, "true"
	}
	for _, name := range []string{"next_token", "next"} {
		if whole.Member("has_more") != nil || name == "next_token" {
			set(name, token)
		}
	}
	set("has_more", jsonvalue.Value{Kind: jsonvalue.Raw, Text: more})
	whole.Put(a.at, jsonvalue.Value{Kind: jsonvalue.List, Parts: []jsonvalue.Value{{Kind: jsonvalue.Raw, Text: items}}})
	return jsonvalue.Shared(whole.AppendJSON(make([]byte, 0, len(items)+beside)))
}

// around is what the answer holds beside its items, "" for nothing.
func (a *answer) around() string {
	if a.at == "" {
		return ""
	}
	rest := a.whole
	rest.Put(a.at, jsonvalue.Value{Kind: jsonvalue.Null, Text: "null"})
	rest.Names, rest.Parts = slices.Clone(rest.Names), slices.Clone(rest.Parts)
	for _, name := range envelope {
		rest.Drop(name)
	}
	if rest.Empty() {
		return ""
	}
	return rest.JSON()
}

// written tells whether people wrote any of what is beside the items. A message
// has no other place, so it counts.
func (a *answer) written() bool {
	rest := a.whole
	if a.at != "" {
		rest.Put(a.at, jsonvalue.Value{Kind: jsonvalue.Null})
		return rest.HasUntrusted() || rest.Member("message").Str() != ""
	}
	return false
}

// object renders an answer that is no list.
func (a *answer) object(call *tools.Call, o Options) Result {
	subject, at := &a.whole, ""
	if data := a.whole.Member("data"); data != nil && data.Kind == jsonvalue.Object {
		subject, at = data, "data"
	}
	var lines []string
	if fields := fieldsOf(call); fields != nil {
		kept, _ := fields.keep(*subject)
		missing := fields.missing(call.Tool.Answer)
		switch {
		case len(missing) > 0 && call.Tool.Hints.ReadOnly:
			return Result{IsError: true, Text: unknownFields(call.Tool, missing, []jsonvalue.Value{*subject})}
		case len(missing) > 0: // it is done, whatever was asked for
			lines = append(lines, unknownFields(call.Tool, missing, []jsonvalue.Value{*subject}))
		}
		if kept.Kind != jsonvalue.Object {
			kept = jsonvalue.Value{Kind: jsonvalue.Object}
		}
		a.whole.Put(at, kept)
	}
	if o.MaxTokens > 0 && Tokens(a.whole.JSON()) > o.MaxTokens-2*room {
		if cut := shrink(&a.whole, o.MaxTokens-2*room, ""); len(cut) > 0 {
			lines = append(lines, tooLarge(cut, call.Tool))
		}
	}
	switch {
	case a.unpaged(call):
		lines = append(lines, "This may be one page of several, but the document that is served knows no further pages of "+call.Tool.Name+".")
	case a.more && a.token == "":
		return Result{IsError: true, Text: "This page is not the end and has_more is true, but Retool sent no token for the next page, so the rest is out of reach. " +
			"Narrow it by other arguments, or report this to Retool. What came:\n" + a.whole.JSON()}
	case a.more:
		lines = append(lines, "This page is not the end; there is more. Next page: call "+call.Tool.Name+" with "+string(call.NextArguments(tools.Cursor{Token: a.token})))
	}
	if a.whole.HasUntrusted() {
		lines = append(lines, untrusted)
	}
	out := a.whole.JSON()
	if len(lines) > 0 {
		out += "\n\n" + strings.Join(lines, "\n")
	}
	return Result{Text: out}
}

func isJSON(contentType string) bool {
	essence, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// plainText passes text on, as much as fits, and names what is no text.
func plainText(r *retool.Response, body []byte, call *tools.Call, o Options) Result {
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return Result{Text: fmt.Sprintf("The answer is %d bytes of %s, which cannot be shown as text.", len(r.Body), o.message(r.ContentType, call))}
	}
	text := o.message(string(body), call)
	if o.MaxTokens > 0 && Tokens(text) > o.MaxTokens-room {
		kept := beginning(text, o.MaxTokens-room)
		text = fmt.Sprintf("%s\n\nThese are the first %d of %d characters: more would exceed %d tokens.",
			kept, utf8.RuneCountInString(kept), utf8.RuneCountInString(text), o.MaxTokens)
	}
	if len(call.Tool.Untrusted) > 0 {
		text += "\n\n" + untrusted
	}
	return Result{Text: text}
}

// begin shows the first bytes of a body that could not be read.
func begin(body []byte) string {
	const maxBytes = 200
	return text.Clip(string(body), maxBytes)
}
