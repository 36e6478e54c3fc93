// Package redact says what is a secret, by its name, its place in a text or its
// form, and replaces it by a redaction marker, such as [redacted: password].
//
// It knows nothing of tools and answers: what sends, shows or records text calls
// it. Only [text] stands below it.
package redact
