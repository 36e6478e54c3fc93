package toolgen

import (
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/tools"
)

// MaxNameLength is the longest name that every client accepts after adding its
// own prefix ("mcp__retool__" in Claude Code, 60 characters in Cursor).
const MaxNameLength = 47

// Name derives a tool's name from method and path alone, so an operation has
// the same name in every release. docs/naming.md has the rules; overrides come
// first.
func Name(method, path string) string {
	if name, ok := overrides[tools.OperationKey(method, path)]; ok {
		return name
	}
	return ruleName(method, path)
}

// ruleName is the name that the rules make.
func ruleName(method, path string) string {
	return fit(nameOf(method, path), hashOf(method, path), MaxNameLength)
}

func nameOf(method, path string) string {
	nouns, action, suffix := parse(path)
	if action != nil {
		return join(actionWords(nouns, *action), suffix)
	}
	verb := map[string]string{"POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}[method]
	whole := false // about the whole collection
	switch {
	case method == "GET":
		verb = "get"
		if i := len(nouns) - 1; i >= 0 && !nouns[i].instance && plural(last(nouns[i].words)) {
			verb, whole = "list", true
		}
	case verb == "":
		verb = strings.ToLower(method)
	}
	return join(append([]string{verb}, nounWords(nouns, whole)...), suffix)
}

// noun is one noun in a path.
type noun struct {
	words    []string
	instance bool // an id follows, so it is one object
}

// isVersion reports whether a segment is a version, "v2".
func isVersion(segment string) bool {
	digits, ok := strings.CutPrefix(segment, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// parse splits a path into its nouns, the action that it ends in (nil for
// none), and a suffix for the target of a typed reference.
func parse(path string) (nouns []noun, action *noun, suffix []string) {
	var previous string // the parameter just before, if any
	for segment := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if decoded, err := url.PathUnescape(segment); err == nil {
			segment = decoded
		}
		w := text.Words(segment)
		parameter := strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
		switch {
		case !parameter && (len(w) == 0 || segment == "api" || isVersion(segment)):
			continue
		case !parameter:
			nouns, previous = append(nouns, noun{words: w}), ""
			continue
		case previous == "" && len(nouns) > 0:
			nouns[len(nouns)-1].instance = true
		case len(w) == 0:
			continue
		case previous != "" && len(text.Words(previous)) > 1 && last(text.Words(previous)) == "type" && text.Words(previous)[0] == w[0]:
			nouns[len(nouns)-1].instance = false
			suffix = []string{"for", w[0]}
		default:
			nouns = append(nouns, noun{words: withoutID(w), instance: true})
		}
		previous = segment
	}
	if i := len(nouns) - 1; i >= 0 && slices.Contains(verbs, nouns[i].words[0]) {
		return nouns[:i], &nouns[i], suffix
	}
	return nouns, nil, suffix
}

func last(list []string) string { return list[len(list)-1] }

// withoutID drops the last word of a parameter's name if it only says that it
// is an id.
func withoutID(w []string) []string {
	if len(w) > 1 && slices.Contains([]string{"id", "sid", "uuid", "name", "key", "slug"}, last(w)) {
		return w[:len(w)-1]
	}
	return w
}

// verbs are the first words that make a segment an action.
var verbs = []string{
	"activate", "add", "approve", "archive", "assign", "cancel", "clone", "copy", "deactivate", "delete", "deny",
	"deploy", "disable", "duplicate", "enable", "execute", "export", "grant", "import", "invalidate", "list", "lock",
	"login", "logout", "merge", "move", "pause", "publish", "reassign", "refresh", "remove", "rename", "reset",
	"restart", "restore", "resume", "retry", "revoke", "rotate", "search", "send", "start", "stop", "submit", "sync",
	"test", "transfer", "trigger", "unarchive", "unlock", "unpublish", "validate", "verify",
}

// actionWords builds verb, context, object: clone app, grant permissions, test
// source control deploy, reset user 2fa.
func actionWords(context []noun, action noun) []string {
	verb, object := action.words[0], action.words[1:]
	if len(object) == 0 {
		if action.instance && len(context) > 0 {
			context[len(context)-1].instance = true
		}
		return append([]string{verb}, nounWords(context, true)...)
	}
	if n := len(context); n > 0 {
		if owner := one(context[n-1].words); !context[n-1].instance && owner[0] == singular(object[0]) {
			context = context[:n-1]
		}
	}
	return slices.Concat([]string{verb}, nounWords(context, false), object)
}

// nounWords joins the nouns. The last one keeps its plural if the tool is about
// the whole collection.
func nounWords(nouns []noun, whole bool) (out []string) {
	for i, n := range nouns {
		if i+1 < len(nouns) && !n.instance && singular(n.words[0]) == singular(nouns[i+1].words[0]) {
			continue
		}
		if i == len(nouns)-1 && whole && !n.instance {
			out = append(out, n.words...)
		} else {
			out = append(out, one(n.words)...)
		}
	}
	return out
}

func join(parts ...[]string) string { return strings.Join(slices.Concat(parts...), "_") }

// fit makes a name match ^[a-z][a-z0-9_]* within limit characters. One that is cut
// gains the hash.
func fit(name, hash string, limit int) string {
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = "x_" + name
	}
	if len(name) <= limit {
		return name
	}
	verb, rest, _ := strings.Cut(name, "_")
	keep := limit - len(verb) - len(hash) - 2
	if keep <= 0 {
		return name[:limit-len(hash)-1] + "_" + hash
	}
	rest = rest[max(0, len(rest)-keep):]
	if _, after, ok := strings.Cut(rest, "_"); ok && after != "" {
		rest = after // begin at a whole word
	}
	return verb + "_" + rest + "_" + hash
}

// hashOf returns five hex digits that are the same for an operation in every
// release.
func hashOf(method, path string) string { return fullHash(tools.OperationKey(method, path))[:5] }
