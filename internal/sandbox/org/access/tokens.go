package access

import (
	"slices"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// tokenScopes are the scopes that a NextToken can have, also by the names that only
// refusals mention. Others are dropped when one is made, without a word, as the
// API does.
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
	return api.List(api.Views(&o.AccessTokens, nil, func(t *model.AccessToken) *model.AccessTokenView { return &t.AccessTokenView })), nil
}

func getAccessToken(o *model.Org, c *api.Call) (api.Answer, error) {
	t, err := api.InPath(c, &o.AccessTokens, "accessTokenId", "Access token")
	if err != nil {
		return api.Answer{}, err
	}
	return api.Data(&t.AccessTokenView), nil
}

func createAccessToken(o *model.Org, c *api.Call) (api.Answer, error) {
	var body struct {
		Label       string   `json:"label"`
		Description *string  `json:"description"`
		Scopes      []string `json:"scopes"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
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
