package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/retool-mcp/retool-mcp/internal/caller"
)

// OAuthOptions are the settings of OAuth. Issuer, Audience and Resource are required.
type OAuthOptions struct {
	// Issuer is the URL of whoever issues the tokens, exactly as in their claim iss.
	Issuer string
	// Audience is what the claim aud has to contain: the name that the issuer knows
	// this server by.
	Audience string
	// JWKSURL is where the issuer's keys are. If it is "", they are found through the
	// issuer's metadata, on the first token: a start needs no network.
	JWKSURL string
	// Resource is the public URL of the MCP endpoint, for metadata and challenges.
	Resource string
	// Rules say what a token allows. Without any, every token of the issuer for the
	// audience may do everything that is served.
	Rules []Rule
	// SettingNames are the names of settings in errors.
	SettingNames SettingNames
	// Client fetches keys and metadata; nil means one with timeouts that follows no
	// redirect to another host.
	Client *http.Client
	// Now is the clock; nil means that of the system.
	Now func() time.Time
	// Log is told when the keys cannot be had; nil means nobody is.
	Log *slog.Logger
}

// leeway is how far the clocks of issuer and server may be apart.
const leeway = 60 * time.Second

// maxJWT is the most characters that a JWT may have. Longer ones do not fit into
// the headers that common proxies let through.
const maxJWT = 16 << 10

// algorithms are those whose keys the issuer can publish. With any other, whoever
// can check a token could make one.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// OAuth lets those in who have a JWT of the issuer for the audience. Their calls
// are made with the program's own Retool token.
func OAuth(o OAuthOptions) (Authenticator, error) {
	names := o.SettingNames.withDefaults()
	issuer, err := checkURL(names.Issuer, o.Issuer)
	if err != nil {
		return nil, err
	}
	if o.Audience == "" {
		return nil, errors.New(names.Audience + " must be set: a token for another server is none for this one")
	}
	if o.JWKSURL != "" {
		if _, err := parseURL(names.JWKSURL, o.JWKSURL); err != nil {
			return nil, err
		}
	}
	at, err := metadataURL(names.Resource, o.Resource)
	if err != nil {
		return nil, err
	}
	for _, rule := range o.Rules {
		if err := rule.check(); err != nil {
			return nil, fmt.Errorf("the rule for the claim %q: %w", rule.Claim, err)
		}
	}
	if o.Client == nil {
		o.Client = newClient()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &oauth{
		issuer: o.Issuer,
		config: &oidc.Config{
			ClientID:             o.Audience,
			SupportedSigningAlgs: algorithms,
			SkipExpiryCheck:      true, // the library has other leeways
		},
		keys:  newKeys(issuer, o),
		rules: slices.Clone(o.Rules),
		now:   o.Now,
		scheme: scheme{
			parameter: `resource_metadata="` + at + `"`,
			wanted:    "A token is missing: get one from " + o.Issuer + " and send it as \"Authorization: Bearer TOKEN\".",
		},
	}, nil
}

type oauth struct {
	issuer string
	config *oidc.Config
	keys   *keys
	rules  []Rule
	now    func() time.Time
	scheme scheme
}

func (o *oauth) Authenticate(r *http.Request) (caller.Caller, error) {
	token, err := o.scheme.token(r)
	if err != nil {
		return caller.Caller{}, err
	}
	subject, claims, err := o.verify(r.Context(), token)
	if err != nil {
		return caller.Caller{}, err
	}
	g, ok := granted(o.rules, claims)
	if !ok {
		return caller.Caller{}, o.forbidden()
	}
	return caller.Caller{
		ID:            idOf("oauth", o.issuer+"\x00"+subject),
		Toolsets:      g.toolsets,
		WriteToolsets: g.writes,
		ReadOnly:      g.readOnly,
	}, nil
}

// compact is the one form of a JWT that is sent as a bearer token. The library
// would read others as well.
var compact = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`) })

// verify returns subject and claims of a token that is good.
func (o *oauth) verify(ctx context.Context, token string) (subject string, claims map[string]any, err error) {
	if len(token) > maxJWT || !compact().MatchString(token) {
		return "", nil, o.invalid("it is no signed JWT")
	}
	signature := &signature{keys: o.keys}
	verified, err := oidc.NewVerifier(o.issuer, signature, o.config).Verify(ctx, token)
	switch {
	case signature.unknown:
		return "", nil, &DeniedError{
			Status:  http.StatusServiceUnavailable,
			Message: fmt.Sprintf("The token cannot be checked, as the keys of its issuer cannot be had: try again in %d seconds.", int(fetchPause.Seconds())),
		}
	case err != nil: // not wrapped: it may repeat what stands in the token
		return "", nil, o.invalid(fmt.Sprintf("it has to be signed by %s and be for %s", o.issuer, o.config.ClientID))
	}
	if err := verified.Claims(&claims); err != nil {
		return "", nil, o.invalid("its claims are no object")
	}
	if verified.Subject == "" {
		return "", nil, o.invalid("it does not say whose it is (sub)")
	}
	return verified.Subject, claims, o.inTime(claims)
}

// inTime checks from when to when a token holds.
func (o *oauth) inTime(claims map[string]any) error {
	now := float64(o.now().UnixMilli()) / 1000
	if until, ok := claims["exp"].(float64); !ok {
		return o.invalid("it does not say when it expires (exp)")
	} else if now >= until+leeway.Seconds() {
		return o.invalid("it has expired")
	}
	from, ok := claims["nbf"].(float64)
	if !ok && claims["nbf"] != nil {
		return o.invalid("it does not say from when it holds (nbf)")
	}
	if ok && now+leeway.Seconds() < from {
		return o.invalid("it does not hold yet")
	}
	return nil
}

func (o *oauth) invalid(reason string) *DeniedError {
	return o.scheme.unauthorized(invalidToken, "The token is not accepted: "+reason+".")
}

func (o *oauth) forbidden() *DeniedError {
	challenge := o.scheme.challenge(insufficientScope)
	if names := scopes(o.rules); len(names) > 0 {
		challenge += `, scope="` + strings.Join(names, " ") + `"`
	}
	return &DeniedError{
		Status:    http.StatusForbidden,
		Challenge: challenge,
		Message:   "The token is good, but none of its claims allows anything here: ask the operator of this server.",
	}
}
