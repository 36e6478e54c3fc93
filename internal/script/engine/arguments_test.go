package engine_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// What JSON would leave out of arguments, or make null, is not sent: a filter that is
// left out gives everything.
func TestArgumentsThatAreNotThere(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"of args", "const a = 1;\nawait retool.list_users({email: args.emial})", `failed: list_users: email is undefined (args has no emial; did you mean email?) (line 2)`},
		{"of args without a likeness", `await retool.list_users({email: args.mail_address})`, `failed: list_users: email is undefined (args has no mail_address; it has email, days, to, people) (line 1)`},
		{"taken apart", `const {email, user} = args; await retool.list_users({user})`, `failed: list_users: user is undefined (args has no user; it has email, days, to, people) (line 1)`},
		{"the one that is meant", `const {first, last} = args; await retool.list_users({first, last})`, `failed: list_users: first is undefined (args has no first; it has email, days, to, people) (line 1)`},
		{"inside args", `await retool.list_users({email: args.to.emial})`, `failed: list_users: email is undefined (args has no to.emial; did you mean email?) (line 1)`},
		{"in a list of args", `await retool.list_users({email: args.people[0].nick})`, `failed: list_users: email is undefined (args has no people.nick; it has name) (line 1)`},
		{"of an item", `const [u] = await retool.list_users(); await retool.get_user({user_id: u.idd})`, `failed: get_user: user_id is undefined (line 1) | line 1: no item of list_users has idd; did you mean id?`},
		{"of nothing found", `const u = (await retool.list_users()).find(u => u.id === 9); await retool.get_user({user_id: u?.id})`, `failed: get_user: user_id is undefined (line 1)`},
		{"inside", `await retool.echo({a: {b: [{c: undefined}]}})`, `failed: echo: a.b[0].c is undefined (line 1)`},
		{"of a list", `await retool.echo({a: [1, undefined]})`, `failed: echo: a[1] is undefined (line 1)`},
		{"hole of a list", `const a = [1]; a[2] = 1; await retool.echo({a})`, `failed: echo: a[1] is undefined (line 1)`},
		{"of a Map", `await retool.echo({a: new Map([["k", undefined]])})`, `failed: echo: a.k is undefined (line 1)`},
		{"of a Set", `await retool.echo({a: new Set([undefined])})`, `failed: echo: a[0] is undefined (line 1)`},
		{"result of toJSON", `await retool.echo({a: {toJSON() {}}})`, `failed: echo: a is undefined (line 1)`},
		{"spread", `const [u] = await retool.list_users(); await retool.echo({...u, name: undefined})`, `failed: echo: name is undefined (line 1)`},
		{"all arguments", `await retool.list_users(args.filter)`, `failed: list_users takes one object: retool.list_users({…}), not undefined (line 1)`},
		{"all arguments null", `await retool.list_users(null)`, `failed: list_users takes one object: retool.list_users({…}), not null (line 1)`},
		{"date", `await retool.list_users(new Date(0))`, `failed: list_users takes one object: retool.list_users({…}) (line 1)`},
		{"null", `await retool.list_users({email: null})`, `failed: list_users: email is null: give it a value, or leave it out for all (line 1)`},
		{"empty text", `await retool.list_users({email: ""})`, `failed: list_users: email is "": give it a value, or leave it out for all (line 1)`},
		{"empty list", `await retool.list_users({ids: [].map(x => x)})`, `failed: list_users: ids is []: give it a value, or leave it out for all (line 1)`},
		{"empty Set", `await retool.list_users({ids: new Set()})`, `failed: list_users: ids is []: give it a value, or leave it out for all (line 1)`},
		{"no number", `await retool.echo({a: [{b: NaN}]})`, `failed: echo: a[0].b is NaN (line 1)`},
		{"infinite", `await retool.echo({a: 1 / 0})`, `failed: echo: a is Infinity (line 1)`},
		{"no date", `await retool.echo({a: new Date("x")})`, `failed: echo: a is no date (line 1)`},
		{"symbol", `await retool.echo({a: Symbol("x")})`, `failed: echo: a is a symbol (line 1)`},
		{"function", `await retool.echo({a: [Math.max]})`, `failed: echo: a[0] is a function (line 1)`},
		{"expression", `await retool.echo({a: /x/})`, `failed: echo: a is a RegExp (line 1)`},
		{"object around a number", `await retool.echo({a: Object(1)})`, `failed: echo: a is a Number (line 1)`},
		{"weak", `await retool.echo({a: new WeakMap()})`, `failed: echo: a is a WeakMap (line 1)`},
		{"bytes", `await retool.echo({a: new Uint8Array(2)})`, `failed: echo: a is a Uint8Array (line 1)`},
		{"inside itself", `const a = {}; a.b = [a]; await retool.echo({a})`, `failed: echo: a.b[0] is inside itself (line 1)`},
		{"twice", `const a = {n: 1}; return await retool.echo({a, b: [a, a]})`, `{"a":{"n":1},"b":[{"n":1},{"n":1}]}`},
		{"first page", `let next_token; return (await retool.list_users({limit: 5, next_token})).length`, `3`},
		{"page after the last", `const r = await retool.list_users(); return (await retool.list_users({next_token: r.next_token})).length`, `3`},
		{"left out", `return await retool.echo({a: 1, ...(args.none && {b: args.none}), ...args.nothing})`, `{"a":1}`},
		{"prototype", `return await retool.echo({a: JSON.parse('{"__proto__": {"x": 1}}'), b: Object.create({c: 1}), d: class { static e = 1 }.e})`, `{"a":{"__proto__":{"x":1}},"b":{},"d":1}`},
		{
			"args as they are", `return [args, Object.keys(args), "to" in args, args instanceof Object, args.none ?? 1, JSON.stringify(args.to), {...args.to}, args.people.map(p => p.name)]`,
			`[{"email":"a@b.c","days":3,"to":{"email":"x"},"people":[{"name":"Ada"}]},["email","days","to","people"],true,true,1,"{\"email\":\"x\"}",{"email":"x"},["Ada"]]`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := run(t, &wire.Begin{Code: c.code, Args: json.RawMessage(`{"email":"a@b.c","days":3,"to":{"email":"x"},"people":[{"name":"Ada"}]}`)}, documented)
			assert.Equal(t, c.want, o.outcome(), c.code)
		})
	}
}

// In what is written null and "" are values, and undefined is as wrong as in a read.
func TestArgumentsOfWrites(t *testing.T) {
	o := run(t, &wire.Begin{Mode: wire.Plan, Code: `const g = await retool.create_group({name: "", parent: null, members: []});
await retool.update_user({group: g.id, to: {g: g.members[0]}});
await retool.update_user({name: args.name})`}, organization)
	assert.Equal(t, "failed: update_user: name is undefined (args has no name; it is empty) (line 3)", o.outcome())
	var sent []string
	for _, m := range o.calls {
		sent = append(sent, string(m.Args))
	}
	assert.Len(t, sent, 2, "%q", sent)
	assert.Equal(t, `{"name":"","parent":null,"members":[]}`, sent[0])
}

// documented is organization as the document describes it.
func documented(m wire.Message) wire.Reply {
	r := organization(m)
	switch m.Name {
	case "list_users":
		r.Fields = []string{"id", "name", "seen_at"}
	case "get_user":
		r.Fields = []string{"id", "name", "groups", "groups.id", "groups.role", "settings"}
		r.Value = json.RawMessage(strings.Replace(string(r.Value), `{`, `{"settings":{"dark":true},`, 1))
	case "list_deployments":
		r.Fields = []string{"deployments", "deployments.id", "deployments.state"}
	}
	return r
}

// A field that nothing read has is undefined without a word of JavaScript.
func TestFieldsThatAreNotThere(t *testing.T) {
	const users, user = "const us = await retool.list_users();\n", "const u = await retool.get_user({user_id: 1});\n"
	const status = " | line 2: no item of list_users has status; it has id, name"
	for _, c := range []struct{ name, code, want string }{
		{"filter", users + `return us.filter(u => u.status === "active").length`, `0` + status},
		{"near", users + `return us.map(u => ({n: u.naem}))`, `[{},{},{}] | line 2: no item of list_users has naem; did you mean name?`},
		{"each once", users + "us.map(u => u.status);\nreturn us.map(u => u.status).length + us.filter(u => u.stat).length", `3` + status + ` | line 3: no item of list_users has stat; it has id, name`},
		{"at most five", users + `return us.map(u => [u.a1, u.b2, u.c3, u.d4, u.e5, u.f6]).length`, `3 | line 2: no item of list_users has a1; it has id, name | line 2: no item of list_users has b2; it has id, name | line 2: no item of list_users has c3; it has id, name | line 2: no item of list_users has d4; it has id, name | line 2: no item of list_users has e5; it has id, name`},
		{"taken apart", users + `return us.map(({status, id}) => id)`, `[1,2,3]` + status},
		{"with a failure", users + `return us[0].status.length`, `failed: TypeError: cannot read property 'length' of undefined (line 2)` + status},
		{"of the document", users + `return us.filter(u => u.seen_at).length`, `0`},
		{"of the list", users + `return [us.lengt, us.users, us[9]]`, `[null,null,null] | line 2: list_users gave an array, which has no lengt | line 2: list_users gave an array, which has no users`},
		{"of an object", user + `return u.naem`, `nothing | line 2: the answer of get_user has no naem; did you mean name?`},
		{"inside", user + `return u.groups.map(g => g.idd).length`, `1 | line 2: the answer of get_user has no groups.idd; did you mean id?`},
		{"inside, of the document", user + `return u.groups.map(g => g.role).length`, `1`},
		{"whatever is there", user + `return [u.settings.dark, u.settings.none]`, `[true,null]`},
		{"of an answer that was opened", `const r = await retool.list_deployments(); return [r[0].state, r[0].id, r[0].sate, r.deployments === r]`, `[null,"d1",null,true] | line 1: no item of list_deployments has sate; did you mean state?`},
		{"of what is not documented", `return (await retool.echo({a: 1})).b`, `nothing`},
		{"what arguments can have", users + `return args.none ?? us.length`, `3`},
		{"set by the script", users + `us.forEach(u => { u.status = 1 }); return us[0].status + Object.keys(us[0]).length`, `4`},
		{"built in", users + `const u = us[0];
return [u.toString(), u.constructor === Object, u.hasOwnProperty("id"), "status" in u, u instanceof Object, us instanceof Array, us.constructor === Array, u.toJSON, u.then, u[Symbol.iterator], await u === u, u == u]`, `["[object Object]",true,true,false,true,true,true,null,null,null,true,true]`},
		{"copies", users + `const [u] = us;
return [JSON.stringify({...u}) === JSON.stringify(u), Object.keys(u), Object.entries(u).length, structuredClone(u), Object.assign({}, u), Object.groupBy(us, u => u.id)[1].length, [...us].length, [].concat(us).length, us.concat(us).length, us.slice(1).map(u => u.id), new Set(us).size]`, `[true,["id","name"],2,{"id":1,"name":"Ada"},{"id":1,"name":"Ada"},1,3,3,6,[2,3],3]`},
		{"loops", users + `const seen = []; for (const k in us[0]) seen.push(k); for (const i in us) seen.push(i); return seen`, `["id","name","0","1","2"]`},
		{"changed lists", users + `us.push({id: 4}); us[5] = 1; us.sort((a, b) => b?.id - a?.id); const n = us.length; us.length = 1; return [n, us.length, us.pop().id, us.length]`, `[6,1,4,0]`},
		{"sent", user + `return Object.keys(await retool.echo({...u, more: u})).length + Object.keys(await retool.echo(u)).length`, `9`},
		{"in texts", users + "console.log(us[0], `${us[0]}`, String(us[0])); save('a.csv', us); return new Map([[us[0], us[0]]]).size", `1`},
		{"built-ins that were changed", `Object.defineProperty(Object.prototype, "name", {set() { throw 1 }}); Object.freeze(Object.prototype); Object.assign = Object.create = Object.keys = null; ` + users + `return us[0].name`, `text Ada`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.want, run(t, &wire.Begin{Code: c.code}, documented).outcome(), c.code)
		})
	}
}

// A plan that ends early says it as well.
func TestFieldsThatAreNotThereInAPlan(t *testing.T) {
	o := run(t, &wire.Begin{Mode: wire.Plan, Code: "const n = (await retool.list_users()).filter(u => u.status).length;\nconst g = await retool.create_group({n});\nreturn g.members.length"}, documented)
	assert.Equal(t, "ended: .length needs the real <create_group#2.members> (line 3)", o.outcome())
	assert.Equal(t, []string{"line 1: no item of list_users has status; it has id, name"}, o.last.Notes)
}

// The objects of a long list share what QuickJS keeps of their fields: 70,000 users fit.
func TestManyItems(t *testing.T) {
	const users = 70_000
	user := `{"id":1,"email":"ada@northwind.example","first_name":"Ada","active":true,"is_admin":false,"created_at":"2026-01-01T00:00:00Z","last_active":null}`
	all := "[" + strings.TrimSuffix(strings.Repeat(user+",", users), ",") + "]"
	o := run(t, &wire.Begin{Code: `const us = await retool.list_users(); return [us.length, us.filter(u => u.activ).length, us.at(-1).email]`}, func(wire.Message) wire.Reply {
		return wire.Reply{Value: json.RawMessage(all), List: &wire.List{}, Fields: []string{"id", "email", "first_name", "active"}}
	})
	assert.Equal(t, `[70000,0,"ada@northwind.example"] | line 1: no item of list_users has activ; did you mean active?`, o.outcome())
}
