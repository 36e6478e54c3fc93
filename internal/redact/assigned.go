package redact

import (
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// redactAssigned redacts values behind the name of a secret, as messages, URLs,
// headers and broken JSON have them: password=…, "api_key": "…", X-Api-Key: …,
// \"token\":\"…\".
func redactAssigned(s string) string {
	var out strings.Builder
	done := 0
	title := "" // the name of a secret, given as the value of key or name
	for i := 0; i < len(s); i++ {
		if s[i] == '{' || s[i] == '}' {
			title = ""
		}
		if s[i] != '=' && s[i] != ':' {
			continue
		}
		name := nameBefore(s[done:i])
		switch {
		case len(name) < 3, name[0] >= '0' && name[0] <= '9': // such as a time of day
			continue
		case TitleName(name), IsPatchPath(name):
			if found := titleBehind(s, i, name); found != "" {
				title = found
			}
			continue
		case title != "" && ValueName(name):
			name = title
		case !SecretName(name):
			continue
		}
		if behind := strings.TrimLeft(s[i+1:], " \t\"'\\"); strings.HasPrefix(behind, markerStart) || strings.HasPrefix(behind, accessTokenMarker) {
			continue // it is redacted already
		}
		from, to := valueBehind(s, i, name)
		if from == to || s[from:to] == encryptedOnServer {
			continue
		}
		shown := Marker(name)
		if isConnectionName(name) {
			if strings.Contains(s[from:to], "://"+cutMarker) {
				continue // taken apart already
			}
			if parts, ok := connectionString(s[from:to]); ok {
				shown = parts
			}
		}
		out.WriteString(s[done:from])
		out.WriteString(shown)
		done, i = to, to-1
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// nameBefore returns the name at the end of a text, without quotes.
func nameBefore(s string) string {
	end := len(strings.TrimRight(s, " \t\"'\\]"))
	from := end
	for from > 0 && isNameByte(s[from-1]) {
		from--
	}
	return strings.Trim(s[from:end], "-.")
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// titleBehind returns the name of a secret that is the value behind the sign at i, ""
// if it is none. What does not end soon, or is itself assigned to, is no name:
// a text that repeats such signs must not be read to its end at each.
func titleBehind(s string, i int, name string) string {
	const longest = 2 * MaxName
	end := min(len(s), i+1+longest)
	if next := strings.IndexAny(s[i+1:end], "=:"); next >= 0 {
		end = i + 1 + next
	}
	from, to := valueBehind(s[:end], i, name)
	switch found := s[from:to]; {
	case found == "" || to == end && end < len(s):
		return ""
	case SecretName(found):
		return found
	case IsPatchPath(name):
		if p := ReadPointer(found); p.Secret {
			return p.Name
		}
	}
	return ""
}

// valueBehind returns where the value behind the sign at i is; it is empty if it is
// not a secret.
func valueBehind(s string, i int, name string) (from, to int) {
	from = i + 1
	for from < len(s) && strings.IndexByte(" \t[\n", s[from]) >= 0 {
		from++
	}
	slashes := from
	for from < len(s) && s[from] == '\\' {
		from++
	}
	if from < len(s) && (s[from] == '"' || s[from] == '\'') {
		if strings.HasPrefix(s[from+1:], "[redacted") {
			return from, from
		}
		end := closing(s, from+1, s[from], from-slashes)
		return from + 1, end
	}
	from = slashes
	stops := " \t\n\"'&;})]<>"
	lower := strings.ToLower(name)
	if header := strings.Contains(lower, "authorization") || strings.Contains(lower, "cookie"); header && s[i] == ':' {
		stops = "\n\"'<>"
	}
	to = from
	for to < len(s) && strings.IndexByte(stops, s[to]) < 0 {
		to++
	}
	if s[i] == '=' {
		to = endOfPair(s, from, to)
	}
	if s[i] == ':' && stops[0] == ' ' && !looksGenerated(s[from:to]) { // "password: must be longer" is prose
		return from, from
	}
	return from, to
}

// maxPair bounds, in bytes, how far the end of a value in a connection string is looked for.
const maxPair = 512

var nextPair = text.Pattern(`^\s*(?:[A-Za-z][\w .-]{0,40}=|$)`)

// libpqNames are options of libpq, which stand behind a password with spaces.
var libpqNames = []string{"host", "hostaddr", "port", "dbname", "user", "sslmode", "connect_timeout", "application_name"}

// endOfPair returns where a value ends that seems to end at a position, if it has braces,
// quotes or spaces as those of connection strings may have.
func endOfPair(s string, from, to int) int {
	line, _ := split(s[from:min(len(s), from+maxPair)], "\n")
	seen := to - from // of the line
	braces, quote := "", seen > 0 && seen+1 < len(line) && (line[seen] == '\'' || line[seen] == '"') && (isLetter(rune(line[seen+1])) || isDigit(rune(line[seen+1])))
	if strings.HasPrefix(line, "{") {
		braces, _ = quotedValue(line, ";")
	}
	switch {
	case seen > len(line):
		return to
	case braces != "" || quote:
		for at := len(braces); at < len(line); at++ {
			if line[at] == ';' && nextPair().MatchString(line[at+1:]) {
				return from + at
			}
		}
		word, _ := split(line[len(braces):], " \t")
		return from + len(braces) + len(word)
	case seen > 0 && seen < len(line) && line[seen] == ' ':
		if at := strings.IndexAny(line[seen:], ";="); at > 0 && line[seen+at] == ';' && nextPair().MatchString(line[seen+at+1:]) && strings.Contains(line[seen+at:], "=") {
			return from + seen + at
		}
		next := max(0, strings.IndexByte(line[seen:], '='))
		name := nameBefore(line[seen : seen+next])
		between := strings.TrimRight(line[seen:seen+next], " ")
		if slices.Contains(libpqNames, name) && strings.TrimSpace(strings.TrimSuffix(between, name)) != "" {
			return from + seen + len(strings.TrimRight(strings.TrimSuffix(between, name), " "))
		}
		if line[seen-1] == '\\' {
			word, _ := split(line[seen+1:], " \t")
			return from + seen + 1 + len(word)
		}
	}
	return to
}

// closing returns where the quote is that ends a text: it has as many backslashes
// as the one that began it. Without one it is the end.
func closing(s string, from int, quote byte, slashes int) int {
	for i := from; i < len(s); i++ {
		if s[i] != quote {
			continue
		}
		n := 0
		for i-n-1 >= from && s[i-n-1] == '\\' {
			n++
		}
		if n <= slashes {
			return i - n
		}
	}
	return len(s)
}
