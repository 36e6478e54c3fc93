package result

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// answer is an answer of the API, read and made safe to show.
type answer struct {
	whole  value  // without "success"
	list   *value // the list in it, nil where there is none
	at     string // the list's place
	redact *redactor

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
	if a.whole, err = parse(body); err != nil {
		return nil, &Result{IsError: true, Text: fmt.Sprintf("HTTP %d, but the answer is not valid JSON (%s), so something other than Retool may have sent it: check --url (RETOOL_URL). It begins: %s",
			r.Status, o.message(err.Error(), call), o.message(begin(body), call))}
	}
	success := a.whole.member("success")
	failed := success != nil && success.kind == 'f'
	if failed || success != nil && success.kind == 't' {
		a.whole.drop("success")
	}
	if failed {
		o.SentSecrets = o.sent(call)
	}
	a.pages()
	a.redact = redactorFor(call.Tool, o)
	a.redact.redact(&a.whole)
	if failed {
		message := cmp.Or(a.whole.member("message").string(), a.whole.json())
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
			v = v.at(strings.Split(at, "."))
		}
		if v != nil && v.kind == listKind {
			a.list, a.at = v, at
			return
		}
	}
}

func (a *answer) pages() {
	if total := a.whole.member("total_count"); total != nil && total.kind == numberKind {
		a.total = total.text
	}
	for _, name := range []string{"next_token", "next"} {
		if token := a.whole.member(name); token.string() != "" {
			a.token = token.text
			token.text = text.RemoveInvisible(token.text) // where it is shown
		}
	}
	has := a.whole.member("has_more")
	a.more = a.token != ""
	if has != nil {
		a.more = has.kind == 't'
	}
}

// string is a text, or a number as text: tokens may be either.
func (v *value) string() string {
	if v == nil || v.kind != textKind && v.kind != numberKind {
		return ""
	}
	return v.text
}

// unpaged tells whether the answer speaks of a further page that the tool cannot
// ask for.
func (a *answer) unpaged(call *tools.Call) bool { return a.more && call.Tool.Paging == nil }

// with is the answer with other items, written already, and the token of another next page.
func (a *answer) with(items, next string) string {
	whole := a.whole
	whole.parts = slices.Clone(whole.parts)
	set := func(name string, v value) {
		if i := slices.Index(whole.names, name); i >= 0 {
			whole.parts[i] = v
		}
	}
	token, more := value{kind: nullKind, text: "null"}, "false"
	if next != "" {
		token, more = value{kind: textKind, text: next}, "true"
	}
	for _, name := range []string{"next_token", "next"} {
		if whole.member("has_more") != nil || name == "next_token" {
			set(name, token)
		}
	}
	set("has_more", value{kind: rawKind, text: more})
	whole.put(a.at, value{kind: listKind, parts: []value{{kind: rawKind, text: items}}})
	return asText(whole.appendJSON(make([]byte, 0, len(items)+beside)))
}

// put replaces what stands at a path, and copies what is around it.
func (v *value) put(at string, by value) {
	if at == "" {
		*v = by
		return
	}
	name, rest, _ := strings.Cut(at, ".")
	if i := slices.Index(v.names, name); i >= 0 {
		v.parts = slices.Clone(v.parts)
		v.parts[i].put(rest, by)
	}
}

// around is what the answer holds beside its items, "" for nothing.
func (a *answer) around() string {
	if a.at == "" {
		return ""
	}
	rest := a.whole
	rest.put(a.at, value{kind: nullKind, text: "null"})
	rest.names, rest.parts = slices.Clone(rest.names), slices.Clone(rest.parts)
	for _, name := range envelope {
		rest.drop(name)
	}
	if rest.empty() {
		return ""
	}
	return rest.json()
}

// written tells whether people wrote any of what is beside the items. A message
// has no other place, so it counts.
func (a *answer) written() bool {
	rest := a.whole
	if a.at != "" {
		rest.put(a.at, value{kind: nullKind})
		return rest.written() || rest.member("message").string() != ""
	}
	return false
}

// empty tells whether there is nothing in a value but null.
func (v *value) empty() bool {
	if v.kind == nullKind {
		return true
	}
	return v.kind == objectKind && !slices.ContainsFunc(v.parts, func(part value) bool { return !part.empty() })
}

// object renders an answer that is no list.
func (a *answer) object(call *tools.Call, o Options) Result {
	subject, at := &a.whole, ""
	if data := a.whole.member("data"); data != nil && data.kind == objectKind {
		subject, at = data, "data"
	}
	var lines []string
	if fields := fieldsOf(call); fields != nil {
		kept, _ := fields.keep(*subject)
		missing := fields.missing(call.Tool.Answer)
		switch {
		case len(missing) > 0 && call.Tool.Hints.ReadOnly:
			return Result{IsError: true, Text: unknownFields(call.Tool, missing, []value{*subject})}
		case len(missing) > 0: // it is done, whatever was asked for
			lines = append(lines, unknownFields(call.Tool, missing, []value{*subject}))
		}
		if kept.kind != objectKind {
			kept = value{kind: objectKind}
		}
		a.whole.put(at, kept)
	}
	if o.MaxTokens > 0 && Tokens(a.whole.json()) > o.MaxTokens-2*room {
		if cut := shrink(&a.whole, o.MaxTokens-2*room, ""); len(cut) > 0 {
			lines = append(lines, tooLarge(cut, call.Tool))
		}
	}
	switch {
	case a.unpaged(call):
		lines = append(lines, "This may be one page of several, but the document that is served knows no further pages of "+call.Tool.Name+".")
	case a.more && a.token == "":
		return Result{IsError: true, Text: "This page is not the end and has_more is true, but Retool sent no token for the next page, so the rest is out of reach. " +
			"Narrow it by other arguments, or report this to Retool. What came:\n" + a.whole.json()}
	case a.more:
		lines = append(lines, "This page is not the end; there is more. Next page: call "+call.Tool.Name+" with "+string(call.NextArguments(tools.Cursor{Token: a.token})))
	}
	if a.whole.written() {
		lines = append(lines, untrusted)
	}
	out := a.whole.json()
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
	const most = 200
	return strings.ToValidUTF8(string(body[:min(len(body), most)]), "�")
}
