package seed

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) attributes() {
	for _, a := range []model.Attribute{
		{Name: "department", Label: "Department", DataType: "string", IntercomName: new("department")},
		{Name: "cost_center", Label: "Cost center", DataType: "string", DefaultValue: new("CC-0000")},
		{Name: "employee_id", Label: "Employee no.", DataType: "number"},
		{Name: "stores", Label: `Stores ("home" first)`, DataType: "json", DefaultValue: new("[]")},
	} {
		a.ID = b.UUID()
		b.Attributes.Put(&a)
	}
}

// users makes people in the order in which they came.
func (b *builder) users() {
	wellKnown := known
	if b.space {
		wellKnown = knownInSpace
	}
	accounts := make(map[string]int, min(b.sizes.Users, 4_000)) // how many have it, by what stands before the @
	for _, p := range wellKnown {
		account, _, _ := strings.Cut(p.email, "@")
		accounts[account] = 1
	}
	b.people = make([]employee, 0, b.sizes.Users)
	all := b.groupNamed["All Users"]
	all.Members = slices.Grow(all.Members, b.sizes.Users)
	for i := range b.sizes.Users {
		created := b.founded
		if i > 0 {
			created = b.spread(i, b.sizes.Users)
		}
		var p person
		if i < len(wellKnown) {
			p = wellKnown[i]
		} else {
			p = b.stranger(created, accounts)
		}
		b.user(p, created)
	}
}

// stranger is somebody of whom nothing is known beforehand.
func (b *builder) stranger(created model.Time, accounts map[string]int) person {
	p := person{
		department: b.anyDepartment(), editor: b.chance(12), viewer: b.chance(25),
		noTwoFactor: b.chance(15), disabled: b.chance(8),
	}
	b.name(&p, accounts)
	if p.department == "Stores" {
		p.store = pick(b, stores).code
	}
	switch {
	case p.department == "Contractors" && b.chance(15):
		p.userType = "embed"
	case (p.department == "Stores" || p.department == "Warehouse") && b.chance(25):
		p.userType = "mobile"
	}
	switch n := b.random.IntN(100); {
	case n < 3:
		p.idle = -1
	case n < 10 || p.disabled:
		p.idle = 91 + b.random.IntN(300)
	case n < 30:
		p.idle = 7 + b.random.IntN(80)
	default:
		p.idle = b.random.IntN(7)
	}
	p.idle = min(p.idle, int((b.now-created).Std().Unix()/86_400))
	if b.chance(8) {
		p.groups = []string{pick(b, []string{"Support", "Operations", "Analytics"})}
	}
	if p.department == "Finance" && b.chance(20) {
		p.groups = []string{"Payroll Admins"}
	}
	if !p.disabled && p.idle >= 0 && p.idle < 14 {
		p.sessions = b.random.IntN(4)
	}
	return p
}

func (b *builder) anyDepartment() string {
	n := b.random.IntN(100)
	at := 0
	for at < len(departments)-1 && n >= departments[at].weight {
		n -= departments[at].weight
		at++
	}
	return departments[at].name
}

// name names a person and gives them an e-mail that nobody has.
func (b *builder) name(p *person, accounts map[string]int) {
	n, at := b.random.IntN(100), 0
	for at < len(cultures)-1 && n >= cultures[at].weight {
		n -= cultures[at].weight
		at++
	}
	first, firstASCII := spelled(pick(b, cultures[at].first))
	last, lastASCII := spelled(pick(b, cultures[at].last))
	p.first, p.last = first, last
	domain := b.mail
	if p.department == "Contractors" {
		domain = pick(b, partners)
	}
	account := firstASCII + "." + lastASCII
	accounts[account]++
	if n := accounts[account]; n > 1 {
		account += strconv.Itoa(n)
	}
	p.email = account + "@" + domain
}

// spelled is a name of the lists, and how e-mails spell it.
func spelled(entry string) (name, ascii string) {
	if name, ascii, ok := strings.Cut(entry, "/"); ok {
		return name, ascii
	}
	return entry, strings.ToLower(entry)
}

// user makes the account of a person.
func (b *builder) user(p person, created model.Time) {
	u := &model.User{
		UserView: model.UserView{
			ID: b.UserID(), LegacyID: b.Number(model.SequenceUser),
			FirstName: optional(p.first), LastName: optional(p.last), CreatedAt: created,
			Email: p.email, Active: !p.disabled, TwoFactorAuth: !p.noTwoFactor, UserType: "default",
		},
		Sessions: p.sessions,
	}
	if p.userType != "" {
		u.UserType = p.userType
	}
	if p.idle >= 0 {
		u.LastActive = new(max(created, b.ago(p.idle)))
	}
	at := departmentNamed(p.department)
	u.Metadata = metadata(p, departments[at], u.LegacyID)
	b.Users.Put(u)
	b.people = append(b.people, employee{u, at, p.editor || p.admin})
	b.join(p, u)
}

// metadata is what is known of somebody by the definitions of attributes. No
// two users have the same bytes: whoever changes a value may do so in place.
func metadata(p person, d department, legacyID int) model.Attributes {
	out := make(model.Attributes, 4)
	out["department"] = jsontext.Value(`"` + d.name + `"`)
	out["cost_center"] = jsontext.Value(`"` + d.costCenter + `"`)
	if d.name != "Contractors" {
		out["employee_id"] = strconv.AppendInt(nil, int64(10_000+7*legacyID), 10)
	}
	if p.store != "" {
		out["stores"] = jsontext.Value(`["` + p.store + `"]`)
	}
	return out
}
