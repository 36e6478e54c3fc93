package tools

// Request is one HTTP request as data. It has no address and no credentials:
// the sender adds both.
type Request struct {
	// Method is the HTTP method in upper case.
	Method string
	// Path starts with a slash and is percent-encoded, relative to the API's
	// base address (".../api/v2"). A trailing slash is significant.
	Path string
	// Query is the encoded query without the question mark, empty if none.
	Query string
	// ContentType is that of Body; empty when there is no body.
	ContentType string
	// Body is sent unchanged; nil means no body.
	Body []byte
}
