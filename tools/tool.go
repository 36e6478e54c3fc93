package tools

import (
	"slices"
	"strings"
)

// Tool is one operation as an agent sees it, with everything needed to call it.
type Tool struct {
	// Name matches ^[a-z][a-z0-9_]{0,46}$ and is unique in its catalog.
	Name string
	// Former is the name that the tool had in earlier versions, "" for none. It
	// executes nothing; selections take it for Name.
	Former string
	// Title is the name for people, "List users".
	Title string
	// Description is what the agent reads: one or two sentences, the scope and
	// the shape of the answer, in at most 1,024 characters.
	Description string
	// Details is the rest of the documentation, for people and on request.
	Details string
	// Toolset is the tool's group; Core includes it in the core toolset as
	// well.
	Toolset string
	Core    bool
	Hints   Hints
	// Unlisted tools are there for scripts: they are not listed, and cannot be called
	// by themselves.
	Unlisted bool
	// Irreversible operations cannot be undone and affect the whole
	// organization.
	Irreversible bool

	// Method and Path are the operation; Path is the template on the wire.
	Method string
	Path   string
	// Scopes are those of which the access token needs one; none where the
	// document names none.
	Scopes Scopes
	// Plan is the lowest Retool plan that has the operation, "" if unknown.
	Plan string
	// Since is the first self-hosted release with the operation, "3.123", "" if
	// unknown.
	Since string
	// Undo is what undoes a destructive operation, "add_group_members puts the user
	// back", or "cannot be undone" and why; "" if unknown.
	Undo       string
	Deprecated bool
	// Asks are the values with which a call must be confirmed although the tool is not
	// destructive.
	Asks []Ask
	// Secrets are the fields of the answer that hold secrets.
	Secrets []SecretPath
	// Untrusted are the paths of free text that people wrote, such as
	// "data[].name", or AllUntrusted.
	Untrusted []string
	// OneTimeSecret is the path of a secret that no other answer shows, "" for
	// none.
	OneTimeSecret string
	// Shown are the paths of secrets that the answer is for, such as the link of an
	// invite: it shows them.
	Shown []string
	// Covers says what the numbers of the answer cover, "" for nothing to say. {name}
	// stands for an argument, {name|text} for one or a text without it, in which
	// name+30 is a date.
	Covers string
	// IDs says what the ids of a list identify, "user".
	IDs string

	// Schema is the published schema of the input: short, and within what every
	// client accepts. Full is the full schema, for validation and for people.
	Schema Schema
	Full   Schema

	// Patch is the schema of an object with the paths that a JSON Patch can change as
	// names and their values, "" where the paths are not known.
	Patch Schema

	// Args says where each argument goes, in the order of the schema.
	Args []Arg
	// Headers are sent with every request of the tool.
	Headers []Header
	// BodyType is the content type of the request's body, "" for none.
	BodyType string
	// Fields says how the members of a form's body are written where the body is
	// one argument.
	Fields []Arg
	// Others says how members of other names are written, nil for as plain fields.
	Others *Arg
	// Accept lists the content types that the document declares for the answer, ""
	// for JSON alone.
	Accept string
	// Paging is nil where the API never answers with a further page.
	Paging *Paging
	// Answer is what comes back.
	Answer Answer
}

// AllUntrusted in Untrusted means every text. Operations that only a foreign
// document describes have it.
const AllUntrusted = "*"

// IsLocal reports whether the program answers the tool itself, without a request
// to the API. One that belongs to no toolset is served with any.
func (t *Tool) IsLocal() bool { return t.Path == "" }

// RunsScripts reports whether the tool is a local one that takes the code of a
// script.
func (t *Tool) RunsScripts() bool { return t.IsLocal() && t.arg(ArgCode) != nil }

// ArgCode is the argument with the code of a script.
const ArgCode = "code"

// Summary is the description without scope and answer.
func (t *Tool) Summary() string {
	text, _, _ := strings.Cut(t.Description, " →")
	if len(t.Scopes) > 0 {
		text = strings.TrimSuffix(text, " ("+t.Scopes.String()+")")
	}
	return strings.TrimSuffix(text, ".")
}

// Schema is a JSON Schema (draft 2020-12) of an object, as compact JSON. It is a
// string so that generated catalogs are constant data; in JSON it is the object
// itself.
type Schema string

// MarshalJSON returns the schema.
func (s Schema) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return []byte(s), nil
}

// UnmarshalJSON keeps the text of the schema.
func (s *Schema) UnmarshalJSON(data []byte) error {
	*s = ""
	if string(data) != "null" {
		*s = Schema(data)
	}
	return nil
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

// Locations of an argument.
const (
	InPath  ArgLocation = "path"
	InQuery ArgLocation = "query"
	// InBody is one field of the body's object.
	InBody ArgLocation = "field"
	// WholeBody is the body itself.
	WholeBody ArgLocation = "body"
	// NotSent marks a control, which shapes the result and is not sent.
	NotSent ArgLocation = "result"
	// FilePart is a part of a multipart body: {filename, content} in base64.
	FilePart ArgLocation = "file"
)

// Arg maps an argument to its place in the request.
type Arg struct {
	// Name is the argument's name, WireName that in the request.
	Name     string
	WireName string
	In       ArgLocation
	Required bool
	// Style and Explode are OpenAPI's, for path, query and fields of a form.
	Style    string
	Explode  bool
	Reserved bool
	// JSON values in path or query are written as JSON text.
	JSON bool
	// Base64 says that the value is the body's bytes in base64.
	Base64 bool
	// ContentType is that of a field of a form, a list of types or "" for the
	// default; Headers are those of its part.
	ContentType string
	Headers     []Header
	// ListTool names the tool that lists the ids, "" for none; IDs says what they
	// identify, as the IDs of tools do.
	ListTool string
	IDs      string
	// Each says that the argument may be a list of values, one request for each.
	Each bool
	// Since is the first release that knows the argument, "3.387", "" for every
	// release that has the operation.
	Since string
}

// Header is a header with a fixed value.
type Header struct{ Name, Value string }

// Arguments of every paged tool.
const (
	ArgToken = "next_token"
	ArgLimit = "limit"
)

// MaxPageSize is the largest page that the API serves, unless its document says
// otherwise.
const MaxPageSize = 100

// Paging says how the next page is requested.
type Paging struct {
	// Limit says that the tool takes a limit, and that a token works only with
	// one.
	Limit bool
	// Max is the largest limit that the API accepts, 0 if not documented.
	Max int
}

// Answer says where the relevant part of an answer is, and what it consists of.
type Answer struct {
	// List says that it is a list, not one object.
	List bool
	// Path leads to it: "data", "data.manifests", "" for the answer itself.
	Path string
	// Fields are the documented fields of an item or of the object, as dot
	// paths of at most two steps.
	Fields []string
	// Schema is the schema of an item or of the object, "" where it is not
	// documented. "x-since" in it is the first release that answers with a field.
	Schema Schema
}

// OperationKey identifies an operation independent of the names of its
// parameters, which differ between releases: "GET /users/{}".
func OperationKey(method, path string) string {
	parts := strings.Split(path, "{")
	for i, part := range parts[1:] {
		if _, after, ok := strings.Cut(part, "}"); ok {
			parts[i+1] = "}" + after
		}
	}
	return method + " " + strings.Join(parts, "{")
}
