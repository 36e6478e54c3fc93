package org

import "slices"

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

func listAccessTokens(o *Org, _ *Call) (Answer, error) {
	return List(Views(&o.AccessTokens, nil, func(t *AccessToken) *AccessTokenView { return &t.AccessTokenView })), nil
}

func getAccessToken(o *Org, c *Call) (Answer, error) {
	t, err := InPath(c, &o.AccessTokens, "accessTokenId", "Access token")
	if err != nil {
		return Answer{}, err
	}
	return Data(&t.AccessTokenView), nil
}

func createAccessToken(o *Org, c *Call) (Answer, error) {
	var body struct {
		Label       string   `json:"label"`
		Description *string  `json:"description"`
		Scopes      []string `json:"scopes"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	scopes := []string{}
	for _, scope := range body.Scopes {
		if slices.Contains(tokenScopes, scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	secret := o.TokenSecret()
	t := &AccessToken{
		AccessTokenView: AccessTokenView{
			ID: o.UUID(), Label: body.Label, Description: body.Description, Last4: secret[len(secret)-4:],
			OwnerLegacyID: c.Caller, Scopes: scopes, CreatedAt: o.Now(), UpdatedAt: o.Now(),
		},
		Secret: secret,
	}
	o.AccessTokens.Put(t)
	return Data(struct {
		*AccessTokenView
		Secret string `json:"access_token"` // shown here and nowhere else
	}{&t.AccessTokenView, secret}), nil
}
