package text

import "strings"

// MediaType returns a content type in lower case, without its parameters.
func MediaType(contentType string) string {
	essence, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.TrimSpace(essence)
}
