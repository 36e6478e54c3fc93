package org

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// viewOrganization is the organization as the API answers it.
type organizationView struct {
	ID string `json:"id"`
	Settings
}

func viewOrganization(o *Org) organizationView { return organizationView{o.ID, o.Settings} }

func getOrganization(o *Org, _ *Call) (Answer, error) { return Data(viewOrganization(o)), nil }

// maxRetention is how many minutes runs are kept at most: a year.
const maxRetention = 525_600

// nullableSettings are the paths of settings that can be unset.
var nullableSettings = []string{
	"/cache_queries_per_user", "/preloaded_css", "/preloaded_javascript", "/two_factor_auth_type",
}

func updateOrganization(o *Org, c *Call) (Answer, error) {
	var body struct {
		Operations []struct {
			Op    string         `json:"op"`
			Path  string         `json:"path"`
			Value jsontext.Value `json:"value"`
		} `json:"operations"`
	}
	if err := c.Decode(&body); err != nil {
		return Answer{}, err
	}
	for _, operation := range body.Operations {
		switch {
		case operation.Op != "replace":
			return Answer{}, BadRequest("Invalid patch operation: %s", operation.Op)
		case len(operation.Value) == 0, IsNull(operation.Value) && !slices.Contains(nullableSettings, operation.Path):
			return Answer{}, BadRequest("Invalid value for patch operation: %s", operation.Path)
		}
	}
	settings, err := Patch(c, o.Settings)
	if err != nil {
		return Answer{}, err
	}
	if kind := settings.TwoFactorType; kind != nil && *kind != "fido2" && *kind != "otp" {
		return Answer{}, BadRequest("two_factor_auth_type must be fido2, otp or null")
	}
	if minutes := settings.RunRetentionMinutes; minutes < 0 || minutes > maxRetention {
		return Answer{}, BadRequest("workflow_run_retention_period_mins must be between 0 and %d", maxRetention)
	}
	o.Settings = settings
	return Data(viewOrganization(o)), nil
}

func invalidateOrganizationSessions(o *Org, _ *Call) (Answer, error) {
	for u := range o.Users.All() {
		u.Sessions = 0
	}
	return Empty(), nil
}

func getOrganizationAISettings(o *Org, _ *Call) (Answer, error) { return Data(o.AI), nil }

func replaceOrganizationAISettings(o *Org, c *Call) (Answer, error) {
	var settings AISettings
	if err := c.Decode(&settings); err != nil {
		return Answer{}, err
	}
	o.AI = settings
	return Data(settings), nil
}

func listOrganizationAnalyticsIntegrations(o *Org, _ *Call) (Answer, error) {
	return List(o.Analytics), nil
}

func getOrganizationCodeExecutorSettings(o *Org, c *Call) (Answer, error) {
	if err := adminsOnly(o, c); err != nil {
		return Answer{}, err
	}
	return Data(o.CodeExecutor), nil
}

func replaceOrganizationCodeExecutorSettings(o *Org, c *Call) (Answer, error) {
	if err := adminsOnly(o, c); err != nil {
		return Answer{}, err
	}
	var limits CodeExecutor
	if err := c.Decode(&limits); err != nil {
		return Answer{}, err
	}
	o.CodeExecutor = limits
	return Data(limits), nil
}

// adminsOnly refuses the NextToken of a user who is no admin, whatever its scopes.
func adminsOnly(o *Org, c *Call) error {
	if u, ok := o.UserByLegacyID(c.Caller); ok && !u.IsAdmin {
		return Forbidden("Forbidden: only admins can use this API endpoint")
	}
	return nil
}

// allowlist is where the cloud's queries come from, by region.
type allowlist struct {
	Addresses struct {
		Oregon    string `json:"us-west-2"`
		Frankfurt string `json:"eu-central-1"`
		Singapore string `json:"ap-southeast-1"`
	} `json:"ipAddresses"`
}

// getInfoIPAllowlist answers networks that are reserved for documentation (RFC
// 5737), so that nobody opens a real firewall for them.
func getInfoIPAllowlist(*Org, *Call) (Answer, error) {
	var list allowlist
	list.Addresses.Oregon = "192.0.2.0/28"
	list.Addresses.Frankfurt = "198.51.100.0/28"
	list.Addresses.Singapore = "203.0.113.0/28"
	return Data(list), nil
}
