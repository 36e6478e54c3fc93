package openapi

import (
	"encoding/json"
	"strings"
)

// Extension is what a document written for agents says about an operation
// beyond OpenAPI. Of documents that are not trusted it is empty: they could
// declare that nothing in their answers is secret.
type Extension struct {
	// Scope is what the access token must allow (x-scope).
	Scope string
	// Plan is the lowest Retool plan that has the operation (x-plan).
	Plan string
	// Since is the first self-hosted release that has it (x-since), "3.123".
	Since string
	// Trap is what an agent must know before it calls (x-trap), in a few words.
	Trap string
	// Undo is what undoes a destructive operation (x-undo), "create_thing makes a new
	// one", or "cannot be undone" and why.
	Undo string
	// Asks are values of arguments with which an operation is as destructive as
	// another one (x-asks).
	Asks []Ask
	// Secrets and Untrusted are paths into the answer, such as
	// "data[].values[].value", of fields that hold secrets (x-secrets) and of
	// free text that users wrote (x-untrusted).
	Secrets, Untrusted []string
	// OneTimeSecret is the path of a secret that no other answer shows
	// (x-secret-once).
	OneTimeSecret string
	// Shown are paths of secrets that the answer is for and that it shows
	// (x-secret-shown).
	Shown []string
	// Covers says what the numbers in the answer cover (x-covers), with arguments in
	// braces: "{start_date} to {end_date|today}".
	Covers string
	// IDs says what the ids of a list identify (x-ids), "user".
	IDs string
	// Each names arguments that may be a list of values, one request for each
	// (x-each).
	Each []string
	// Patch are the only fields that an operation with a JSON Patch can change
	// (x-patch); none where that is not known.
	Patch []PatchField
}

// PatchField is a field that a JSON Patch can change.
type PatchField struct {
	// Path is the field as a JSON Pointer.
	Path string
	// Values are the only ones it can have, none for any.
	Values []any
}

// Ask says which values of an argument, or of a path of a JSON Patch, are as
// destructive as another operation, by the name of its tool.
type Ask struct {
	At string
	// Values are those, as JSON. Below are levels, the highest first, of which a
	// lower one takes access away.
	Values, Below []string
	As            string
}

// SinceKeyword is x-since on a parameter or in a schema: the first release that
// knows the argument, or that answers with the field.
const SinceKeyword = "x-since"

func (r *reader) since(n *node) string {
	if !r.source.Trusted {
		return ""
	}
	release := n.get(SinceKeyword).literal() // 3.387 without quotes is a number
	if len(release) > 16 || strings.Trim(release, "0123456789.") != "" {
		return ""
	}
	return release
}

func (r *reader) extension(op *node) Extension {
	if !r.source.Trusted {
		return Extension{}
	}
	var patch []PatchField
	for path, values := range op.get("x-patch").members {
		allowed, _ := values.value().([]any)
		patch = append(patch, PatchField{path, allowed})
	}
	var asks []Ask
	for at, when := range op.get("x-asks").members {
		ask := Ask{At: at, Below: when.get("below").literals(), As: when.get("as").str()}
		for _, value := range when.get("values").list() {
			encoded, _ := json.Marshal(value.value()) // it was JSON or YAML
			ask.Values = append(ask.Values, string(encoded))
		}
		asks = append(asks, ask)
	}
	return Extension{
		Asks:          asks,
		Patch:         patch,
		Scope:         op.get("x-scope").str(),
		Plan:          op.get("x-plan").str(),
		Since:         r.since(op),
		Trap:          op.get("x-trap").str(),
		Undo:          op.get("x-undo").str(),
		Secrets:       op.get("x-secrets").literals(),
		Untrusted:     op.get("x-untrusted").literals(),
		OneTimeSecret: op.get("x-secret-once").str(),
		Shown:         op.get("x-secret-shown").literals(),
		Covers:        op.get("x-covers").str(),
		IDs:           op.get("x-ids").str(),
		Each:          op.get("x-each").literals(),
	}
}
