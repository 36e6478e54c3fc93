package settings

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// organizationView is the organization as the API answers it.
type organizationView struct {
	ID string `json:"id"`
	model.Settings
}

func viewOrganization(o *model.Org) organizationView { return organizationView{o.ID, o.Settings} }

func getOrganization(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(viewOrganization(o)), nil
}

// maxRetention is the longest retention of runs in minutes: a year.
const maxRetention = 525_600

// nullableSettings are the paths of settings that can be unset.
var nullableSettings = []string{
	"/cache_queries_per_user", "/preloaded_css", "/preloaded_javascript", "/two_factor_auth_type",
}

type updateOrganizationBody struct {
	Operations []struct {
		Op    string         `json:"op"`
		Path  string         `json:"path"`
		Value jsontext.Value `json:"value"`
	} `json:"operations"`
}

func updateOrganization(o *model.Org, c *api.Call, body updateOrganizationBody) (api.Answer, error) {
	for _, operation := range body.Operations {
		switch {
		case operation.Op != "replace":
			return api.Answer{}, api.BadRequest("Invalid patch operation: %s", operation.Op)
		case len(operation.Value) == 0, model.IsNull(operation.Value) && !slices.Contains(nullableSettings, operation.Path):
			return api.Answer{}, api.BadRequest("Invalid value for patch operation: %s", operation.Path)
		}
	}
	settings, err := api.ApplyPatch(c, o.Settings)
	if err != nil {
		return api.Answer{}, err
	}
	if kind := settings.TwoFactorType; kind != nil && *kind != "fido2" && *kind != "otp" {
		return api.Answer{}, api.BadRequest("two_factor_auth_type must be fido2, otp or null")
	}
	if minutes := settings.RunRetentionMinutes; minutes < 0 || minutes > maxRetention {
		return api.Answer{}, api.BadRequest("workflow_run_retention_period_mins must be between 0 and %d", maxRetention)
	}
	o.Settings = settings
	return api.Data(viewOrganization(o)), nil
}

func invalidateOrganizationSessions(o *model.Org, _ *api.Call) (api.Answer, error) {
	for u := range o.Users.All() {
		u.Sessions = 0
	}
	return api.Empty(), nil
}

func getOrganizationAISettings(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(o.AI), nil
}

func replaceOrganizationAISettings(o *model.Org, _ *api.Call, settings model.AISettings) (api.Answer, error) {
	o.AI = settings
	return api.Data(settings), nil
}

func listOrganizationAnalyticsIntegrations(o *model.Org, c *api.Call) (api.Answer, error) {
	return api.List(o.Analytics), checkAdmin(o, c)
}

func replaceOrganizationCodeExecutorSettings(_ *model.Org, _ *api.Call, settings *model.CodeExecutor, limits model.CodeExecutor) (api.Answer, error) {
	*settings = limits
	return api.Data(limits), nil
}

func codeExecutor(o *model.Org, c *api.Call) (*model.CodeExecutor, error) {
	return &o.CodeExecutor, checkAdmin(o, c)
}

// checkAdmin refuses tokens of users who are no admins, whatever their scopes.
func checkAdmin(o *model.Org, c *api.Call) error {
	if u, ok := o.UserByLegacyID(c.Caller); ok && !u.IsAdmin {
		return api.Forbidden("Forbidden: only admins can use this API endpoint")
	}
	return nil
}

// allowlist has the addresses of the cloud by region.
type allowlist struct {
	Addresses struct {
		Oregon    string `json:"us-west-2"`
		Frankfurt string `json:"eu-central-1"`
		Singapore string `json:"ap-southeast-1"`
	} `json:"ipAddresses"`
}

// getInfoIPAllowlist answers networks that are reserved for documentation (RFC
// 5737), which are safe in a real firewall.
func getInfoIPAllowlist(*model.Org, *api.Call) (api.Answer, error) {
	var list allowlist
	list.Addresses.Oregon = "192.0.2.0/28"
	list.Addresses.Frankfurt = "198.51.100.0/28"
	list.Addresses.Singapore = "203.0.113.0/28"
	return api.Data(list), nil
}
