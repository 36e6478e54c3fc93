package redact

import "strings"

// Marker is the text that replaces a secret of that name, which may hold what replaced
// the access token.
func Marker(name string) string {
	return markerStart + strings.ReplaceAll(name, accessTokenMarker, "access token") + "]"
}

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

// ownMarkers are what replaces secrets, whatever they are called.
var ownMarkers = []string{accessTokenMarker, Marker(argument)}

// argument is what a secret among the arguments is called.
const argument = "argument"

// inOwnMarker tells whether a part of a text lies within what replaced a secret:
// what is contained in that is not replaced again.
func inOwnMarker(s string, from, to int) bool {
	start := markerBefore(s, from)
	for _, marker := range ownMarkers {
		if start >= 0 && strings.HasPrefix(s[start:], marker) && to <= start+len(marker) {
			return true
		}
	}
	return false
}

// inMarker is inOwnMarker for a text in which all markers are ours.
func inMarker(s string, from, to int) bool {
	start := markerBefore(s, from)
	if start < 0 || !strings.HasPrefix(s[start:], markerStart) {
		return inOwnMarker(s, from, to)
	}
	end := strings.IndexByte(s[start:], ']')
	return end >= 0 && to <= start+end+1
}

// markerBefore returns where the last bracket before a position is, -1 for none.
func markerBefore(s string, at int) int {
	const longest = 2 * MaxName
	first := max(0, at-longest)
	if i := strings.LastIndexByte(s[first:at+1], '['); i >= 0 {
		return first + i
	}
	return -1
}
