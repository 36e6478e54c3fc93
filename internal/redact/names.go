package redact

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// The name of a field often says that its value is a secret when no document does:
// options of resources are open to any field. The last words of a name decide; the
// ones before say whose it is: database_password, oauth2_client_secret, X-Api-Key.
var (
	secretWords = []string{
		"password", "passwords", "passwd", "pwd", "pass", "passphrase", "passcode", "secret", "secrets", "token", "apikey", "apikeys", "apitoken",
		"credential", "credentials", "creds", "dsn", "cookie", "cookies", "authorization", "bearer", "jwt", "pat", "otp", "sig", "sessionid",
	}
	// secretEnds are ends of longer words: dbpassword.
	secretEnds = []string{
		"password", "passwd", "passphrase", "secret", "token", "apikey", "credentials", "privatekey", "secretkey", "accesskey", "masterkey",
		"encryptionkey", "signingkey", "connectionstring", "connstr", "bindpw",
	}
	// secretKeys come before the word "key".
	secretKeys = []string{
		"api", "private", "pvt", "secret", "access", "account", "client", "token", "master", "signing", "encryption", "shared", "ssh", "deploy",
		"license", "auth", "integration", "ingest", "write", "ssl", "tls", "pgp", "gpg", "session", "hmac", "subscription", "functions",
	}
	// secretTokens come before the word "tokens", which otherwise is a number.
	secretTokens = []string{"access", "refresh", "api", "auth", "bearer"}
	// positions come before tokens that are positions in a list.
	positions = []string{"next", "page", "continuation", "cursor", "sync", "public", "num"}
	// trailing words describe a secret further.
	trailing = []string{"encrypted", "base64", "b64", "pem", "value", "text", "plain", "raw", "hash", "json", "confirmation", "confirm", "base"}
)

// MaxName is the length beyond which a text of several words is not a name.
const MaxName = 100

// SecretName tells whether a field of that name holds a secret.
func SecretName(name string) bool {
	if len(name) > MaxName {
		if strings.ContainsAny(name, " \n") {
			return false
		}
		name = name[len(name)-MaxName:] // its last words count
	}
	w := text.Words(strings.TrimRight(name, "0123456789_-. "))
	for len(w) > 1 && slices.Contains(trailing, w[len(w)-1]) {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return false
	}
	before := ""
	if len(w) > 1 {
		before = w[len(w)-2]
	}
	end := w[len(w)-1]
	if slices.Contains(positions, before) {
		return false
	}
	switch {
	case slices.Contains(secretWords, end), slices.ContainsFunc(secretEnds, func(s string) bool { return strings.HasSuffix(end, s) }):
		return true
	case end == "key", end == "keys":
		return slices.Contains(secretKeys, before) || len(w) > 2 && before == "server" && w[len(w)-3] == "ldap"
	case end == "tokens":
		return slices.Contains(secretTokens, before)
	case end == "id":
		return before == "session" || before == "key" && len(w) > 2 && w[len(w)-3] == "access"
	case end == "string", end == "str":
		return before == "connection" || before == "conn"
	case end == "link", end == "links": // whoever has it can use it
		return before == "invite" || before == "invitation" || before == "signup" || before == "magic"
	case end == "uri", end == "url":
		return before == "connection" || before == "database"
	default:
		return false
	}
}

// Names of the members of a pair, {"key": "X-Api-Key", "value": …}, and of the flags
// that say that its value is a secret.
var (
	titleNames = []string{
		"key", "name", "header", "field", "label", "variable", "attribute", "param", "parameter", "property", "option",
		"headername", "keyname", "fieldname", "variablename", "attributename", "paramname", "parametername", "propertyname", "optionname",
	}
	valueNames = []string{"value", "values", "val", "default", "defaultvalue", "headervalue", "newvalue"}
	flagNames  = []string{"secret", "issecret", "sensitive", "encrypted"}
)

// TitleName tells whether a member of that name names a pair.
func TitleName(name string) bool { return isOne(name, titleNames) }

// ValueName tells whether a member of that name is the value of a pair.
func ValueName(name string) bool { return isOne(name, valueNames) }

// FlagName tells whether a member of that name says whether a pair is a secret.
func FlagName(name string) bool { return isOne(name, flagNames) }

var withoutSigns = strings.NewReplacer("_", "", "-", "")

func isOne(name string, of []string) bool {
	if strings.ContainsAny(name, "_-") {
		name = withoutSigns.Replace(name)
	}
	return slices.ContainsFunc(of, func(n string) bool { return strings.EqualFold(name, n) })
}
