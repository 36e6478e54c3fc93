package redact

import (
	"net/url"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// A connection string names a host, a port, a database and options besides user and
// password. Only those are replaced, so that an agent sees where it leads. What is
// ambiguous, as a password may contain any character, is not taken apart: the string is
// replaced whole.
type connection struct {
	found func(secret string) // gets what is replaced
}

// connectionString replaces user, password and secret options of a connection string;
// false if it is none that can be taken apart.
func connectionString(s string) (shown string, ok bool) {
	return connection{func(string) {}}.mask(s)
}

// ConnectionSecrets returns the password and the secret options in a connection string.
func ConnectionSecrets(s string) (secrets []string) {
	_, _ = connection{func(secret string) { secrets = append(secrets, secret) }}.mask(s)
	return secrets
}

var (
	schemePart = text.Pattern(`^(?:[A-Za-z][A-Za-z0-9+._-]*:)*[A-Za-z][A-Za-z0-9+._-]*://`)
	thinPart   = text.Pattern(`^(?i)jdbc:[a-z0-9]+:(?:thin:|oci8?:)?`)
	onePair    = text.Pattern(`^[A-Za-z][\w .-]*=`)
	hiddenPair = text.Pattern(`\s[A-Za-z_]\w*\s*=`)
	pairKey    = text.Pattern(`^[A-Za-z][\w .-]*$`)
	hostPart   = text.Pattern(`^(?:\[[0-9A-Fa-f:.%]+\]|[\w.%-]*)(?::\d+)?$`)
	hostInText = text.Pattern(`^(?://)?[\w.-]+(?::\d+)(?::[\w.-]+|/.*)?$`) // also Oracle's host:port:sid
	onlyName   = text.Pattern(`^[\w.-]+$`)
	networkDSN = text.Pattern(`^(?:tcp6?|unix|udp)\([^()@\s]*\)(?:/.*)?$`) // of Go's driver for MySQL
)

func (c connection) mask(s string) (shown string, ok bool) {
	s = strings.TrimSpace(s)
	if prefix := schemePart().FindString(s); prefix != "" {
		return c.url(prefix, s[len(prefix):])
	}
	prefix := thinPart().FindString(s)
	rest := s[len(prefix):]
	switch {
	case prefix == "" && strings.Contains(s, ";"):
		return c.pairs(s, ";")
	case prefix == "" && onePair().MatchString(s):
		return c.pairs(s, " \t\r\n")
	case prefix == "" && strings.Contains(s, ",") && strings.Contains(s, "="):
		hosts, options, _ := strings.Cut(s, ",")
		for hostInText().MatchString(hosts) && hostInText().MatchString(before(options, ",")) {
			more, rest, _ := strings.Cut(options, ",")
			hosts, options = hosts+","+more, rest
		}
		options, ok = c.pairs(options, ",")
		return hosts + "," + options, ok && !strings.ContainsAny(hosts, "@=")
	}
	address, options := split(rest, "?")
	at := strings.LastIndexByte(address, '@')
	where := address[at+1:]
	tns := strings.Contains(strings.ToLower(prefix), ":oracle:") && onlyName().MatchString(where)
	if !tns && !hostInText().MatchString(where) && !networkDSN().MatchString(where) && !strings.HasPrefix(where, "(DESCRIPTION=") {
		return "", false
	}
	options, ok = c.options(options, at >= 0)
	return prefix + c.who(address[:at+1], "/:") + where + options, ok
}

// url is mask for what follows a scheme.
func (c connection) url(scheme, rest string) (shown string, ok bool) {
	stops := "?"
	if strings.HasPrefix(scheme, "jdbc:") || strings.HasPrefix(scheme, "sqlserver:") {
		stops = "?;"
	}
	address, options := split(rest, stops)
	at := strings.LastIndexByte(address, '@')
	hosts, path := split(address[at+1:], "/")
	for host := range strings.SplitSeq(hosts, ",") {
		if !hostPart().MatchString(host) && !networkDSN().MatchString(host) {
			return "", false
		}
	}
	if web := strings.HasPrefix(scheme, "http"); web && at < 0 && strings.ContainsFunc(path, isDigit) {
		for segment := range strings.SplitSeq(path, "/") {
			if len(segment) >= minToken {
				return "", false // the address of a hook is its secret
			}
		}
	}
	options, ok = c.options(options, at >= 0)
	return scheme + c.who(address[:at+1], ":") + hosts + path + options, ok
}

// who replaces the part up to the @.
func (c connection) who(part, separators string) string {
	who, found := strings.CutSuffix(part, "@")
	if !found || who == "" || strings.HasPrefix(who, markerStart) {
		return part
	}
	user, password := split(who, separators)
	if password == "" {
		c.found(user)
		return Marker("user") + "@"
	}
	c.found(unescaped(password[1:]))
	if user == "" {
		return Marker("password") + "@"
	}
	return Marker("user and password") + "@"
}

// options replaces those that are secret. An @ in them may mean that a password has a
// question mark; known says that the password is known already.
func (c connection) options(s string, known bool) (shown string, ok bool) {
	switch {
	case known && strings.Contains(s, "@"):
		return "", false
	case len(s) < 2:
		return s, true
	case s[0] == ';':
		return c.pairs(s, ";")
	}
	pairs := strings.Split(s[1:], "&")
	for i, pair := range pairs {
		name, value, assigned := strings.Cut(pair, "=")
		if !assigned {
			return "", false
		}
		if strings.HasPrefix(value, cutMarker) {
			continue
		}
		switch name = unescaped(name); {
		case isCredential(name), name == "auth", secretOption(name, value):
			c.found(unescaped(value))
			pairs[i] = pair[:len(pair)-len(value)] + Marker(name)
		case strings.Contains(value, "@"):
			return "", false
		}
	}
	return s[:1] + strings.Join(pairs, "&"), true
}

// pairs replaces the values of secret names, of pairs between separators. A value in
// quotes or braces may contain them.
func (c connection) pairs(s, separators string) (shown string, ok bool) {
	var out strings.Builder
	for s != "" {
		if strings.IndexByte(separators, s[0]) >= 0 || s[0] == ' ' {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		name, rest, assigned := strings.Cut(s, "=")
		if name, spaced := strings.TrimSpace(name), separators != ";" && separators != ","; !assigned || !pairKey().MatchString(name) || spaced && strings.ContainsAny(name, separators) {
			return "", false // part of a value, perhaps
		}
		value := strings.TrimLeft(rest, " ")
		written, quoted := quotedValue(value, separators)
		if !quoted {
			written, _ = split(value, separators)
		}
		rest = value[len(written):]
		if !quoted && separators != ";" && strings.HasSuffix(written, `\`) {
			return "", false // it escapes the separator
		}
		if rest != "" && strings.IndexByte(separators+" ", rest[0]) < 0 || !quoted && hiddenPair().MatchString(written) {
			return "", false
		}
		out.WriteString(name + "=")
		if isCredential(name) && written != "" && !strings.HasPrefix(written, cutMarker) {
			c.found(strings.Trim(written, `"'{}`))
			out.WriteString(Marker(strings.TrimSpace(name)))
		} else {
			out.WriteString(written)
		}
		s = rest
	}
	return out.String(), true
}

// quotedValue returns the value at the beginning of a text if it is in quotes or braces.
func quotedValue(s, separators string) (written string, ok bool) {
	if strings.HasPrefix(s, markerStart) {
		written, _, ok = strings.Cut(s, "]")
		return written + "]", ok
	}
	if s == "" || strings.IndexByte(`"'{`, s[0]) < 0 {
		return "", false
	}
	end := s[0]
	if end == '{' {
		end = '}'
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && separators != ";": // libpq
			i++
		case s[i] != end:
		case i+1 < len(s) && s[i+1] == end: // doubled
			i++
		default:
			return s[:i+1], true
		}
	}
	return "", false
}

// credentialNames are what connection strings call the user; secrets have names of secrets.
var credentialNames = []string{"user", "userid", "uid", "username", "usr", "login", "loginid", "sharedaccesssignature", "sslkey"}

func isCredential(name string) bool {
	return SecretName(name) || slices.Contains(credentialNames, strings.Join(text.Words(name), ""))
}

// cutMarker is what a word that ends within a marker begins with.
var cutMarker = strings.TrimSuffix(markerStart, ": ")

// isConnectionName tells whether a field of that name, which is one of a secret, holds a
// connection string.
func isConnectionName(name string) bool {
	w := text.Words(strings.TrimRight(name, "0123456789_-. "))
	if len(w) == 0 {
		return false
	}
	end := strings.Join(w[max(0, len(w)-2):], "")
	for _, suffix := range []string{"dsn", "connectionstring", "connstring", "connectionstr", "connstr", "connectionuri", "connectionurl", "databaseuri", "databaseurl"} {
		if strings.HasSuffix(end, suffix) {
			return true
		}
	}
	return false
}

// databaseURL finds URLs of databases and queues in a text. Any other URL may have an @
// in its path.
var databaseURL = text.Pattern(`(?i)\b((?:jdbc:[a-z0-9:+-]+|postgres(?:ql)?|mysqlx?|mariadb|mongodb|rediss?|valkeys?|amqps?|mssql|sqlserver|oracle|snowflake|clickhouse|` +
	`cockroachdb|redshift|databricks|bigquery|cassandra|couchbases?|neo4j|bolt|nats|kafka|mqtts?|ldaps?|smtps?|s?ftps?)(?:\+[a-z0-9]+)?://)((?:[^\s"'<>{]|["'][A-Za-z0-9]|\{[^{}\n]*\}|\{)*)`)

// inText replaces a database's URL in a text.
func inText(m []string) string {
	run := strings.TrimRight(m[2], `\.,;:)]}`)
	if strings.Contains(run, "{") && strings.HasPrefix(m[2][len(run):], "}") {
		run += "}"
	}
	shown, ok := connection{func(string) {}}.url(m[1], run)
	switch {
	case ok:
		return shown + m[2][len(run):]
	case strings.Contains(run, "@"), strings.Contains(run, "{") && redactAssigned(run) != run:
		return m[1] + Marker("connection string") + m[2][len(run):]
	default:
		return m[0]
	}
}

// wholeText finds texts that are one connection string with a user, in fields of any name.
var wholeText = text.Pattern(`^(?i)\s*(?:server|data ?source|host|hostname|hostaddr|driver|endpoint|accountendpoint|defaultendpointsprotocol|addr|address|provider)\s*=` +
	`|^\s*(?:user|user ?id|username|uid|dbname|database|initial catalog|port|dsn|sslmode)\s*=[^\n]*[;\s](?:pwd|passw\w*)\s*=` +
	`|^\s*(?:pwd|password)\s*=[^\n]*;` +
	`|^\s*jdbc:oracle:\w+:[^\s/@]+/[^\n]*@` +
	`|^[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:[0-9]*[^\s@0-9/][^\s@]*\s[^\n]*@`)

// inWhole is connectionString for a text that may be anything else. Pairs with a secret
// that cannot be taken apart are replaced whole, if they are one line.
func inWhole(s string) string {
	line := strings.TrimSpace(s)
	at := strings.Contains(s, "@")
	switch {
	// What each form has to contain spares the patterns for dates and addresses, which are most texts.
	case (strings.Contains(s, "=") || at && strings.Contains(s, ":")) && wholeText().MatchString(s):
		if shown, ok := connectionString(s); ok {
			return shown
		}
		if onePair().MatchString(line) && !strings.Contains(line, "\n") && redactAssigned(line) != line {
			return Marker("connection string")
		}
	case strings.ContainsAny(line, `"'<>`) && wholeURL().MatchString(s):
		if shown, ok := connectionString(s); ok {
			return shown
		}
		return schemePart().FindString(line) + Marker("connection string")
	case at && strings.ContainsAny(s, ":/") && wholeUser().MatchString(s):
		return wholeUser().ReplaceAllStringFunc(s, func(found string) string {
			m := wholeUser().FindStringSubmatch(found)
			_, behind, _ := cutLast(found, "@")
			m[0], m[4] = found, behind
			return addressUser(m)
		})
	}
	return s
}

// split splits a text before the first of some characters.
func split(s, stops string) (first, rest string) {
	if i := strings.IndexAny(s, stops); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

func before(s, stop string) string {
	first, _, _ := strings.Cut(s, stop)
	return first
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// cutLast is strings.Cut around the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}
