// Package model is the data of the emulated organization: plain structs in
// tables, a clock and a source of ids. It also keeps references between objects
// consistent when one of them is removed.
//
// Everything is deterministic: ids come from the seed and a counter, time from a
// clock that moves one second with each change.
package model

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Org is an organization or a space, which is an organization of its own. As JSON
// it is the state file of the sandbox.
type Org struct {
	ID     string `json:"id"` // "org_" and 32 hex digits
	Name   string `json:"name"`
	Domain string `json:"domain"` // host of its web pages
	Nested bool   `json:"nested"` // is a space

	Seed    uint64         `json:"seed"`
	Start   Time           `json:"start"`   // where the clock started
	Ticks   int            `json:"ticks"`   // seconds since
	Issued  uint64         `json:"issued"`  // ids given out
	Numbers map[string]int `json:"numbers"` // last number given out, by sequence

	Users          Table[User, *User]                   `json:"users"`
	Groups         Table[Group, *Group]                 `json:"groups"`
	Invites        Table[Invite, *Invite]               `json:"invites"`
	Attributes     Table[Attribute, *Attribute]         `json:"attributes"`
	AccessRequests Table[AccessRequest, *AccessRequest] `json:"access_requests"`
	AccessTokens   Table[AccessToken, *AccessToken]     `json:"access_tokens"`

	Folders   Table[Folder, *Folder]     `json:"folders"`
	Apps      Table[App, *App]           `json:"apps"`
	Themes    Table[Theme, *Theme]       `json:"themes"`
	Libraries Table[Library, *Library]   `json:"libraries"`
	Queries   Table[Query, *Query]       `json:"queries"` // of the query library
	Workflows Table[Workflow, *Workflow] `json:"workflows"`
	Runs      Table[Run, *Run]           `json:"runs"`
	Tasks     Table[Task, *Task]         `json:"tasks"`

	Environments   Table[Environment, *Environment]     `json:"environments"`
	Resources      Table[Resource, *Resource]           `json:"resources"`
	Configurations Table[Configuration, *Configuration] `json:"configurations"` // of resources
	Variables      Table[Variable, *Variable]           `json:"variables"`
	Observability  Table[Observability, *Observability] `json:"observability"`

	Grants     Table[Grant, *Grant]         `json:"grants"`
	Roles      Table[Role, *Role]           `json:"roles"`
	RoleGrants Table[RoleGrant, *RoleGrant] `json:"role_grants"`
	Spaces     Table[Space, *Space]         `json:"spaces"`
	SSO        jsontext.Value               `json:"sso"` // as sent, null for none

	SourceControl SourceControl                  `json:"source_control"`
	Deployments   Table[Deployment, *Deployment] `json:"deployments"`
	Branches      Table[Branch, *Branch]         `json:"branches"`
	Manifests     Table[Manifest, *Manifest]     `json:"manifests"`
	Releases      Table[Release, *Release]       `json:"releases"`
	Settings      Settings                       `json:"settings"`
	AI            AISettings                     `json:"ai"`
	CodeExecutor  CodeExecutor                   `json:"code_executor"`
	Analytics     []jsontext.Value               `json:"analytics"`
	VisitedApps   []VisitedApp                   `json:"visited_apps"`
	Visits        []Visit                        `json:"visits"` // for usage, by day
}

// Clone returns a copy that can be changed without a change to o. Items of the
// tables are copied. What an item refers to (slices, maps, pointers) is shared:
// operations replace it and never change it in place.
func (o *Org) Clone() *Org {
	c := *o
	c.Numbers = maps.Clone(o.Numbers)
	for _, field := range reflect.ValueOf(&c).Elem().Fields() {
		if table, ok := reflect.TypeAssert[interface{ detach() }](field.Addr()); ok {
			table.detach()
		}
	}
	for space := range c.Spaces.All() {
		space.Org = space.Org.Clone()
	}
	return &c
}

// Without returns the elements of s for which drop returns false, in a new slice.
func Without[S ~[]E, E any](s S, drop func(E) bool) S {
	return slices.DeleteFunc(slices.Clone(s), drop)
}

// Now returns the time on the organization's clock.
func (o *Org) Now() Time { return o.Start + Time(o.Ticks)*Time(time.Second/time.Millisecond) }

// Tick moves the clock one second. The sandbox calls it before every change.
func (o *Org) Tick() { o.Ticks++ }

// Number returns the next number of a sequence.
func (o *Org) Number(sequence string) int {
	if o.Numbers == nil {
		o.Numbers = map[string]int{}
	}
	o.Numbers[sequence]++
	return o.Numbers[sequence]
}

// Sequences of numeric ids.
const (
	SequenceUser          = "user"
	SequenceGroup         = "group"
	SequenceInvite        = "invite"
	SequenceAccessRequest = "access_request"
	SequenceTheme         = "theme"
	SequenceFolder        = "folder" // one for folders of all types
)

// FolderID returns a new id of a folder of a type, "app_92".
func (o *Org) FolderID(folderType string) string {
	return folderType + "_" + strconv.Itoa(o.Number(SequenceFolder))
}
