package tools

import (
	"slices"
	"strings"
)

// The name of a field often tells that its value is a secret where no document
// does: options of resources are open to any field. These rules take a name
// apart into words and look at the last ones, since what comes before only says
// whose it is: database_password, oauth2_client_secret, X-Api-Key.
var (
	secretWords = []string{
		"password", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets", "token", "apikey", "apitoken",
		"credential", "credentials", "dsn", "cookie", "cookies", "authorization", "bearer", "jwt", "pat", "pin", "otp",
		"privatekey", "secretkey", "accesskey", "accesstoken", "authtoken", "clientsecret", "connectionstring",
	}
	// secretKeys make a secret of a word "key" behind them, and of "key id".
	secretKeys = []string{
		"api", "private", "secret", "access", "account", "client", "server", "token", "master", "signing", "encryption",
		"shared", "ssh", "deploy", "license", "auth", "service", "integration", "ingest", "write", "storage", "ssl", "tls", "pgp", "gpg",
	}
	// secretEnds make a secret of a longer word that ends in them: dbpassword.
	secretEnds = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "credentials"}
	// plainNames sound like secrets and are none.
	plainNames = []string{"next_token", "cookies_to_forward"}
)

// SecretName tells whether a field of that name holds a secret, going by the
// name alone.
func SecretName(name string) bool {
	if slices.Contains(plainNames, name) {
		return false
	}
	w := words(name)
	for len(w) > 1 && slices.Contains([]string{"encrypted", "base64", "b64", "pem", "value", "text", "plain", "raw", "hash", "json"}, last(w)) {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return false
	}
	before := ""
	if len(w) > 1 {
		before = w[len(w)-2]
	}
	switch end := last(w); {
	case slices.Contains(secretWords, end), slices.ContainsFunc(secretEnds, func(s string) bool { return strings.HasSuffix(end, s) }):
		return before != "public" && before != "page" && before != "num"
	case end == "key" || end == "keys":
		return slices.Contains(secretKeys, before)
	case end == "id" && before == "key" && len(w) > 2:
		return w[len(w)-3] == "access"
	case end == "string" || end == "uri" || end == "url":
		return before == "connection" || before == "database" && end != "string"
	default:
		return false
	}
}

// SecretPath splits a path of Tool.Secrets: the field, and the name of the flag
// that says whether it is a secret, "" for always.
func SecretPath(path string) (field, flag string) {
	field, flag, _ = strings.Cut(path, " if ")
	return field, flag
}

// Redacted is what stands in a result where a secret was.
func Redacted(name string) string { return redacted + name + "]" }

const redacted = "[redacted: "
