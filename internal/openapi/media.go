package openapi

import (
	"errors"
	"fmt"
	"mime"
	"strings"

	clean "github.com/retool-mcp/retool-mcp/internal/text"
)

// mediaType returns a content type, or a range of them, as a header holds it:
// without the parameters if they cannot be read. A document must not write
// headers, so whatever else a text holds, it is an error.
func mediaType(name string) (string, error) {
	essence, parameters, err := mime.ParseMediaType(name)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || !strings.Contains(essence, "/") {
		return "", fmt.Errorf("%s is no media type", clean.Quote(name, maxShownType))
	}
	if full := mime.FormatMediaType(essence, parameters); full != "" && err == nil {
		return full, nil
	}
	return essence, nil
}

const maxShownType = 60

// MediaTypes is mediaType of a list with commas, which is empty for none.
func MediaTypes(list string) (string, error) {
	if strings.TrimSpace(list) == "" {
		return "", nil
	}
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		name, err := mediaType(name)
		if err != nil {
			return "", err
		}
		if strings.Contains(name, ",") {
			return "", fmt.Errorf("a comma in %s is not supported", clean.Quote(name, maxShownType))
		}
		out = append(out, name)
	}
	return strings.Join(out, ", "), nil
}
