package sandbox

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/routes"
	"github.com/retool-mcp/retool-mcp/internal/text"
	"github.com/retool-mcp/retool-mcp/schemas"
)

// Token is an access token with its scopes.
type Token struct {
	Secret string
	Scopes []string
	// All means all scopes.
	All bool
	// Owner is the legacy id of the user who owns it; 0 means the first user.
	Owner int
}

// ParseToken reads "TOKEN", which has all scopes, or "TOKEN=scope,scope". The
// scopes must be some that an operation needs.
func ParseToken(written string) (Token, error) {
	secret, list, limited := strings.Cut(written, "=")
	t := Token{Secret: strings.TrimSpace(secret), All: !limited}
	if t.Secret == "" {
		return t, fmt.Errorf("%q has no token: write TOKEN or TOKEN=scope,scope", written)
	}
	known, err := knownScopes()
	if err != nil {
		return t, err
	}
	for scope := range strings.SplitSeq(list, ",") {
		scope = strings.TrimSpace(scope)
		if scope == "" {
			continue
		}
		if !slices.Contains(known, scope) {
			if near := text.Nearest(scope, known); near != "" {
				return t, fmt.Errorf("%q is not a scope: did you mean %s?", scope, near)
			}
			return t, fmt.Errorf("%q is not a scope: scopes look like users:read", scope)
		}
		t.Scopes = append(t.Scopes, scope)
	}
	return t, nil
}

// knownScopes returns the scopes of all operations, and those that include them.
func knownScopes() ([]string, error) {
	set, err := routes.Load(schemas.Routes())
	if err != nil {
		return nil, err
	}
	known := []string{admin}
	for _, route := range set.Routes {
		for _, scope := range route.Scopes {
			known = append(known, scope, cmp.Or(aliases[scope], scope))
			if subject, ok := strings.CutSuffix(scope, ":read"); ok {
				known = append(known, subject+":write")
			}
		}
	}
	slices.Sort(known)
	return slices.Compact(known), nil
}

func last4(secret string) string { return secret[max(0, len(secret)-4):] }

// admin is the scope that includes all others.
const admin = "mcp:admin"

// aliases are scopes that have other names in the server than in documents.
var aliases = map[string]string{
	"config_vars:read":  "configuration_variables:read",
	"config_vars:write": "configuration_variables:write",
}

// may reports whether the token has one of the scopes. Write includes read.
func (t Token) may(scopes []string) bool {
	if t.All || len(scopes) == 0 || slices.Contains(t.Scopes, admin) {
		return true
	}
	for _, scope := range scopes {
		for _, name := range []string{scope, aliases[scope]} {
			write, ok := strings.CutSuffix(name, ":read")
			if name != "" && slices.Contains(t.Scopes, name) || ok && slices.Contains(t.Scopes, write+":write") {
				return true
			}
		}
	}
	return false
}

// forbidden returns the failure of a token that lacks a scope, in the API's words.
func forbidden(scopes []string) error {
	quoted := make([]string, len(scopes))
	for i, scope := range scopes {
		if name, ok := aliases[scope]; ok {
			scope = name
		}
		quoted[i] = fmt.Sprintf("%q", scope)
	}
	return api.Forbidden("Forbidden: API token is missing one of %s or one of %q", strings.Join(quoted, ", "), admin)
}

// authenticate finds the token of a request among the operator's and the
// organization's.
func (s *Sandbox) authenticate(r *http.Request, in *model.Org) (Token, error) {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	given = strings.TrimSpace(given)
	if !ok || given == "" {
		return Token{}, &api.StatusError{Status: http.StatusUnauthorized, Message: "Unauthorized: an access token is required"}
	}
	if t, ok := s.tokens[given]; ok {
		return t, nil
	}
	for t := range in.AccessTokens.All() {
		if subtle.ConstantTimeCompare([]byte(t.Secret), []byte(given)) == 1 {
			return Token{Secret: given, Scopes: t.Scopes, Owner: t.OwnerLegacyID}, nil
		}
	}
	return Token{}, &api.StatusError{Status: http.StatusUnauthorized, Message: "Unauthorized: the access token is not valid"}
}

// owner returns the legacy id of the caller.
func (t Token) owner(in *model.Org) int {
	if t.Owner != 0 {
		return t.Owner
	}
	for u := range in.Users.All() {
		return u.LegacyID
	}
	return 0
}
