package retool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/jsonvalue"
	"github.com/retool-mcp/retool-mcp/internal/redact"
	"github.com/retool-mcp/retool-mcp/internal/text"
)

const (
	// maxReasons bounds, in bytes, what is added to the message of a failure.
	maxReasons = 2000
	// maxReasonBody bounds, in bytes, the JSON in which reasons are looked for.
	maxReasonBody = 256 << 10
	// maxReasonDepth bounds how deep they are looked for.
	maxReasonDepth = 6
)

// Members of a failure, in the order in which they are used. Retool has "message"
// alone; the others are what frameworks and gateways in front of it send.
var (
	messageNames = []string{"message", "error", "detail", "title", "error_description", "errorMessage", "error_message", "msg"}
	reasonNames  = []string{"error_description", "detail", "errors", "details", "issues", "reasons", "violations"}
	placeNames   = []string{"path", "field", "param", "parameter", "property", "loc", "instancePath", "pointer", "source", "name"}
)

// Reason returns what JSON that reports a failure says: its message, and the reasons
// beside it, which come from the form of it without secrets. A message of one text keeps
// its words: a reader of JSON in it must still be able to. It is empty if there is none.
func Reason(body, shown []byte) string {
	return reason(objectIn(body), objectIn(shown), func(s string) string { return s })
}

// redactedReason is Reason of a body as it came. Secrets are redacted by their names,
// which a text no longer shows, and what is said is cleaned before it is cut: half of
// a secret could not be found any more. The message keeps its words.
func redactedReason(body []byte, clean func(string) string) string {
	failure := objectIn(body)
	if failure == nil {
		return ""
	}
	v, err := jsonvalue.Parse(body)
	if err != nil {
		return ""
	}
	redact.New(redact.Rules{}).Redact(&v)
	return reason(failure, objectIn([]byte(v.JSON())), clean)
}

// reason is Reason of a failure, from which a message of one text comes, and of the
// form of it from which everything else does.
func reason(failure, shown map[string]any, clean func(string) string) string {
	said, exact := messageOf(failure)
	if !exact {
		said, _ = messageOf(shown)
	}
	inner, _ := shown["error"].(map[string]any)
	var more []string
	add := func(reasons []string) {
		for _, reason := range reasons {
			reason = text.OneLine(reason)
			repeated := said == reason || len(reason) > len("Required") && strings.Contains(said, reason)
			if reason != "" && !repeated && !slices.Contains(more, reason) {
				more = append(more, reason)
			}
		}
	}
	if word, ok := shown["error"].(string); ok && !isStatusText(word) {
		add([]string{word})
	}
	for _, object := range []map[string]any{shown, inner} {
		for _, name := range reasonNames {
			add(reasonsIn(object[name], maxReasonDepth))
		}
	}
	rest := text.Clip(clean(strings.Join(more, "; ")), maxReasons)
	said = clean(said)
	switch {
	case said == "":
		return rest
	case rest == "":
		return said
	}
	return strings.TrimRight(said, ".: ") + ": " + rest
}

// objectIn decodes an object, nil if it is none or too large.
func objectIn(body []byte) (object map[string]any) {
	if len(body) > maxReasonBody {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&object) != nil {
		return nil
	}
	return object
}

// messageOf returns the first text that serves as the message, or the texts of a list
// that does; exact says that it is a single one.
func messageOf(failure map[string]any) (said string, exact bool) {
	for _, name := range messageNames {
		switch v := failure[name].(type) {
		case string:
			if strings.TrimSpace(v) != "" {
				return v, true
			}
		case []any:
			if name == "message" {
				return strings.Join(reasonsIn(v, maxReasonDepth), "; "), false
			}
		case map[string]any:
			if said, exact := messageOf(v); said != "" && (name == "message" || name == "error") {
				return said, exact
			}
		}
	}
	return "", false
}

// reasonsIn returns the texts in a value, with the places that they are about.
func reasonsIn(value any, depth int) (reasons []string) {
	if depth == 0 {
		return nil
	}
	switch v := value.(type) {
	case string:
		return []string{v}
	case json.Number, bool:
		return []string{fmt.Sprint(v)}
	case []any:
		for _, item := range v {
			if len(reasons) < maxReasons/2 {
				reasons = append(reasons, reasonsIn(item, depth-1)...)
			}
		}
	case map[string]any:
		place := placeIn(v)
		if said, _ := messageOf(v); said != "" {
			reasons = []string{placed(place, said)}
			for _, name := range []string{"errors", "details", "issues"} {
				reasons = append(reasons, reasonsIn(v[name], depth-1)...)
			}
			return reasons
		}
		for _, name := range slices.Sorted(maps.Keys(v)) { // a field and what is wrong with it
			if inner := strings.Join(reasonsIn(v[name], depth-1), ", "); inner != "" {
				reasons = append(reasons, placed(name, inner))
			}
		}
	}
	return reasons
}

func placed(place, said string) string {
	if place == "" || strings.HasPrefix(said, place) {
		return said
	}
	return place + ": " + said
}

// placeIn returns what a reason is about: "options.host".
func placeIn(reason map[string]any) string {
	for _, name := range placeNames {
		switch v := reason[name].(type) {
		case string:
			if v != "" {
				return v
			}
		case []any:
			var steps []string
			for _, step := range v {
				steps = append(steps, fmt.Sprint(step))
			}
			if len(steps) > 0 {
				return strings.Join(steps, ".")
			}
		case map[string]any:
			if place := placeIn(v); place != "" {
				return place
			}
		}
	}
	return ""
}

// isStatusText reports whether a word is the name of a status, such as "Bad
// Request", which the error says already.
func isStatusText(word string) bool {
	for status := 400; status < 600; status++ {
		if strings.EqualFold(word, http.StatusText(status)) {
			return true
		}
	}
	return false
}
