package seed

import "slices"

// person is somebody whom scenarios and documentation can rely on.
type person struct {
	first, last, email string
	department         string
	userType           string // default where it is ""
	store              string // where they work, by its code
	admin, editor      bool
	viewer             bool
	noTwoFactor        bool
	disabled           bool
	sessions           int
	idle               int      // days since they were last active, -1 for never
	groups             []string // besides the department's; "*" before a name makes a group admin
}

// known are the first users, so that their legacy ids are their places here.
var known = []person{
	{first: "Ava", last: "Lindqvist", email: "ava.lindqvist@northwind.example", department: "Engineering", admin: true, sessions: 2},
	{first: "Marcus", last: "Okafor", email: "marcus.okafor@northwind.example", department: "Engineering", admin: true, sessions: 1, groups: []string{"*Engineering"}},
	{
		first: "Jane", last: "Halloran", email: "jane@northwind.example", department: "Support", editor: true, sessions: 3,
		groups: []string{"*Support", "Operations", "Analytics", "Store Managers"},
	},
	{
		first: "Sinéad", last: "O'Brien", email: "sinead.obrien@northwind.example", department: "Finance", sessions: 1, idle: 1,
		groups: []string{"*Finance", "*Payroll Admins"},
	},
	{first: "Priya", last: "Raman", email: "priya.raman@northwind.example", department: "Operations", admin: true, sessions: 1, groups: []string{"*Operations"}},
	{first: "Henrik", last: "Sørensen", email: "henrik.sorensen@northwind.example", department: "Engineering", admin: true, noTwoFactor: true, idle: 143},
	{first: "Renée", last: "Dubois", email: "renee.dubois@northwind.example", department: "Analytics", admin: true, noTwoFactor: true, sessions: 1, idle: 3, groups: []string{"*Analytics"}},
	{first: "由紀", last: "田中", email: "yuki.tanaka@northwind.example", department: "Analytics", editor: true, sessions: 2, idle: 1},
	{first: "ليلى", last: "حداد", email: "layla.haddad@northwind.example", department: "Marketing", viewer: true, sessions: 1, idle: 2},
	{first: "נועם", last: "בן-דוד", email: "noam.bendavid@northwind.example", department: "Warehouse", viewer: true, idle: 6, noTwoFactor: true, groups: []string{"*Warehouse"}},
	{first: "Zoë 🌲", last: "D'Angelo", email: "zoe.dangelo@northwind.example", department: "Marketing", editor: true, sessions: 1, groups: []string{`*Marketing "EMEA 🚀"`}},
	{email: "kiosk.oslo@northwind.example", department: "Stores", store: "OSL-01", userType: "mobile", noTwoFactor: true, sessions: 1},
	{first: "Tomás", last: "Núñez", email: "tomas.nunez@northwind.example", department: "Finance", sessions: 1, idle: 1, groups: []string{"Payroll Admins"}},
	{first: "Mia", last: "Chen", email: "mia.chen@northwind.example", department: "Operations", viewer: true, sessions: 1, idle: 4},
	{first: "Ольга", last: "Петренко", email: "olga.petrenko@northwind.example", department: "Engineering", editor: true, idle: 201},
	{first: "Kwame", last: "Mensah", email: "kwame.mensah@brightcode.test", department: "Contractors", editor: true, sessions: 1, idle: 2, groups: []string{"*Contractors"}},
	{first: "Jonas", last: "Weiß", email: "jonas.weiss@northwind.example", department: "Finance", editor: true, disabled: true, idle: 310, groups: []string{"Payroll Admins"}},
	{first: "Björn", last: "Åkesson", email: "bjorn.akesson@northwind.example", department: "Stores", store: "STO-01", editor: true, idle: -1, noTwoFactor: true},
	{first: `Anna "Annie"`, last: "van der Berg", email: "annie.vanderberg@northwind.example", department: "Stores", store: "AMS-01", viewer: true, sessions: 1, idle: 1, groups: []string{"*Store Managers"}},
	{first: "Dmytro", last: "Koval", email: "dmytro.koval@brightcode.test", department: "Contractors", userType: "embed", viewer: true, idle: 118, noTwoFactor: true},
}

// knownInSpace are the first users of a space.
var knownInSpace = []person{
	{first: "Ava", last: "Lindqvist", email: "ava.lindqvist@northwind.example", department: "Engineering", admin: true, sessions: 1},
	{first: "Priya", last: "Raman", email: "priya.raman@northwind.example", department: "Operations", admin: true, idle: 9},
}

// department is where people work, with what belongs to it.
type department struct {
	name, costCenter string
	group            string // its permission group
	folder           string // its folder of apps
	weight           int    // of a hundred employees
}

var departments = []department{
	{"Support", "CC-4100", "Support", "Support", 17},
	{"Engineering", "CC-2100", "Engineering", "Engineering", 14},
	{"Finance", "CC-1100", "Finance", "Finance", 8},
	{"Operations", "CC-3100", "Operations", "Operations", 12},
	{"Analytics", "CC-2300", "Analytics", "Analytics", 7},
	{"Warehouse", "CC-3300", "Warehouse", "Warehouse", 15},
	{"Marketing", "CC-5100", `Marketing "EMEA 🚀"`, "Marketing & Brand", 9},
	{"Stores", "CC-6100", "Store Managers", "Stores", 14},
	{"Contractors", "CC-9000", "Contractors", "", 4},
}

// everybody stands for no department, behind all of them.
var everybody = len(departments)

func departmentNamed(name string) int {
	return slices.IndexFunc(departments, func(d department) bool { return d.name == name })
}
