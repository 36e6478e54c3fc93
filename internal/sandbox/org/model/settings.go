package model

// Settings are the organization's own, without its id.
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

// VisitedApp is an app that usage knows, also after it was deleted.
type VisitedApp struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}
