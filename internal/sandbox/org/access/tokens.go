package access

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// tokenScopes are the scopes that a token can have, including names that only
// refusals use. createAccessToken drops others silently, as the API does.
var tokenScopes = []string{
	"access_tokens:read", "access_tokens:write",
	"app_themes:read", "app_themes:write",
	"apps:read", "apps:write",
	"config_vars:read", "config_vars:write", "configuration_variables:read", "configuration_variables:write",
	"custom_components:read", "custom_components:write",
	"environments:read", "environments:write",
	"folders:read", "folders:write",
	"groups:read", "groups:write",
	"mcp:admin",
	"observability:read", "observability:write",
	"organization:read", "organization:write",
	"organizations:read", "organizations:write",
	"permissions:read", "permissions:write",
	"resources:read", "resources:write",
	"source_control:read", "source_control:write", "source_control:deploy", "source_control:test_deploy",
	"source_control:releases_read", "source_control:releases_write",
	"spaces:read", "spaces:write",
	"usage", "usage:organization", "usage:spaces", "usage:license",
	"user_attributes:read", "user_attributes:write",
	"user_tasks:read", "user_tasks:write",
	"users:read", "users:write",
	"workflows:read", "workflows:write",
}

func listAccessTokens(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.List(api.Views(o, &o.AccessTokens, nil, viewToken)), nil
}

func tokenInPath(o *model.Org, c *api.Call) (*model.AccessToken, error) {
	return api.InPath(c, &o.AccessTokens, "accessTokenId", "Access token")
}

func viewToken(_ *model.Org, t *model.AccessToken) *model.AccessTokenView { return &t.AccessTokenView }

type createAccessTokenBody struct {
	Label       string   `json:"label"`
	Description *string  `json:"description"`
	Scopes      []string `json:"scopes"`
}

func createAccessToken(o *model.Org, c *api.Call, body createAccessTokenBody) (api.Answer, error) {
	scopes := []string{}
	for _, scope := range body.Scopes {
		if slices.Contains(tokenScopes, scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	secret := o.TokenSecret()
	t := &model.AccessToken{
		AccessTokenView: model.AccessTokenView{
			ID: o.UUID(), Label: body.Label, Description: body.Description, Last4: secret[len(secret)-4:],
			OwnerLegacyID: c.Caller, Scopes: scopes, CreatedAt: o.Now(), UpdatedAt: o.Now(),
		},
		Secret: secret,
	}
	o.AccessTokens.Put(t)
	return api.Data(struct {
		*model.AccessTokenView
		Secret string `json:"access_token"` // shown here and nowhere else
	}{&t.AccessTokenView, secret}), nil
}
