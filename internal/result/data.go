package result

import "strings"

// Kind says what an error is. Those of a request without a response are
// retool.Kind.
type Kind string

// The other kinds.
const (
	// BadArguments: nothing was sent, the arguments are wrong.
	BadArguments Kind = "bad_arguments"
	// Forbidden: nothing was sent, the settings do not allow it.
	Forbidden Kind = "forbidden_here"
	// APIError: the API answered with an error.
	APIError Kind = "api_error"
	// BadResponse: what answered is not the API, or cannot be read.
	BadResponse Kind = "bad_response"
)

// data is the data of a result without an answer in JSON: none for an agent.
func (o Options) data(json string) string {
	if o.JSON {
		return json
	}
	return ""
}

// withNotes is a result of JSON and notes.
func (o Options) withNotes(json string, notes []string, incomplete bool) Result {
	text := strings.Join(notes, "\n")
	switch {
	case o.JSON:
		return Result{Data: json, Text: text, Incomplete: incomplete}
	case text == "":
		return Result{Text: json}
	default:
		return Result{Text: json + "\n\n" + text}
	}
}
