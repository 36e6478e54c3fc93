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
	for name, access := range kindClaims {
		if kind, given := claims[name]; given && kind != access {
			return "its claim " + name + " is " + quoteClaim(kind) + ", not " + access
		}
	}
	return ""
}

// kindClaims are claims in which Keycloak and Cognito name the kind of a token, with
// that of access tokens.
var kindClaims = map[string]string{"typ": "Bearer", "token_use": "access"}

// showsAccess reports whether a token whose type does not tell cannot be an ID token,
// whose audience is the id of a client: the audience here is a URL, or a claim is one
// of access tokens. The claim azp is not: ID tokens have it too, with another client.
func (o *oauth) showsAccess(claims map[string]any) bool {
	for name, access := range kindClaims {
		if claims[name] == access {
			return true
		}
	}
	for _, name := range []string{"scope", "scp", "client_id", "cid", "appid", "azpacr"} {
		if slices.ContainsFunc(texts(claims[name]), func(one string) bool { return strings.TrimSpace(one) != "" }) {
			return true
		}
	}
	return slices.ContainsFunc(texts(claims["aud"]), func(name string) bool {
		return strings.Contains(name, "://") && o.isAudience(name)
	})
}

// texts are those of a claim that is a text or a list.
func texts(claim any) (all []string) {
	switch claim := claim.(type) {
	case string:
		all = append(all, claim)
	case []any:
		for _, one := range claim {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
	}
	return all
}

func isOneOf(name string, all ...string) bool {
	return slices.ContainsFunc(all, func(one string) bool { return strings.EqualFold(one, name) })
}

// quoteClaim quotes a claim of a token whose signature is valid, for the log.
func quoteClaim(claim any) string { return text.Quote(fmt.Sprint(claim), maxQuote) }
