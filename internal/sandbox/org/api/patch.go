package api

import (
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ApplyPatch applies the JSON Patch of the body ("operations", RFC 6902) to fields:
// a struct with the fields that can be changed. It returns the new fields; a removed
// one is zero. A path outside of the struct, a failing test and a value of the wrong
// type give 400.
func ApplyPatch[T any](c *Call, fields T) (out T, err error) {
	var body struct {
		Operations []jsontext.Value `json:"operations"`
	}
	if err := c.Decode(&body); err != nil {
		return out, err
	}
	before, err := json.Marshal(fields)
	if err != nil {
		return out, err
	}
	known := map[string]jsontext.Value{}
	if err := json.Unmarshal(before, &known); err != nil {
		return out, err
	}
	for _, operation := range body.Operations {
		if err := checkPaths(operation, known); err != nil {
			return out, err
		}
	}
	operations, err := json.Marshal(body.Operations)
	if err != nil {
		return out, err
	}
	changes, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		return out, BadRequest("Invalid patch operations")
	}
	after, err := changes.Apply(before)
	if err != nil {
		return out, BadRequest("Invalid patch operations: %s", err)
	}
	if err := json.Unmarshal(after, &out, json.RejectUnknownMembers(true)); err != nil {
		return out, BadRequest("Invalid value in patch operations")
	}
	return out, nil
}

// checkPaths checks that the path and the origin of an operation are known fields.
func checkPaths(operation jsontext.Value, known map[string]jsontext.Value) error {
	var o struct {
		Op   string  `json:"op"`
		Path string  `json:"path"`
		From *string `json:"from"`
	}
	if err := json.Unmarshal(operation, &o); err != nil {
		return BadRequest("Invalid patch operations")
	}
	paths := []string{o.Path}
	if o.From != nil {
		paths = append(paths, *o.From)
	}
	for _, path := range paths {
		first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if _, ok := known[first]; !ok || !strings.HasPrefix(path, "/") {
			return BadRequest("Invalid path for patch operation: %s", path)
		}
	}
	return nil
}
