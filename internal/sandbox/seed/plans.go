package seed

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

//go:embed data/*.json
var data embed.FS

// plans are the objects that scenarios and documentation can rely on, and the
// words that all others are made of. Lists are in the order in which a smaller
// organization has them.
type plans struct {
	// Known are the first users, so that their legacy ids are their positions.
	Known, KnownInSpace []person
	Departments         []department
	Cultures            []culture
	Partners            []string // domains of people who are not employees
	Stores              []struct{ Code, City string }
	Attributes          []model.Attribute
	Invites             []invitePlan
	Requests            []struct{ Email, Status string }

	// Groups come after the four that every organization has. None has access to
	// all apps: grants say which apps they open.
	Groups []model.GroupFields
	Roles  []model.Role
	// Grants have the unusual ones. No other grant opens Payroll: Finance has
	// access through its folder.
	Grants, RoleGrants []grantPlan
	Tokens             []struct {
		Label, Description string
		Scopes             []string
	}

	Folders []folderPlan
	// One of the Apps has a description that gives orders to agents: clients must
	// show that they treat it as data.
	Apps, AppsInSpace []appPlan
	// Subjects are what apps are about, by department. The last are everybody's.
	Subjects [][]string
	Forms    []struct{ Name, Sentence string } // kinds of apps

	Themes    []struct{ Name, Primary, Canvas string }
	Libraries []struct {
		Name, Label, Description string
		Versions, Files          []string
	}
	Queries []string

	Workflows, StoreWorkflows []workflowPlan // larger organizations have those of stores
	Branches                  []struct{ Name, Kind, Element string }
	Environments              []struct{ Name, Description, Color string }
	Resources, StoreResources []connection
	Variables                 []variable
}

// plan reads the plans.
var plan = sync.OnceValue(func() *plans {
	files, err := data.ReadDir("data")
	if err != nil {
		panic(err) // the files are embedded
	}
	p := &plans{}
	for _, f := range files {
		text, err := data.ReadFile("data/" + f.Name())
		if err == nil {
			err = json.Unmarshal(text, p, json.MatchCaseInsensitiveNames(true), json.RejectUnknownMembers(true))
		}
		if err != nil {
			panic(fmt.Errorf("%s: %w", f.Name(), err))
		}
	}
	return p
})

// cityOf returns the city of a store. Beyond the planned stores the cities come
// again, with a number.
func cityOf(store int) string {
	stores := plan().Stores
	return stores[store%len(stores)].City + again(store/len(stores))
}

// again returns the number of a further round, "" in the first.
func again(round int) string {
	if round <= 0 {
		return ""
	}
	return " " + strconv.Itoa(round+1)
}

// person is a user as planned.
type person struct {
	First, Last, Email string
	Department         string
	UserType           string // "" is default
	Store              string // code of the store where they work
	Admin, Editor      bool
	Viewer             bool
	NoTwoFactor        bool
	Disabled           bool
	Sessions           int
	Idle               int      // days since they were last active, -1 for never
	Groups             []string // besides the department's; "*" before a name makes a group admin
}

// invitePlan is an invite. One without an address is that of the newest user, who
// claimed it.
type invitePlan struct {
	Email    string
	Age      int // in days
	UserType string
	Groups   []string
	Team     string
}

// department is where people work, and what belongs to it.
type department struct {
	Name, CostCenter string
	Group            string // its permission group
	Folder           string // its folder of apps
	Weight           int    // of a hundred employees
}

// everybody is the index after the last department.
func everybody() int { return len(plan().Departments) }

func departmentNamed(name string) int {
	return slices.IndexFunc(plan().Departments, func(d department) bool { return d.Name == name })
}

// culture has first and last names that go together. A name that is not ASCII is
// followed by its spelling in email addresses.
type culture struct {
	Weight      int // of a hundred
	First, Last []string
}

// grantPlan is a grant, of a role if it has one. Objects are named, configurations as
// "resource>environment" and screens as "app>screen".
type grantPlan struct{ Role, Group, Person, ObjectType, Object, Level string }

// folderPlan is a folder by its path below the root of its type. Folders of
// libraries and agents have no parent.
type folderPlan struct{ Kind, Path string }

// below separates the names in a path.
const below = ">"

// appPlan is an app with its folder by path and its resources by name.
type appPlan struct {
	Name, Description, Folder string
	Shortlink                 string
	Screens, Resources        []string
	Protected, Module, Mobile bool
	React                     bool // published where it has a shortlink
	Use                       use
}

// workflowPlan is a workflow. One without a crontab is started by a webhook.
type workflowPlan struct {
	Name, Description, Folder string
	Crontab, Timezone         string
	Protected, Disabled       bool
	Memory                    int
	Task, Team                string // what it asks people for, and the group it asks
}

// connection is a resource. Its options follow from its type (Kind) and, where
// there are several, its variant.
type connection struct {
	Name, Kind, Variant string
	Folder              string
	Host, Database      string
	Unused              bool
}

// variable is a configuration variable. A value may contain {env} and {zone}.
type variable struct {
	Name, Description string
	Secret            bool
	Value             string
	Standard          string // for environments without a value; then only production has one
}
