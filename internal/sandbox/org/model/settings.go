package model

import "github.com/go-json-experiment/json/jsontext"

// Settings are the settings of the organization.
type Settings struct {
	RequestAccess          bool     `json:"request_access_enabled"`
	SupportBotDisabled     bool     `json:"ai_support_bot_disabled"`
	FormsDisabled          bool     `json:"retool_forms_disabled"`
	ReleaseManagement      bool     `json:"release_management_enabled"`
	CachePerUser           *bool    `json:"cache_queries_per_user"`
	StyleHomepage          bool     `json:"apply_preloaded_css_to_homepage"`
	PreloadedCSS           *string  `json:"preloaded_css"`
	PreloadedJavaScript    *string  `json:"preloaded_javascript"`
	JavaScriptLinks        []string `json:"javascript_links"`
	RunRetentionMinutes    int      `json:"workflow_run_retention_period_mins"`
	OwnersManage           bool     `json:"app_owners_permissions_management"`
	TwoFactorRequired      bool     `json:"two_factor_auth_required"`
	TwoFactorType          *string  `json:"two_factor_auth_type"` // fido2, otp or null
	LoginMailDisabled      bool     `json:"disable_new_login_ip_notification_email"`
	HideEnvironmentsToggle bool     `json:"hide_environment_toggle"`
}

// DefaultSeat is the seat type of users for whom none is chosen.
const DefaultSeat = "internalUser"

// AISettings are the switches of the AI features.
type AISettings struct {
	AI      bool `json:"retoolAI"`
	Actions bool `json:"retoolAIActions"`
	Vector  bool `json:"retoolVector"`
	Ask     bool `json:"retoolAskAI"`
}

// CodeExecutor limits code in workflows and queries.
type CodeExecutor struct {
	MemoryLimit    *int `json:"memoryLimitMbs"`
	Processes      *int `json:"maxConcurrentProcesses"`
	CircuitBreaker bool `json:"circuitBreakerEnabled"`
}

// Visit counts what one user did with one app on one day.
type Visit struct {
	Day   int `json:"d"` // days since 1970
	User  int `json:"u"` // legacy id
	App   int `json:"a"` // index into Org.VisitedApps
	Views int `json:"v"`
	Saves int `json:"s"`
}

// VisitedApp is an app with visits. It stays after the app is deleted.
type VisitedApp struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SourceControl is the connection to a repository.
type SourceControl struct {
	Config   jsontext.Value        `json:"config"` // as sent, secrets in clear text; null for none
	Settings SourceControlSettings `json:"settings"`
}

// SourceControlSettings are the switches of source control.
type SourceControlSettings struct {
	AutoBranchNaming bool   `json:"auto_branch_naming_enabled"`
	CustomTemplate   bool   `json:"custom_pull_request_template_enabled"`
	Template         string `json:"custom_pull_request_template"`
	Locked           bool   `json:"version_control_locked"`
	ForceUUIDMapping bool   `json:"force_uuid_mapping"`
	AutoCleanup      bool   `json:"auto_cleanup_branches_enabled"`
}

// Deployment is one deployment of the repository's latest commit.
type Deployment struct {
	ID          string  `json:"id"`
	Status      string  `json:"status"` // PENDING_START, RUNNING, SUCCESS, ERROR, PARTIAL_SUCCESS
	CommitSHA   *string `json:"commit_sha"`
	TriggeredBy *string `json:"triggered_by"` // id of a user
	CreatedAt   Time    `json:"created_at"`
	CompletedAt *Time   `json:"completed_at"`
}

// Key is the deployment's id.
func (d *Deployment) Key() string { return d.ID }

// Branch is a branch of the repository.
type Branch struct {
	Name        string  `json:"name"`
	ElementID   *string `json:"element_id"`
	ElementType *string `json:"element_type"`
	Shared      bool    `json:"shared"`
	CommitSHA   string  `json:"commit_sha"`
	CreatedAt   Time    `json:"created_at"`
}

// Key is the branch's name.
func (b *Branch) Key() string { return b.Name }

// Manifest says which release of each element an instance runs.
type Manifest struct {
	Name      string          `json:"name"`
	Apps      []ManifestEntry `json:"apps"`
	Workflows []ManifestEntry `json:"workflows"`
}

// ManifestEntry pins one element to a release, "1.4.0" or "latest".
type ManifestEntry struct {
	UUID    string `json:"uuid"`
	Release string `json:"release"`
}

// Key is the manifest's name.
func (m *Manifest) Key() string { return m.Name }

// Release is a version of an app or workflow.
type Release struct {
	ElementID   string `json:"element_id"`
	ElementType string `json:"element_type"` // PAGE or WORKFLOW
	ReleaseView `json:",inline"`
}

// ReleaseView is a release as the API answers it.
type ReleaseView struct {
	Version     string `json:"release_version"`
	Description string `json:"release_description"`
	CreatedAt   Time   `json:"created_at"`
}

// Key joins the element and the version.
func (r *Release) Key() string { return r.ElementID + " " + r.Version }
