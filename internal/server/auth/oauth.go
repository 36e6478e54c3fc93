package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// OAuthOptions are the settings of OAuth. Issuer, Audiences and Resources are required.
type OAuthOptions struct {
	// Issuer is the URL of the token issuer, exactly as in the claim iss.
	Issuer string
	// Audiences are the issuer's names for this server: one must be in the claim aud.
	Audiences []string
	// TokenTypes are the types of access tokens that the issuer sends besides at+jwt:
	// TypeJWT and TypeNone.
	TokenTypes []string
	// JWKSURL is the URL of the issuer's keys. If it is empty, the issuer's metadata
	// names it on the first token: a start needs no network.
	JWKSURL string
	// Resources are the MCP endpoints, for metadata and challenges. The first one
	// stands for requests to no endpoint.
	Resources []Resource
	// Scopes are what clients request from the issuer, for metadata and challenges. If
	// there are none, those in the rules are.
	Scopes []string
	// Rules say what a token allows. Without rules, every token of the issuer for the
	// audience may use everything that is served.
	Rules []Rule
	// Client fetches keys and metadata; nil means a client with timeouts that follows
	// no redirect to another host.
	Client *http.Client
	// Now is the clock; nil means the system clock.
	Now func() time.Time
	// SettingNames are the names of these options in errors.
	SettingNames SettingNames
	// Log receives failures to fetch the keys; nil discards them.
	Log *slog.Logger
}

// SettingNames are what an operator calls the options. Empty names mean plain words.
type SettingNames struct{ Issuer, Audience, TokenType, JWKSURL, Resource, Scope string }

// leeway is how far the clocks of issuer and server may differ.
const leeway = 60 * time.Second

// maxJWT is the maximum length of a JWT. Longer ones do not fit into the headers that
// common proxies accept.
const maxJWT = 16 << 10

// algorithms are the asymmetric ones. With a symmetric one, everyone who can check a
// token could make one.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// OAuth accepts requests with a JWT of the issuer for an audience. Their calls use
// the program's own Retool token.
func OAuth(o OAuthOptions) (Authenticator, error) {
	issuer, err := parseIssuer(cmp.Or(o.SettingNames.Issuer, "the token issuer"), o.Issuer)
	if err != nil {
		return nil, err
	}
	if len(o.Audiences) == 0 || slices.Contains(o.Audiences, "") {
		return nil, fmt.Errorf("%s must be set: tokens for other servers must not work here", cmp.Or(o.SettingNames.Audience, "the audience"))
	}
	for _, name := range o.TokenTypes {
		if !isOneOf(name, TypeAccess, TypeJWT, TypeNone) {
			return nil, fmt.Errorf("%s must be %s or %s, not %q", cmp.Or(o.SettingNames.TokenType, "the token type"), TypeJWT, TypeNone, name)
		}
	}
	if o.JWKSURL != "" {
		if err := parseKeysURL(cmp.Or(o.SettingNames.JWKSURL, "the key URL"), o.JWKSURL); err != nil {
			return nil, err
		}
	}
	for _, scope := range o.Scopes {
		if !isScope(scope) {
			return nil, fmt.Errorf("%s: %q is not a scope: a scope has no spaces, quotes or backslashes", cmp.Or(o.SettingNames.Scope, "the scopes"), scope)
		}
	}
	for _, rule := range o.Rules {
		if err := rule.check(); err != nil {
			return nil, fmt.Errorf("the rule for the claim %q: %w", rule.Claim, err)
		}
	}
	o.Client = cmp.Or(o.Client, &http.Client{Timeout: fetchTimeout, CheckRedirect: sameHost})
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Rules = slices.Clone(o.Rules)
	a := &oauth{OAuthOptions: o, keys: newKeys(issuer, o)}
	if a.schemes, err = o.schemes(); err != nil {
		return nil, err
	}
	return a.authenticate, nil
}

type oauth struct {
	OAuthOptions

	keys    *keys
	schemes map[string]scheme // by path; "" for all others
}

func (o *oauth) authenticate(r *http.Request) (caller.Caller, error) {
	scheme, ok := o.schemes[r.URL.Path]
	if !ok {
		scheme = o.schemes[""]
	}
	token, err := scheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	claims, why := o.verify(r.Context(), token)
	if why != nil {
		return caller.Caller{}, scheme.refuse(why)
	}
	c, ok := granted(o.Rules, claims)
	if !ok {
		return caller.Caller{}, scheme.refuse(o.ungranted(claims))
	}
	subject, _ := claims["sub"].(string) // verify has checked it
	c.ID = callerID("oauth", o.Issuer+"\x00"+subject)
	return c, nil
}

// isCompactJWT reports whether a token has the one form of a JWT that is sent as a
// bearer token. go-jose would read others as well.
func isCompactJWT(token string) bool {
	parts := strings.Split(token, ".")
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(part string) bool { return !isWord(part) })
}

// isWord reports whether s consists of ASCII letters, digits, _ and -, and is not
// empty.
func isWord(s string) bool {
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return s != "" && strings.Trim(s, characters) == ""
}

// verify returns the claims of a valid access token. The claims are read once, by
// their exact names. Until the signature is checked, no message quotes the token.
func (o *oauth) verify(ctx context.Context, token string) (claims map[string]any, why *DeniedError) {
	if len(token) > maxJWT || !isCompactJWT(token) {
		return nil, invalid(malformed, "not a signed JWT")
	}
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil { // not wrapped: it may quote the token
		return nil, o.unsigned()
	}
	payload, unavailable, err := o.keys.verify(ctx, token)
	switch {
	case unavailable:
		return nil, &DeniedError{
			Status:  http.StatusServiceUnavailable,
			Reason:  keysUnavailable,
			Message: fmt.Sprintf("Cannot check the token: the keys of its issuer are unavailable. Retry in %d seconds.", int(fetchPause.Seconds())),
		}
	case err != nil:
		return nil, o.unsigned()
	}
	if json.Unmarshal(payload, &claims) != nil {
		return nil, invalid(badClaims, "its claims are not an object")
	}
	if issuer := claims["iss"]; issuer != o.Issuer {
		return nil, invalid(wrongIssuer, o.mustBeSigned()).withDetail("its issuer (iss) is %s", quoteClaim(issuer))
	}
	// The audience first: whether a token of an unclear type is an access token depends on it.
	return claims, cmp.Or(o.checkAudience(claims), o.checkType(signed.Signatures[0].Protected, claims), o.checkTimes(claims), checkSubject(claims))
}

func (o *oauth) mustBeSigned() string {
	return fmt.Sprintf("it must be signed by %s for the audience %s", o.Issuer, strings.Join(o.Audiences, " or "))
}

func (o *oauth) unsigned() *DeniedError { return invalid(badSignature, o.mustBeSigned()) }

func (o *oauth) checkAudience(claims map[string]any) *DeniedError {
	names := texts(claims["aud"])
	switch {
	case len(names) == 0:
		return invalid(wrongAudience, "it has no audience (aud); its issuer must be configured to name this server, as "+strings.Join(o.Audiences, " or "))
	case !slices.ContainsFunc(names, o.isAudience):
		return invalid(wrongAudience, o.mustBeSigned()).withDetail("its audience (aud) is %s", quoteClaim(claims["aud"]))
	}
	return nil
}

// isAudience reports whether the issuer's name is one for this server. The address of
// an endpoint is one with and without a slash at its end: both are served, and clients
// request a token for the address that they know.
func (o *oauth) isAudience(name string) bool {
	if slices.Contains(o.Audiences, name) {
		return true
	}
	address := strings.TrimSuffix(name, "/")
	return slices.ContainsFunc(o.Resources, func(r Resource) bool {
		return r.URL == address && (slices.Contains(o.Audiences, address) || slices.Contains(o.Audiences, address+"/"))
	})
}

func checkSubject(claims map[string]any) *DeniedError {
	if subject, ok := claims["sub"].(string); !ok || subject == "" {
		return invalid(badClaims, "it has no subject (sub)")
	}
	return nil
}

// checkTimes checks the validity period of a token.
func (o *oauth) checkTimes(claims map[string]any) *DeniedError {
	now := float64(o.Now().UnixMilli()) / 1000
	if until, ok := claims["exp"].(float64); !ok {
		return invalid(badClaims, "it has no expiration time (exp)")
	} else if now >= until+leeway.Seconds() {
		return invalid(expired, "it has expired")
	}
	from, ok := claims["nbf"].(float64)
	if !ok && claims["nbf"] != nil {
		return invalid(badClaims, "its not-before time (nbf) is not a number")
	}
	if ok && now+leeway.Seconds() < from {
		return invalid(notYetValid, "it is not valid yet")
	}
	return nil
}

func invalid(reason, message string) *DeniedError {
	return &DeniedError{Status: http.StatusUnauthorized, Reason: reason, Message: "Invalid token: " + message + "."}
}

// ungranted is the refusal of a valid token that no rule allows anything.
func (o *oauth) ungranted(claims map[string]any) *DeniedError {
	for _, rule := range o.Rules {
		// Microsoft Entra ID leaves out the groups of people who are in too many.
		elsewhere, _ := claims["_claim_names"].(map[string]any)
		if elsewhere[rule.Claim] != nil || rule.Claim == "groups" && claims["hasgroups"] == true {
			return &DeniedError{Status: http.StatusForbidden, Reason: claimElsewhere, Message: fmt.Sprintf(
				"The token is valid, but the claim %s has too many values for it: the issuer left them out (_claim_names). Ask the operator of this server to use roles in its rules, or to have the issuer send only the groups that are assigned to the application.", rule.Claim)}
		}
	}
	return &DeniedError{
		Status:  http.StatusForbidden,
		Reason:  noRule,
		Message: "The token is valid, but none of its claims grants access. Ask the operator of this server.",
	}
}
