package result

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Result is the outcome of one call.
type Result struct {
	Text string
	// IsError says that the call failed and that Text tells why.
	IsError bool
}

// Of renders a successful answer: compact JSON, word for word what the API
// said, without the envelope's "success", and a last line that gives the next
// call where there is a further page.
func Of(call *tools.Call, r *retool.Response) Result {
	body := bytes.TrimSpace(bytes.TrimPrefix(r.Body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return Result{Text: fmt.Sprintf("Done: %s succeeded (HTTP %d, nothing to return).", call.Tool.Name, r.Status)}
	case body[0] != '{' && !isJSON(r.ContentType):
		return plain(r, body)
	}
	answer, err := read(body)
	if err != nil {
		return Result{IsError: true, Text: fmt.Sprintf("HTTP %d, but the answer is not valid JSON (%v), so something other than Retool may have sent it: check --url (RETOOL_URL). It begins: %s", r.Status, err, begin(body))}
	}
	if answer.failed {
		return Result{IsError: true, Text: fmt.Sprintf("HTTP %d, but Retool reports a failure: %s", r.Status, cmp.Or(answer.message, string(answer.text)))}
	}
	return answer.page(call)
}

func isJSON(contentType string) bool {
	essence, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return essence == "application/json" || strings.HasSuffix(essence, "+json")
}

// plain passes text on as it is and names what is no text.
func plain(r *retool.Response, body []byte) Result {
	if utf8.Valid(body) && bytes.IndexByte(body, 0) < 0 {
		return Result{Text: string(body)}
	}
	return Result{Text: fmt.Sprintf("The answer is %d bytes of %s, which cannot be shown as text.", len(r.Body), r.ContentType)}
}

// answer is a JSON answer, read once.
type answer struct {
	text   []byte // compact, without "success"
	failed bool   // "success" was false

	message string

	items   int // in "data", -1 where that is no list
	total   string
	token   string
	hasMore *bool
}

// compact is how answers are written: white space gone, and no character
// escaped that JSON allows as it is.
var compact = []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)}

// roomForNext is what the line on the next page takes, so that a page of text
// need not be copied to make room for it.
const roomForNext = 512

// read goes through an answer's outermost level.
func read(body []byte) (*answer, error) {
	a := &answer{text: make([]byte, 0, len(body)+roomForNext), items: -1}
	if body[0] != '{' {
		var err error
		a.text, err = jsontext.AppendFormat(a.text, body, compact...)
		return a, err
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), compact...)
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	a.text = append(a.text, '{')
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if key == "success" && (value.Kind() == 't' || value.Kind() == 'f') {
			a.failed = value.Kind() == 'f'
			continue
		}
		if err := a.member(key, value); err != nil {
			return nil, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text follows the answer")
	}
	a.text = append(a.text, '}')
	return a, nil
}

func (a *answer) member(key string, value jsontext.Value) (err error) {
	if len(a.text) > 1 {
		a.text = append(a.text, ',')
	}
	if a.text, err = jsontext.AppendQuote(a.text, key); err != nil {
		return err
	}
	a.text = append(a.text, ':')
	items, tight := survey(value)
	if tight {
		a.text = append(a.text, value...)
	} else if a.text, err = jsontext.AppendFormat(a.text, value, compact...); err != nil {
		return err
	}
	switch key {
	case "data":
		if value.Kind() == '[' {
			a.items = items
		}
	case "total_count":
		if value.Kind() == '0' {
			a.total = string(value)
		}
	case "has_more":
		more := value.Kind() == 't'
		a.hasMore = &more
	case "message":
		a.message = textOf(value)
	case "next_token", "next":
		if token := textOf(value); token != "" {
			a.token = token
		}
	}
	return nil
}

// textOf reads a text, or a number as text: tokens may be either.
func textOf(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		token, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return ""
		}
		return string(token)
	case '0':
		return string(value)
	default:
		return ""
	}
}

// page adds the way to the next page.
func (a *answer) page(call *tools.Call) Result {
	more := a.token != "" && (a.hasMore == nil || *a.hasMore)
	if !more && (a.hasMore == nil || !*a.hasMore) {
		return Result{Text: string(a.text)}
	}
	if call.Tool.Paging == nil {
		return Result{Text: string(a.text) + "\n\nThis may be one page of several, but the document that is served knows no further pages of " + call.Tool.Name + "."}
	}
	held := "This page is not the end"
	switch {
	case a.items >= 0 && a.total != "":
		held = fmt.Sprintf("This page holds %d of %s items", a.items, a.total)
	case a.items >= 0:
		held = "This page holds " + strconv.Itoa(a.items) + " items"
	}
	if !more {
		return Result{IsError: true, Text: held + " and has_more is true, but Retool sent no token for the next page, so the rest is out of reach. " +
			"Narrow the list by other arguments, or report this to Retool. What came:\n" + string(a.text)}
	}
	return Result{Text: string(fmt.Appendf(a.text, "\n\n%s; there is more. Next page: call %s with %s", held, call.Tool.Name, call.Next(a.token)))}
}

// begin shows the first bytes of a body that could not be read.
func begin(body []byte) string {
	const most = 200
	return strings.ToValidUTF8(string(body[:min(len(body), most)]), "�")
}
