package auth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/retool-mcp/retool-mcp/internal/text"
)

// Types of tokens. An issuer signs more than access tokens with the same keys: ID
// tokens, logout tokens, events. RFC 9068 (section 4) and RFC 8725 (section 3.11)
// tell them apart by the type in the header, TypeAccess. Many issuers send another
// type or none.
const (
	TypeAccess = "at+jwt"
	TypeJWT    = "JWT"
	TypeNone   = "none" // no type in the header
)

// checkType refuses every token that is not a bearer access token.
func (o *oauth) checkType(header jose.Header, claims map[string]any) *DeniedError {
	kind, given := header.ExtraHeaders[jose.HeaderType]
	name, _ := kind.(string)
	name = strings.TrimPrefix(strings.ToLower(name), "application/") // RFC 7515, section 4.1.9
	allowed := TypeNone
	if given {
		allowed = TypeJWT
	}
	switch {
	case given && name == TypeAccess:
	case given && !strings.EqualFold(name, TypeJWT):
		return invalid(tokenType, wrongKind).withDetail("its type (typ) is %s, which is never that of an access token", quoteClaim(kind))
	case !isOneOf(allowed, o.TokenTypes...):
		return invalid(tokenType, wrongKind).withDetail("its type (typ) is %s; if that is the type of the issuer's access tokens, set %s to it", allowed, cmp.Or(o.SettingNames.TokenType, "the token types"))
	}
	if mark := idTokenMark(claims); mark != "" {
		return invalid(otherToken, wrongKind).withDetail("%s", mark)
	}
	if name != TypeAccess && !o.showsAccess(claims) {
		return invalid(otherToken, wrongKind).withDetail("it may be an ID token: its audience (aud) %s may be the id of a client, since it is not a URL of this server, and it has no claim of an access token, such as scope, scp or client_id", quoteClaim(claims["aud"]))
	}
	if claims["cnf"] != nil {
		return invalid(boundToken, "it is bound to a key (cnf), and this server cannot check the proof of possession; request a bearer token")
	}
	return nil
}

// wrongKind does not say what came: the operator's log does.
const wrongKind = "it is not an access token of a type that this server accepts; ask its operator"

// idTokenMark returns what shows that a token is an ID token, a logout token or an
// event, "" for nothing.
func idTokenMark(claims map[string]any) string {
	for _, name := range []string{"nonce", "at_hash", "c_hash", "s_hash", "events"} {
		if claims[name] != nil {
			return "it has the claim " + name + ", which access tokens do not have"
		}
	}
	// Keycloak and Cognito name the kind of a token in a claim.
	if kind, _ := claims["typ"].(string); isOneOf(kind, "ID", "Logout", "Refresh", "Offline") {
		return "its claim typ is " + kind
	}
	if use, ok := claims["token_use"].(string); ok && use != "access" {
		return "its claim token_use is not access"
	}
	return ""
}

// showsAccess reports whether a token whose type does not tell cannot be an ID token,
// whose audience is the id of a client: the audience here is a URL, or a claim is one
// of access tokens.
func (o *oauth) showsAccess(claims map[string]any) bool {
	for _, name := range []string{"scope", "scp", "client_id", "cid", "appid", "azpacr"} {
		if claims[name] != nil {
			return true
		}
	}
	names := audiences(claims)
	if client, ok := claims["azp"].(string); ok && !slices.Contains(names, client) {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.Contains(name, "://") && o.isAudience(name)
	})
}

// audiences are the texts of the claim aud, which is a text or a list.
func audiences(claims map[string]any) (names []string) {
	switch aud := claims["aud"].(type) {
	case string:
		names = append(names, aud)
	case []any:
		for _, one := range aud {
			if name, ok := one.(string); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

func isOneOf(name string, all ...string) bool {
	return slices.ContainsFunc(all, func(one string) bool { return strings.EqualFold(one, name) })
}

// quoteClaim quotes a claim of a token whose signature is valid, for the log.
func quoteClaim(claim any) string { return text.Quote(fmt.Sprint(claim), maxQuote) }
