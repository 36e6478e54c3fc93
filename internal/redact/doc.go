// Package redact says what is a secret, by its name, its place in a text or its
// form, and replaces it by a redaction marker, such as [redacted: password].
//
// [Redactor] redacts JSON and messages by the [Rules] of one operation,
// [AccessToken] removes the access token from whatever a server sends. The package
// knows neither tools nor responses.
package redact
