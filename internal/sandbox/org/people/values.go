package people

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// attributeValue is how metadata holds a value that was sent as text: an attribute of
// type number as a number, one of type json as what the text says.
func attributeValue(a *model.Attribute, text *string) (jsontext.Value, error) {
	if text == nil {
		return jsontext.Value("null"), nil
	}
	trimmed := strings.TrimSpace(*text)
	value := jsontext.Value(trimmed)
	switch a.DataType {
	case "number":
		// A number that no float holds would come back as another one.
		if _, err := strconv.ParseFloat(trimmed, 64); err != nil || !value.IsValid() {
			return nil, api.BadRequest("Value of user attribute %q is not a number", a.Name)
		}
		return value, nil
	case "json":
		if !value.IsValid() {
			return nil, api.BadRequest("Value of user attribute %q is not valid JSON", a.Name)
		}
		return value, nil
	default:
		return json.Marshal(*text)
	}
}

// textOf undoes attributeValue: the text that a value could have been sent as.
func textOf(value jsontext.Value) *string {
	if model.IsNull(value) {
		return nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		text = string(value) // no string
	}
	return &text
}
