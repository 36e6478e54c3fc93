package redact

import "strings"

// Marker is the text that replaces a secret of that name.
func Marker(name string) string { return markerStart + name + "]" }

const markerStart = "[redacted: "

// encryptedOnServer is what Retool itself shows in place of a secret. It says
// that there is one, and stays.
const encryptedOnServer = "---encrypted-on-server---"

// HasMarker tells whether a text holds what replaces a secret, in our results or
// in Retool's. Written back, it would overwrite the secret.
func HasMarker(text string) bool {
	return strings.Contains(text, encryptedOnServer) || strings.Contains(text, "__RETOOL_ENCRYPTED_") ||
		strings.Contains(text, markerStart)
}
