package tools

import (
	"slices"
	"strings"
)

// Tool is one operation as an agent sees it, with all that is needed to serve
// it. It is plain data, which a snapshot of its catalog keeps whole.
type Tool struct {
	// Name matches ^[a-z][a-z0-9_]{0,46}$ and is unique in its catalog.
	Name string
	// Title is the name for people, "List users".
	Title string
	// Description is what the agent reads: one or two sentences, the scope, and
	// the shape of the answer. At most MaxDescriptionLength characters.
	Description string
	// Details is what else there is to say: for people, and on request.
	Details string
	// Toolset is the group that the tool belongs to; Core says that it is also
	// one of the core toolset.
	Toolset string
	Core    bool
	Hints   Hints
	// Irreversible says that the operation cannot be undone and reaches everybody in the
	// organization.
	Irreversible bool

	// Method and Path are the operation; Path is the template on the wire.
	Method string
	Path   string
	// Scopes are what the access token must allow one of; none where the
	// document names none.
	Scopes Scopes
	// Plan is the Retool plan that has the operation, "" where unknown.
	Plan string
	// Since is the first self-hosted release with the operation, "3.123", ""
	// where unknown.
	Since      string
	Deprecated bool
	// Secrets are the fields of the answer that hold secrets.
	Secrets []SecretPath
	// Untrusted are the paths of free text that people wrote, such as
	// "data[].name", or AllUntrusted.
	Untrusted []string
	// OneTimeSecret is the path of a secret that no other answer shows, "" for
	// none.
	OneTimeSecret string
	// IDs says what the ids of a list identify, "user".
	IDs string

	// Schema is the published input schema: short, and within what every client
	// program accepts. Full is the full schema, for checking and for people.
	Schema Schema
	Full   Schema

	// Args says where each argument goes, in the order of the schema.
	Args []Arg
	// BodyType is the content type of the request's body, "" for none.
	BodyType string
	// Paging is nil where the API's answer never has a further page.
	Paging *Paging
	// Answer is what comes back.
	Answer Answer
}

// AllUntrusted stands in Untrusted for every text, of an operation that only its
// document knows.
const AllUntrusted = "*"

// Summary is the description up to what it says about scope and answer.
func (t *Tool) Summary() string {
	text, _, _ := strings.Cut(t.Description, " →")
	if len(t.Scopes) > 0 {
		text = strings.TrimSuffix(text, " ("+t.Scopes.String()+")")
	}
	return strings.TrimSuffix(text, ".")
}

// Scopes are alternatives: an access token needs one of them, such as
// "users:read". None means that it is not known which.
type Scopes []string

// String joins the alternatives: "users:write or user_attributes:write".
func (s Scopes) String() string { return strings.Join(s, " or ") }

// AllowedBy reports whether a token with the granted scopes may use the tool.
// Write includes read. Where either side is unknown (nil), Retool decides.
func (s Scopes) AllowedBy(granted []string) bool {
	if granted == nil || len(s) == 0 {
		return true
	}
	return slices.ContainsFunc(s, func(need string) bool {
		area, verb, _ := strings.Cut(need, ":")
		return slices.Contains(granted, need) || verb == "read" && slices.Contains(granted, area+":write")
	})
}

// SecretPath is a field of an answer that holds a secret.
type SecretPath struct {
	// Path leads to the field: "data[].values[].value".
	Path string
	// Flag names a field: the value is no secret where the nearest field of that
	// name around it is false. "" means that it always is one.
	Flag string
}

// Hints are MCP's four annotations; each is always stated.
type Hints struct {
	ReadOnly    bool
	Destructive bool
	Idempotent  bool
	OpenWorld   bool
}

// ArgLocation is where an argument goes in a request.
type ArgLocation string

// The places of an argument.
const (
	InPath  ArgLocation = "path"
	InQuery ArgLocation = "query"
	// InBody is one field of the body's object.
	InBody ArgLocation = "field"
	// WholeBody is the body itself.
	WholeBody ArgLocation = "body"
	// NotSent shapes the result and is not sent.
	NotSent ArgLocation = "result"
	// FilePart is a part of a multipart body: {filename, content} in base64.
	FilePart ArgLocation = "file"
)

// Arg is the wiring of one argument.
type Arg struct {
	// Name is the argument's, WireName the one in the request.
	Name     string
	WireName string
	In       ArgLocation
	Required bool
	// Style and Explode are OpenAPI's, for path and query.
	Style    string
	Explode  bool
	Reserved bool
	// JSON says that a value in path or query is written as JSON text.
	JSON bool
	// Multiple says that a file argument takes a list of files.
	Multiple bool
	// ListTool names the tool that lists such ids, "" where none does.
	ListTool string
}

// Arguments of every paged tool.
const (
	ArgToken = "next_token"
	ArgLimit = "limit"
)

// MaxPageSize is the largest page that the API serves; the document of an instance
// may say otherwise.
const MaxPageSize = 100

// Paging tells how the next page is asked for.
type Paging struct {
	// Limit says that the tool takes a limit, and that a token counts only
	// together with one.
	Limit bool
	// Max is the largest limit the API takes, 0 where it states none.
	Max int
}

// Answer says where in a tool's answer that stands which an agent is after, and
// what it is made of.
type Answer struct {
	// List says that it is a list; else it is one object.
	List bool
	// At is its place in the answer: "data", "data.manifests", "" for the answer
	// itself.
	Path string
	// Fields are the documented fields of an item, or of the object, as dot paths
	// of at most two steps; none where the document names none.
	Fields []string
}

// OperationKey identifies an operation whatever its parameters are called, since
// releases name them differently: "GET /users/{}".
func OperationKey(method, path string) string {
	key := []byte(method + " ")
	for {
		before, rest, ok := strings.Cut(path, "{")
		_, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return string(append(key, path...))
		}
		key, path = append(append(key, before...), "{}"...), after
	}
}
