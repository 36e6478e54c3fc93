package seed

import (
	"encoding/base64"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// settings fills in the settings of the organization.
func (b *builder) settings() {
	b.Settings.RequestAccess = true
	b.Settings.CachePerUser = new(true)
	b.Settings.PreloadedCSS = new(".nw-banner { background: #1F6F4A; }")
	b.Settings.JavaScriptLinks = []string{"https://cdn." + b.zone + "/nw-utils/1.4.2/nw.min.js"}
	b.CodeExecutor.MemoryLimit, b.CodeExecutor.Processes = new(2048), new(16)
	b.SSO = object(map[string]any{
		"config_type":                  "google & oidc",
		"google_client_id":             b.secret("4501-", 24) + ".apps.google.example",
		"google_client_secret":         b.secret("gs-", 24),
		"disable_email_password_login": false,
		"oidc_client_id":               "retool",
		"oidc_client_secret":           b.secret("oidc-", 40),
		"oidc_scopes":                  "openid email profile groups offline_access",
		"oidc_auth_url":                "https://login." + b.zone + "/oauth2/authorize",
		"oidc_token_url":               "https://login." + b.zone + "/oauth2/token",
		"oidc_userinfo_url":            "https://login." + b.zone + "/oauth2/userinfo",
		"jwt_email_key":                "idToken.email",
		"jwt_roles_key":                "idToken.groups",
		"jwt_first_name_key":           "idToken.given_name",
		"jwt_last_name_key":            "idToken.family_name",
		"roles_mapping":                "nw-support -> Support, nw-finance -> Finance",
		"jit_enabled":                  true,
		"restricted_domain":            b.mail,
		"trigger_login_automatically":  false,
	})
	b.Analytics = []jsontext.Value{
		object(map[string]any{"type": "google", "measurement_id": "G-NW4501NORTH", "enabled": true}),
		object(map[string]any{"type": "segment", "host": "EU", "api_key": b.secret("seg-", 28), "enabled": b.chance(50)}),
	}
}

// privateKey returns a text that looks like a private key.
func (b *builder) privateKey() string {
	const kind = "PRIVATE KEY-----\n"
	text := base64.StdEncoding.EncodeToString([]byte(b.secret("", 96)))
	return "-----BEGIN " + kind + text[:64] + "\n" + text[64:] + "\n-----END " + kind
}

// smaller are the sizes of a space.
var smaller = Sizes{Users: 12, Groups: 6, Folders: 14, Apps: 10, Resources: 5, Environments: 2, Workflows: 4}

// spaces creates spaces, which share some people with the organization.
func (b *builder) spaces() {
	b.nextStream()
	for i := range b.sizes.Spaces {
		p := struct{ name, host string }{"Client " + strconv.Itoa(i+1), "client-" + strconv.Itoa(i+1)}
		if i < len(plannedSpaces) {
			p = plannedSpaces[i]
		}
		inner := newBuilder(b.random.Uint64(), b.spread(i, 2*b.sizes.Spaces), b.now, smaller)
		inner.space = true
		inner.Name, inner.Domain = p.name, p.host+".northwind.example"
		inner.zone, inner.mail = p.host+"."+b.zone, p.host+".example"
		inner.fill()
		inner.Nested = true
		b.Spaces.Put(&model.Space{Org: inner.Org, SpaceView: model.SpaceView{
			ID: inner.ID, Name: inner.Name, Domain: inner.Domain, CreatedAt: inner.founded, UpdatedAt: b.since(inner.founded),
		}})
	}
}

var plannedSpaces = []struct{ name, host string }{
	{"Acme Logistics", "acme"},
	{"Northwind Japan 日本", "japan"},
	{"Sandbox EU", "sandbox-eu"},
}
