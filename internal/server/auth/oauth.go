package auth

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// OAuthOptions are the settings of OAuth. Issuer, Audience and Resource are required.
type OAuthOptions struct {
	// Issuer is the URL of the token issuer, exactly as in the claim iss.
	Issuer string
	// Audience must be in the claim aud: the issuer's name for this server.
	Audience string
	// JWKSURL is the URL of the issuer's keys. If it is empty, the issuer's metadata
	// names it on the first token: a start needs no network.
	JWKSURL string
	// Resource is the public URL of the MCP endpoint, for metadata and challenges.
	Resource string
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
type SettingNames struct{ Issuer, Audience, JWKSURL, Resource string }

// leeway is how far the clocks of issuer and server may differ.
const leeway = 60 * time.Second

// maxJWT is the maximum length of a JWT. Longer ones do not fit into the headers that
// common proxies accept.
const maxJWT = 16 << 10

// algorithms are the asymmetric ones. With a symmetric one, everyone who can check a
// token could make one.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// OAuth accepts requests with a JWT of the issuer for the audience. Their calls use
// the program's own Retool token.
func OAuth(o OAuthOptions) (Authenticator, error) {
	issuer, err := checkURL(cmp.Or(o.SettingNames.Issuer, "the token issuer"), o.Issuer)
	if err != nil {
		return nil, err
	}
	if o.Audience == "" {
		return nil, fmt.Errorf("%s must be set: tokens for other servers must not work here", cmp.Or(o.SettingNames.Audience, "the audience"))
	}
	if o.JWKSURL != "" {
		if _, err := parseURL(cmp.Or(o.SettingNames.JWKSURL, "the key URL"), o.JWKSURL); err != nil {
			return nil, err
		}
	}
	resource, err := checkURL(cmp.Or(o.SettingNames.Resource, "the resource"), o.Resource)
	if err != nil {
		return nil, err
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
	a := &oauth{
		OAuthOptions: o,
		config: &oidc.Config{
			ClientID:             o.Audience,
			SupportedSigningAlgs: algorithms,
			SkipExpiryCheck:      true, // go-oidc has other leeways
		},
		keys: newKeys(issuer, o),
		scheme: scheme{
			parameter: `resource_metadata="` + wellKnown(resource, metadataPath) + `"`,
			wanted:    "Missing token. Get one from " + o.Issuer + " and send it as \"Authorization: Bearer TOKEN\".",
		},
	}
	return a.authenticate, nil
}

type oauth struct {
	OAuthOptions

	config *oidc.Config
	keys   *keys
	scheme scheme
}

func (o *oauth) authenticate(r *http.Request) (caller.Caller, error) {
	token, err := o.scheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	subject, claims, err := o.verify(r.Context(), token)
	if err != nil {
		return caller.Caller{}, err
	}
	c, ok := granted(o.Rules, claims)
	if !ok {
		return caller.Caller{}, o.forbidden()
	}
	c.ID = callerID("oauth", o.Issuer+"\x00"+subject)
	return c, nil
}

// isCompactJWT reports whether a token has the one form of a JWT that is sent as a
// bearer token. go-oidc would read others as well.
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

// verify returns the subject and the claims of a valid token.
func (o *oauth) verify(ctx context.Context, token string) (subject string, claims map[string]any, err error) {
	if len(token) > maxJWT || !isCompactJWT(token) {
		return "", nil, o.invalid("not a signed JWT")
	}
	signature := &signature{keys: o.keys}
	verified, err := oidc.NewVerifier(o.Issuer, signature, o.config).Verify(ctx, token)
	switch {
	case signature.noKeys:
		return "", nil, &DeniedError{
			Status:  http.StatusServiceUnavailable,
			Message: fmt.Sprintf("Cannot check the token: the keys of its issuer are unavailable. Retry in %d seconds.", int(fetchPause.Seconds())),
		}
	case err != nil: // not wrapped: it may quote the token
		return "", nil, o.invalid(fmt.Sprintf("it must be signed by %s for the audience %s", o.Issuer, o.config.ClientID))
	}
	if err := verified.Claims(&claims); err != nil {
		return "", nil, o.invalid("its claims are not an object")
	}
	if verified.Subject == "" {
		return "", nil, o.invalid("it has no subject (sub)")
	}
	return verified.Subject, claims, o.checkTimes(claims)
}

// checkTimes checks the validity period of a token.
func (o *oauth) checkTimes(claims map[string]any) error {
	now := float64(o.Now().UnixMilli()) / 1000
	if until, ok := claims["exp"].(float64); !ok {
		return o.invalid("it has no expiration time (exp)")
	} else if now >= until+leeway.Seconds() {
		return o.invalid("it has expired")
	}
	from, ok := claims["nbf"].(float64)
	if !ok && claims["nbf"] != nil {
		return o.invalid("its not-before time (nbf) is not a number")
	}
	if ok && now+leeway.Seconds() < from {
		return o.invalid("it is not valid yet")
	}
	return nil
}

func (o *oauth) invalid(reason string) *DeniedError {
	return o.scheme.unauthorized(invalidToken, "Invalid token: "+reason+".")
}

func (o *oauth) forbidden() *DeniedError {
	challenge := o.scheme.challenge(insufficientScope)
	if names := scopes(o.Rules); len(names) > 0 {
		challenge += `, scope="` + strings.Join(names, " ") + `"`
	}
	return &DeniedError{
		Status:    http.StatusForbidden,
		Challenge: challenge,
		Message:   "The token is valid, but none of its claims grants access. Ask the operator of this server.",
	}
}
