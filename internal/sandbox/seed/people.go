package seed

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/retool-mcp/retool-mcp/internal/sandbox/org/model"
)

func (b *builder) attributes() {
	for _, a := range plan().Attributes {
		a.ID = b.UUID()
		b.Attributes.Put(&a)
	}
}

// users creates people in the order in which they joined.
func (b *builder) users() {
	wellKnown := plan().Known
	if b.space {
		wellKnown = plan().KnownInSpace
	}
	accounts := make(map[string]int, min(b.sizes.Users, 4_000)) // users by the part before the @
	for _, p := range wellKnown {
		account, _, _ := strings.Cut(p.Email, "@")
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

// stranger returns a person who is not planned.
func (b *builder) stranger(created model.Time, accounts map[string]int) person {
	p := person{
		Department: b.anyDepartment(), Editor: b.chance(12), Viewer: b.chance(25),
		NoTwoFactor: b.chance(15), Disabled: b.chance(8),
	}
	b.name(&p, accounts)
	if p.Department == "Stores" {
		p.Store = pick(b, plan().Stores).Code
	}
	switch {
	case p.Department == "Contractors" && b.chance(15):
		p.UserType = "embed"
	case (p.Department == "Stores" || p.Department == "Warehouse") && b.chance(25):
		p.UserType = "mobile"
	}
	switch n := b.random.IntN(100); {
	case n < 3:
		p.Idle = -1
	case n < 10 || p.Disabled:
		p.Idle = 91 + b.random.IntN(300)
	case n < 30:
		p.Idle = 7 + b.random.IntN(80)
	default:
		p.Idle = b.random.IntN(7)
	}
	p.Idle = min(p.Idle, int((b.now-created).Std().Unix()/86_400))
	if b.chance(8) {
		p.Groups = []string{pick(b, []string{"Support", "Operations", "Analytics"})}
	}
	if p.Department == "Finance" && b.chance(20) {
		p.Groups = []string{"Payroll Admins"}
	}
	if !p.Disabled && p.Idle >= 0 && p.Idle < 14 {
		p.Sessions = b.random.IntN(4)
	}
	return p
}

func (b *builder) anyDepartment() string {
	n := b.random.IntN(100)
	at := 0
	for at < len(plan().Departments)-1 && n >= plan().Departments[at].Weight {
		n -= plan().Departments[at].Weight
		at++
	}
	return plan().Departments[at].Name
}

// name gives a person a name and a unique email address.
func (b *builder) name(p *person, accounts map[string]int) {
	n, at := b.random.IntN(100), 0
	for at < len(plan().Cultures)-1 && n >= plan().Cultures[at].Weight {
		n -= plan().Cultures[at].Weight
		at++
	}
	first, firstASCII := spelled(pick(b, plan().Cultures[at].First))
	last, lastASCII := spelled(pick(b, plan().Cultures[at].Last))
	p.First, p.Last = first, last
	domain := b.mail
	if p.Department == "Contractors" {
		domain = pick(b, plan().Partners)
	}
	account := firstASCII + "." + lastASCII
	accounts[account]++
	if n := accounts[account]; n > 1 {
		account += strconv.Itoa(n)
	}
	p.Email = account + "@" + domain
}

// spelled returns a name and its spelling in email addresses.
func spelled(entry string) (name, ascii string) {
	if name, ascii, ok := strings.Cut(entry, "/"); ok {
		return name, ascii
	}
	return entry, strings.ToLower(entry)
}

// user creates the account of a person.
func (b *builder) user(p person, created model.Time) {
	u := &model.User{
		UserView: model.UserView{
			ID: b.UserID(), LegacyID: b.Number(model.SequenceUser),
			FirstName: optional(p.First), LastName: optional(p.Last), CreatedAt: created,
			Email: p.Email, Active: !p.Disabled, TwoFactorAuth: !p.NoTwoFactor, UserType: "default",
			SeatType: new(p.seat()),
		},
		Sessions: p.Sessions,
	}
	if p.UserType != "" {
		u.UserType = p.UserType
	}
	if p.Idle >= 0 {
		u.LastActive = new(max(created, b.ago(p.Idle)))
	}
	at := departmentNamed(p.Department)
	u.Metadata = metadata(p, plan().Departments[at], u.LegacyID)
	b.Users.Put(u)
	b.people = append(b.people, employee{u, at, p.Editor || p.Admin})
	b.join(p, u)
}

// seat returns the seat that a person needs: people who build apps, other employees,
// and everybody else.
func (p person) seat() string {
	switch {
	case p.Editor || p.Admin:
		return "builder"
	case p.Department == "Contractors":
		return "externalUser"
	default:
		return model.DefaultSeat
	}
}

// metadata returns the custom attributes of a person.
func metadata(p person, d department, legacyID int) model.Attributes {
	out := make(model.Attributes, 4)
	out["department"] = jsontext.Value(`"` + d.Name + `"`)
	out["cost_center"] = jsontext.Value(`"` + d.CostCenter + `"`)
	if d.Name != "Contractors" {
		out["employee_id"] = strconv.AppendInt(nil, int64(10_000+7*legacyID), 10)
	}
	if p.Store != "" {
		out["stores"] = jsontext.Value(`["` + p.Store + `"]`)
	}
	return out
}
