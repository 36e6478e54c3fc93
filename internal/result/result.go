package result

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/confirm"
	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/retool"
	"github.com/retool-mcp/retool-mcp/internal/where"
	"github.com/retool-mcp/retool-mcp/tools"
)

// Result is the outcome of one call.
type Result struct {
	Text string
	// IsError says that the call failed and that Text tells why.
	IsError bool
	// Ask is a question to the user, without whose answer the call does not
	// continue; mostly nil.
	Ask *confirm.Question
	// Data is, with Options.JSON, the answer and nothing else. Text then holds the
	// notes.
	Data string
	// List is, with Options.Value, what is known of a list besides its items.
	List *Listed
	// Incomplete says that there is more than the result holds.
	Incomplete bool
	// Kind says, for programs, what an error is; Status is that of the response, 0
	// for none.
	Kind   Kind
	Status int
}

// WithNote adds a line to a result: among those of a table, or at the end.
func (r Result) WithNote(line string) Result {
	switch head, rest, more := strings.Cut(r.Text, "\n"); {
	case line == "":
	case r.Data != "":
		r.Text = strings.TrimPrefix(r.Text+"\n"+line, "\n")
	case strings.HasPrefix(r.Text, "# ") && more:
		r.Text = head + "\n# " + line + "\n" + rest
	case strings.HasPrefix(r.Text, "# "):
		r.Text += "\n# " + line
	case strings.Contains(r.Text, "\n\n"):
		r.Text += "\n" + line
	default:
		r.Text += "\n\n" + line
	}
	return r
}

// Options are the operator's settings for results.
type Options struct {
	// MaxTokens is how large a result may be, as Tokens counts; 0 for any size.
	MaxTokens int
	// JSON separates an answer from its notes, for programs: it is JSON and has
	// every character as it came.
	JSON bool
	// Value makes the data of an answer, with JSON, what a script takes: the array of
	// a list's items, the object within {"data": …}, {} for nothing.
	Value bool
	// Each stands in each item of a list that is data.
	Each Each
	// Reveal shows secrets as they came.
	Reveal bool
	// SentSecrets are the values of secrets that the arguments name. They are
	// redacted even if others are revealed.
	SentSecrets []string
	// Bare leaves out of what a script returned that its texts are data: its reader is
	// no model.
	Bare bool
	// Indented begins no line of a text that a script returned at the margin, where
	// the lines of this program are.
	Indented bool
	// Shown are the values that the answers of a script's calls show by design.
	Shown []string
	// Reader is the tool that reads what the answer of a write shows, nil for none.
	// Then the answer is brief.
	Reader *tools.Tool
	// Where selects the items of one list; nil for all.
	Where *where.Filter
	// Names finds the names that a call wants beside ids; nil for none.
	Names Names
	// SettingNames are the names of settings in advice.
	SettingNames SettingNames

	exact bool // keep invisible characters, for texts that show them escaped and are not the answer itself
}

// Exactly are the options for reading names that are compared, with all of their
// characters.
func (o Options) Exactly() Options {
	o.exact = true
	return o
}

// SettingNames are what users call the settings that advice mentions, such as
// "--url (RETOOL_URL)". Empty ones are described in words.
type SettingNames struct {
	Address, Token string
}

func (n SettingNames) address() string { return cmp.Or(n.Address, "the address") }

func (n SettingNames) token() string { return cmp.Or(n.Token, "the access token") }

// Render renders the response to a call of one request.
func Render(call *tools.Call, r *retool.Response, o Options) Result {
	list, page, other := ReadList(call, r, o)
	if other != nil {
		return *other
	}
	if unknown := list.UnknownFields(page); unknown != nil && call.Tool.Hints.ReadOnly {
		return *unknown
	}
	whole := len(page.items)
	if call.Controls.Fields == nil {
		page.items = briefItems(call, page.items, o)
	}
	if len(page.items) < whole {
		_, _ = page.Take(len(page.items))
		return list.Render(ListEnd{Reason: "those that the call names. " + o.Reader.Name + " lists all"})
	}
	limit := len(page.items)
	if n := call.Controls.MaxItems; n > 0 {
		limit = min(limit, n)
	}
	next, more := page.Take(limit)
	if ended := list.Ended(); ended != nil {
		return *ended
	}
	end := ListEnd{Unreachable: page.NextMissing()}
	if more && (call.Paginated() || limit == len(page.items) && call.Tool.Paging != nil) {
		end.Next = &next
	} else if more {
		end.Reason = "limited by max_items"
	}
	return list.Render(end)
}

// OneTimeSecret returns the text at a path of a response, such as
// "data.access_token", exactly as it came. It reads no further than that: a secret
// that exists must not be lost because of what follows it.
func OneTimeSecret(r *retool.Response, path string) (secret string, ok bool) {
	body := jsonvalue.Repair(r.Body)
	for _, path := range []string{path, strings.TrimPrefix(path, "data.")} {
		dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
		if secret, ok := textAt(dec, strings.Split(path, ".")); ok {
			return secret, true
		}
	}
	return "", false
}

// textAt reads up to the text that a path of members leads to.
func textAt(dec *jsontext.Decoder, path []string) (text string, ok bool) {
	for _, name := range path {
		if dec.PeekKind() != jsonvalue.Object {
			return "", false
		}
		_, _ = dec.ReadToken()
		for dec.PeekKind() == jsonvalue.Text {
			if found, err := dec.ReadToken(); err != nil || found.String() == name {
				break
			}
			if dec.SkipValue() != nil {
				return "", false
			}
		}
	}
	if dec.PeekKind() != jsonvalue.Text {
		return "", false
	}
	token, err := dec.ReadToken()
	if err != nil {
		return "", false
	}
	return token.String(), token.String() != ""
}

// FieldName returns the last name of a path.
func FieldName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
