package sourcecontrol

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/api"
	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

// sourceConfig is the repository of the organization.
type sourceConfig struct {
	Org           string      `json:"org"`
	Repo          string      `json:"repo"`
	DefaultBranch string      `json:"default_branch"`
	RepoVersion   *string     `json:"repo_version,omitzero"`
	Provider      string      `json:"provider"`
	Config        sourceLogin `json:"config"`
}

// sourceLogin has the credentials of all providers. Each provider uses some.
type sourceLogin struct {
	Type                *string        `json:"type,omitzero"`
	AppID               *string        `json:"app_id,omitzero"`
	InstallationID      *string        `json:"installation_id,omitzero"`
	PrivateKey          *string        `json:"private_key,omitzero"`
	ProjectID           jsontext.Value `json:"project_id,omitzero"` // a number
	ProjectAccessToken  *string        `json:"project_access_token,omitzero"`
	URL                 *string        `json:"url,omitzero"`
	EnterpriseAPIURL    *string        `json:"enterprise_api_url,omitzero"`
	Region              *string        `json:"region,omitzero"`
	AccessKeyID         *string        `json:"access_key_id,omitzero"`
	SecretAccessKey     *string        `json:"secret_access_key,omitzero"`
	HTTPSUsername       *string        `json:"https_username,omitzero"`
	HTTPSPassword       *string        `json:"https_password,omitzero"`
	Username            *string        `json:"username,omitzero"`
	AppPassword         *string        `json:"app_password,omitzero"`
	Token               *string        `json:"token,omitzero"`
	Project             *string        `json:"project,omitzero"`
	User                *string        `json:"user,omitzero"`
	PersonalAccessToken *string        `json:"personal_access_token,omitzero"`
	UseBasicAuth        *bool          `json:"use_basic_auth,omitzero"`
	FromHost            bool           `json:"auth_with_default_credential_provider_chain,omitzero"`
	AssumeRole          *string        `json:"assume_role,omitzero"`
}

// secrets returns the fields that are never shown.
func (l *sourceLogin) secrets() []**string {
	return []**string{
		&l.PrivateKey, &l.ProjectAccessToken, &l.AccessKeyID, &l.SecretAccessKey,
		&l.HTTPSPassword, &l.AppPassword, &l.Token, &l.PersonalAccessToken,
	}
}

// masked returns the configuration as the API answers it.
func (s sourceConfig) masked() sourceConfig {
	for _, secret := range s.Config.secrets() {
		if *secret != nil {
			*secret = new(model.EncryptedMask)
		}
	}
	return s
}

// fault returns why the repository cannot be reached, "" if it can. A mask that was
// written back replaced the credentials.
func (s sourceConfig) fault() string {
	for _, secret := range s.Config.secrets() {
		if *secret != nil && **secret == model.EncryptedMask {
			return "Authentication failed: " + s.Provider + " rejected the credentials"
		}
	}
	return ""
}

const notConnected = "Source control is not configured"

// repository returns the configuration, if there is one.
func repository(o *model.Org) (config sourceConfig, ok bool) {
	if model.IsNull(o.SourceControl.Config) {
		return config, false
	}
	err := json.Unmarshal(o.SourceControl.Config, &config)
	return config, err == nil
}

// connected finds the repository for operations that answer 400 without one.
func connected(o *model.Org, _ *api.Call) (sourceConfig, error) {
	config, ok := repository(o)
	if !ok {
		return config, api.BadRequest(notConnected)
	}
	return config, nil
}

// existing is connected for operations that answer 404.
func existing(o *model.Org, _ *api.Call) (sourceConfig, error) {
	config, ok := repository(o)
	if !ok {
		return config, api.Errorf(http.StatusNotFound, notConnected)
	}
	return config, nil
}

func viewConfig(_ *model.Org, config sourceConfig) sourceConfig { return config.masked() }

type configBody struct {
	Config jsontext.Value `json:"config"`
}

func createSourceControlConfig(o *model.Org, _ *api.Call, body configBody) (api.Answer, error) {
	if _, ok := repository(o); ok {
		return api.Answer{}, api.Conflict("Source control is already configured")
	}
	config, err := setRepository(o, body)
	return api.Data(config.masked()), err
}

func replaceSourceControlConfig(o *model.Org, _ *api.Call, body configBody) (api.Answer, error) {
	_, had := repository(o)
	config, err := setRepository(o, body)
	if had {
		return api.Data(config.masked()), err
	}
	return api.Created(config.masked()), err
}

// setRepository stores the configuration of the body.
func setRepository(o *model.Org, body configBody) (config sourceConfig, err error) {
	if err := json.Unmarshal(body.Config, &config); err != nil {
		return config, api.BadRequest("Invalid source control configuration")
	}
	if l := &config.Config; config.Provider == "AWS CodeCommit" && !l.FromHost {
		if l.AccessKeyID == nil || l.SecretAccessKey == nil || l.HTTPSUsername == nil || l.HTTPSPassword == nil {
			return config, api.BadRequest("AWS CodeCommit needs the access keys and the HTTPS credentials, or auth_with_default_credential_provider_chain")
		}
	}
	o.SourceControl.Config = body.Config
	return config, nil
}

// disconnect removes the configuration and the branches. Releases, manifests,
// deployments and settings stay for the next connection.
func disconnect(o *model.Org, _ sourceConfig) {
	o.SourceControl.Config = nil
	o.Branches = model.Table[model.Branch, *model.Branch]{}
}

// testResult is the result of a test.
type testResult struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitzero"` // why not
}

func testSourceControlConnection(o *model.Org, _ *api.Call) (api.Answer, error) {
	config, ok := repository(o)
	if !ok {
		return api.Answer{}, api.Unprocessable(notConnected)
	}
	fault := config.fault()
	return api.Data(testResult{Success: fault == "", Message: fault}), nil
}

func getSourceControlSettings(o *model.Org, _ *api.Call) (api.Answer, error) {
	return api.Data(o.SourceControl.Settings), nil
}

// replaceSourceControlSettings keeps the settings that the body leaves out.
func replaceSourceControlSettings(o *model.Org, c *api.Call) (api.Answer, error) {
	body := struct {
		Settings model.SourceControlSettings `json:"settings"`
	}{o.SourceControl.Settings}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	o.SourceControl.Settings = body.Settings
	return api.Data(body.Settings), nil
}
