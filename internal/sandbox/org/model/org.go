package model

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Org is one organization, or one space, which is an organization of its own.
// As JSON it is the sandbox's state file.
type Org struct {
	ID     string `json:"id"` // "org_" and 32 hex digits
	Name   string `json:"name"`
	Domain string `json:"domain"` // host of its web pages
	Nested bool   `json:"nested"` // is a space of another one

	Seed    uint64         `json:"seed"`
	Start   Time           `json:"start"`   // what the clock showed at first
	Ticks   int            `json:"ticks"`   // seconds that it has moved on since
	Issued  uint64         `json:"issued"`  // ids given out
	Numbers map[string]int `json:"numbers"` // last number given out, by sequence

	Users          Table[*User]          `json:"users"`
	Groups         Table[*Group]         `json:"groups"`
	Invites        Table[*Invite]        `json:"invites"`
	Attributes     Table[*Attribute]     `json:"attributes"`
	AccessRequests Table[*AccessRequest] `json:"access_requests"`
	AccessTokens   Table[*AccessToken]   `json:"access_tokens"`

	Folders   Table[*Folder]   `json:"folders"`
	Apps      Table[*App]      `json:"apps"`
	Themes    Table[*Theme]    `json:"themes"`
	Libraries Table[*Library]  `json:"libraries"`
	Queries   Table[*Query]    `json:"queries"` // of the query library
	Workflows Table[*Workflow] `json:"workflows"`
	Runs      Table[*Run]      `json:"runs"`
	Tasks     Table[*Task]     `json:"tasks"`

	Environments   Table[*Environment]   `json:"environments"`
	Resources      Table[*Resource]      `json:"resources"`
	Configurations Table[*Configuration] `json:"configurations"` // of resources
	Variables      Table[*Variable]      `json:"variables"`
	Observability  Table[*Observability] `json:"observability"`

	Grants     Table[*Grant]     `json:"grants"`
	Roles      Table[*Role]      `json:"roles"`
	RoleGrants Table[*RoleGrant] `json:"role_grants"`
	Spaces     Table[*Space]     `json:"spaces"`
	SSO        jsontext.Value    `json:"sso"` // as it was set, null for IsNull

	SourceControl SourceControl      `json:"source_control"`
	Deployments   Table[*Deployment] `json:"deployments"`
	Branches      Table[*Branch]     `json:"branches"`
	Manifests     Table[*Manifest]   `json:"manifests"`
	Releases      Table[*Release]    `json:"releases"`
	Settings      Settings           `json:"settings"`
	AI            AISettings         `json:"ai"`
	CodeExecutor  CodeExecutor       `json:"code_executor"`
	Analytics     []jsontext.Value   `json:"analytics"`
	VisitedApps   []VisitedApp       `json:"visited_apps"`
	Visits        []Visit            `json:"visits"` // what usage is counted from, by day
}

// Now is the time on the organization's clock.
func (o *Org) Now() Time { return o.Start + Time(o.Ticks)*Time(time.Second/time.Millisecond) }

// Tick moves the clock on. The sandbox calls it before every change.
func (o *Org) Tick() { o.Ticks++ }

// Number gives out the next number of a sequence.
func (o *Org) Number(sequence string) int {
	if o.Numbers == nil {
		o.Numbers = map[string]int{}
	}
	o.Numbers[sequence]++
	return o.Numbers[sequence]
}

// Sequences that numeric ids come from.
const (
	SequenceUser          = "user"
	SequenceGroup         = "group"
	SequenceInvite        = "invite"
	SequenceAccessRequest = "access_request"
	SequenceTheme         = "theme"
	SequenceFolder        = "folder" // one for folders of all types
)

// FolderID is the id of the next folder of a type, "app_92".
func (o *Org) FolderID(folderType string) string {
	return folderType + "_" + strconv.Itoa(o.Number(SequenceFolder))
}
