package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retool-mcp/retool-mcp/internal/plan"
	"github.com/retool-mcp/retool-mcp/internal/script/wire"
)

// program is a script, and what becomes of it: what it returned, or why it failed,
// with its line, and notes after a bar.
type program struct{ name, code, want string }

func testPrograms(t *testing.T, mode wire.Mode, programs []program) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			o := run(t, &wire.Begin{Code: p.code, Mode: mode}, organization)
			assert.Equal(t, p.want, o.outcome(), p.code)
		})
	}
}

func TestWhatAProgramReturns(t *testing.T) {
	testPrograms(t, wire.Query, []program{
		{"number", `return 1`, `1`},
		{"text", `return "a\"b"`, `text a"b`},
		{"null", `return null`, `null`},
		{"nothing", "const a = 1;", `nothing`},
		{"last expression", "const a = [1, 2];\na.length", `2`},
		{"last expression of several lines", "const a = [1];\na.map(x => ({\n  x,\n}));\n", `[{"x":1}]`},
		{"last statement of a loop", "let n = 0;\nfor (const x of [1, 2]) {\nn += x\n}", `nothing`},
		{"last line of a template", "let s = (x) => x;\ns(`\nabc`)", `nothing`},
		{"two statements on a line", "console.log(1);\nMath.abs(1); const b = 1", `nothing`},
		{"statements without semicolons", "Math.abs(1)\n  Math.abs(2)", `nothing`},
		{"chain at the end", "const a = [3, 1]\na\n  .toSorted()\n  .map(x => { const y = x; return \"(\" + y; })", `["(1","(3"]`},
		{"one expression", `({a: 1})`, `{"a":1}`},
		{"a call", `retool.list_users()`, `[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"},{"id":3,"name":"Cy"}]`},
		{"asynchronous function", "async () => {\n  const u = await retool.get_user({user_id: 1});\n  return u.name;\n};\n", `text Ada`},
		{"function", "function main() { return 5 }", `5`},
		{"called function", "(async () => { return 5 })();", `5`},
		{"main", "async function main() {\n  return (await retool.list_users()).length;\n}\nmain();", `3`},
		{"called function at the end", "const a = 2;\n\n(async () => {\n  await sleep(1);\n  return a;\n})();", `2`},
		{"called function that fails", "const a = 2;\n(async () => {\n  await sleep(1);\n  null.x;\n})();", `failed: TypeError: cannot read property 'x' of null (line 4)`},
		{"main fails", "async function main() {\n  null.x;\n}\n\nmain()\n", `failed: TypeError: cannot read property 'x' of null (line 2)`},
		{"fence", "```js\nreturn 1\n```\n", `1`},
		{"fence keeps lines", "```javascript\n\nthrow new Error('x')\n```", `failed: Error: x (line 3)`},
		{"byte order mark", "\ufeffreturn 1", `1`},
		{"map", `return {m: new Map([["a", new Set([1, 2])]])}`, `{"m":{"a":[1,2]}} | a Map was returned: it is shown as an object | a Set was returned: it is shown as an array`},
		{"iterator", `return new Map([["a", 1]]).keys()`, `["a"] | an iterator was returned: it is shown as an array`},
		{"promise", `return retool.list_users()`, `[{"id":1,"name":"Ada"},{"id":2,"name":"Bob"},{"id":3,"name":"Cy"}]`},
		{"promises", `return {a: [retool.get_user({user_id: 1}).then(u => u.name)], b: Promise.resolve(new Set([1]))}`, `{"a":["Ada"],"b":[1]} | a promise was returned: it was awaited | a Set was returned: it is shown as an array`},
		{"failed promise", "return {a: 1,\n b: retool.get_user({user_id: 404})}", `failed: get_user: there is no user 404 (line 2)`},
		{"date", `return new Date(0)`, `text 1970-01-01T00:00:00.000Z`},
		{"large integer", `return [2n ** 64n]`, `["18446744073709551616"]`},
		{"error", `return {e: new Error("x")}`, `{"e":{"error":"x"}}`},
		{"inner function", `return {f() {}, a: 1}`, `{"a":1}`},
		{"circle", "const a = {};\na.a = a;\nreturn a", `failed: TypeError: circular reference (line 0)`},
		{"grouping", `return Object.groupBy([1, 2, 3], x => x % 2 ? "odd" : "even")`, `{"odd":[1,3],"even":[2]}`},
		{"newer methods", `return [[3, 1].toSorted(), [...new Set([1]).union(new Set([2]))], [1, 2].values().map(x => x * 2).toArray(), await Array.fromAsync([Promise.resolve(1)])]`, `[[1,3],[1,2],[2,4],[1]]`},
		{"for await", `let n = 0; for await (const x of [1, Promise.resolve(2)]) n += x; return n`, `3`},
		{"half characters", `return ["\ud800\udc00", "\ud800", "\udfff\\ud800", await retool.echo({["\udc00"]: "\ud800"})]`, `["𐀀","\ufffd","\ufffd\\ud800",{"�":"�"}]`},
		{"text with line separators", `return "a\u2028\u0000"`, "text a\u2028\u0000"},
	})
}

func TestAnswers(t *testing.T) {
	testPrograms(t, wire.Query, []program{
		{"part of a list", `const r = await retool.list_some({}); return [r.length, r.total_count, r.has_more]`, `[1,null,true] | line 1: list_some answered 1 item, and the rest was not read; leave out limit and next_token for all`},
		{"list is an array", `const r = await retool.list_users(); return [Array.isArray(r), r.length, r.data === r, r.success, r.total_count, r.has_more, r.next_token, Object.keys(r).length, [...r].length, JSON.stringify(r) === JSON.stringify([...r])]`, `[true,3,true,true,3,false,null,3,3,true]`},
		{"paging loop", `const all = []; let next_token; do { const r = await retool.list_users({limit: 100, next_token}); all.push(...r.data); next_token = r.next_token; } while (next_token); return all.length`, `3`},
		{"object is the object", `const r = await retool.get_user({user_id: 1}); return [r.name, r.data === r, r.success, Object.keys(r), {...r}]`, `["Ada",true,true,["id","name","groups"],{"id":1,"name":"Ada","groups":[{"id":9}]}]`},
		{"own fields win", `const r = await retool.echo({data: 5, success: false}); return [r.data, r.success]`, `[5,false]`},
		{"single key is opened and kept", `const r = await retool.list_deployments(); return [r.length, r.deployments === r, r.data.deployments[0].id, r]`, `[1,true,"d1",[{"id":"d1"}]]`},
		{"single value is kept", `return await retool.echo({url: "x"})`, `{"url":"x"}`},
		{"prototype in an answer", `const r = await retool.echo(JSON.parse('{"__proto__": {"x": 1}, "b": 2}')); return [r.x, ({}).x, Object.keys(r)]`, `[null,null,["__proto__","b"]]`},
		{"error", `try { await retool.get_user({user_id: 404}) } catch (e) { return [e.name, e instanceof RetoolError, e instanceof Error, e.status, e.operation, e.message, e.line] }`, `["RetoolError",true,true,404,"get_user","get_user: there is no user 404",1]`},
		{"error not caught", "const id = 404;\n\nawait retool.get_user({user_id: id});\nreturn 1", `failed: get_user: there is no user 404 (line 3)`},
		{"error of many", "const u = await Promise.all([1, 404].map(user_id =>\n  retool.get_user({user_id})));", `failed: get_user: there is no user 404 (line 2)`},
		{"all settled", `return (await Promise.allSettled([1, 404].map(user_id => retool.get_user({user_id})))).map(r => r.status)`, `["fulfilled","rejected"]`},
		{"then and catch", `return retool.get_user({user_id: 404}).then(u => u.name, e => e.status).finally(() => 0)`, `404`},
		{"values of other kinds", `return await retool.echo({d: new Date(0), m: new Map([["a", 1]]), s: new Set([1]), o: {n: null, t: ""}, b: 5n, j: {toJSON: () => 7}, g: [1].values(), e: [0]})`, `{"d":"1970-01-01T00:00:00.000Z","m":{"a":1},"s":[1],"o":{"n":null,"t":""},"b":"5","j":7,"g":[1],"e":[0]}`},
		{"functions by name", `return [Object.keys(retool).includes("get_user"), "get_user" in retool, Object.keys(retool).includes("list_members"), "list_members" in retool, typeof retool.get_user, retool.planning]`, `[true,true,false,true,"function",false]`},
		{"awaited namespace", `const r = await retool; return typeof r.get_user`, `text function`},
		{"nobody awaits", "const out = [];\n[1, 2].forEach(async (user_id) => {\n  const u = await retool.get_user({user_id});\n  await sleep(1);\n  out.push((await retool.get_user({user_id: u.id})).name);\n});\nreturn out", `["Ada","Ada"] | 4 calls were answered after the script had returned, so what it returned may lack them: await them, in for (const x of …) or Promise.all(….map(…)); forEach waits for nothing`},
		{"nobody awaits, and something else counts", "const out = [];\n[1, 2].forEach(async (user_id) => { out.push((await retool.get_user({user_id})).name); });\nreturn {n: out.length, out}", `{"n":0,"out":["Ada","Ada"]} | 2 calls were answered after the script had returned, so what it returned may lack them: await them, in for (const x of …) or Promise.all(….map(…)); forEach waits for nothing`},
		{"map without Promise.all", "let n = 0;\n[1].map(async (user_id) => { await retool.get_user({user_id}); n++; });\nreturn n", `0 | 1 call was answered after the script had returned, so what it returned may lack them: await them, in for (const x of …) or Promise.all(….map(…)); forEach waits for nothing`},
		{"begun and left", "retool.get_user({user_id: 1});\nreturn 1", `1`},
		{"promises are returned", "return [1, 2].map(async (user_id) => (await retool.get_user({user_id})).name)", `["Ada","Ada"] | a promise was returned: it was awaited`},
		{"nobody awaits a failure", "[1, 404].forEach(async (user_id) => {\n  await retool.get_user({user_id});\n});\nreturn 1", `failed: get_user: there is no user 404 (line 2)`},
		{"nobody awaits a failed call", "retool.get_user({user_id: 404});\nreturn 1", `failed: get_user: there is no user 404 (line 1)`},
	})
}

func TestMistakes(t *testing.T) {
	testPrograms(t, wire.Query, []program{
		{"unknown operation", "\nawait retool.getUser({user_id: 1})", `failed: there is no operation getUser; did you mean get_user? (line 2)`},
		{"nothing near", "await retool.frobnicate()", `failed: there is no operation frobnicate (line 1)`},
		{"former name", "await retool.list_members()", `failed: list_members is now list_users (line 1)`},
		{"no write in a query", "const u = 1;\nawait retool.update_user({user_id: 1})", `failed: update_user writes, and query_script only reads: use run_script, which plans writes before it makes them (line 2)`},
		{"text as arguments", `await retool.get_user("1")`, `failed: get_user takes one object: retool.get_user({…}) (line 1)`},
		{"array as arguments", `await retool.get_user([1])`, `failed: get_user takes one object: retool.get_user({…}) (line 1)`},
		{"two arguments", `await retool.get_user({user_id: 1}, {})`, `failed: get_user takes one object: retool.get_user({…}) (line 1)`},
		{"promise as arguments", `await retool.get_user(retool.list_users())`, `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"promise in arguments", "await retool.get_user({\n  user_id: retool.list_users()})", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"function in arguments", `await retool.get_user({user_id: x => x})`, `failed: get_user: user_id is a function (line 1)`},
		{"no number", `await retool.get_user({user_id: 1 * "x"})`, `failed: get_user: user_id is NaN (line 1)`},
		{"callback with an index", `return (await Promise.all([{user_id: 1}].map(retool.get_user))).length`, `failed: get_user takes one object: retool.get_user({…}) (line 1)`},
		{"property of a promise", "const r = retool.list_users();\nreturn r.length", `failed: TypeError: list_users was not awaited: write (await retool.list_users(…)).length (line 2)`},
		{"index of a promise", "return retool.list_users()[0]", `failed: TypeError: list_users was not awaited: write (await retool.list_users(…))[0] (line 1)`},
		{"loop over a promise", "for (const u of retool.list_users()) {}", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"spread of a promise", "return [...retool.list_users()]", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"object spread of a promise", "return {...retool.list_users()}", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"JSON of a promise", "return JSON.stringify(retool.list_users())", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"text of a promise", "return `${retool.list_users()}`", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"log of a promise", "console.log(retool.list_users())", `failed: TypeError: list_users was not awaited: write await retool.list_users(…) (line 1)`},
		{"assignment to a promise", "const p = retool.list_users();\np.x = 1", `failed: TypeError: list_users was not awaited: write (await retool.list_users(…)).x (line 2)`},
		{"promise of a function", "const names = async () => ['a'];\nreturn names().length", `failed: TypeError: this promise was not awaited: write (await …).length (line 2)`},
		{"promise of all", "const all = Promise.all([retool.list_users()]);\nreturn all.map(x => x)", `failed: TypeError: this promise was not awaited: write (await …).map (line 2)`},
		{"pause without await", "return sleep(1).x", `failed: TypeError: sleep was not awaited: write (await sleep(…)).x (line 1)`},
		{"plain uses of promises", `const p = retool.list_users(); return [p instanceof Promise, typeof p.then, (await Promise.race([p])).length, await p.then(r => r.length), [].concat(p).length, String(Object.prototype.toString.call(p))]`, `[true,"function",3,3,1,"[object Promise]"]`},
		{"not declared", "for (const u of [1]) {\n  total = u;\n}", `failed: ReferenceError: 'total' is not defined: declare it, let total = … (line 2)`},
		{"without retool", "return await list_user()", `failed: ReferenceError: 'list_user' is not defined: write retool.list_users (line 1)`},
		{"not a function", "const r = await retool.get_user({user_id: 1});\nreturn r.groups.mapp(x => x)", `failed: TypeError: r.groups.mapp is not a function (line 2)`},
		{"nothing settles", "await new Promise(() => {})", `failed: the script waits for a promise that nothing settles (line 0)`},
		{"save without rows", `await save("x.csv")`, `failed: save takes rows, an array of objects, not undefined (line 1)`},
		{"retool is fixed", `retool.get_user = 1`, `failed: retool.get_user cannot be set (line 1)`},
		{"thrown text", "throw 'no ' + 1", `failed: thrown: no 1 (line 0)`},
		{"thrown object", "throw {a: 1}", `failed: thrown: {"a":1} (line 0)`},
		{"thrown nothing", "throw undefined", `failed: thrown: undefined (line 0)`},
		{"thrown trap", "throw {toJSON() { throw 1 }, toString() { throw 2 }}", `failed: thrown: a value without a text (line 0)`},
		{"error without a text", "throw Object.defineProperty(new Error('x'), 'message', {get() { throw 1 }})", `failed: thrown: a value without a text (line 1)`},
	})
}

func TestHints(t *testing.T) {
	const noNetwork, noModules = "scripts have no network: call operations as await retool.<name>({…})", "scripts have no modules: retool, args, console, save, sleep, until, daysAgo and plain JavaScript are there"
	testPrograms(t, wire.Query, []program{
		{"fetch", "\nawait fetch('https://example.com')", `failed: ReferenceError: 'fetch' is not defined: ` + noNetwork + ` (line 2)`},
		{"require", "const fs = require('fs')", `failed: ReferenceError: 'require' is not defined: ` + noModules + ` (line 1)`},
		{"process", "return process.env.HOME", `failed: ReferenceError: 'process' is not defined: ` + noModules + ` (line 1)`},
		{"URL", "return new URL('https://a.b').host", `failed: ReferenceError: 'URL' is not defined: take texts apart with split or a regular expression (line 1)`},
		{"atob", "return atob('YQ==')", `failed: ReferenceError: 'atob' is not defined: there is no Base64 (line 1)`},
		{"Intl", "return new Intl.NumberFormat().format(1)", `failed: ReferenceError: 'Intl' is not defined: write toISOString().slice(0, 10) for dates, toFixed for numbers (line 1)`},
		{"setInterval", "setInterval(() => {}, 10)", `failed: ReferenceError: 'setInterval' is not defined: write a loop with await sleep(milliseconds), or await until(…) (line 1)`},
		{"crypto", "return crypto.randomUUID()", `failed: ReferenceError: 'crypto' is not defined: there is no cryptography, and no random ids: they would differ between plan and apply (line 1)`},
		{"import", "import fs from 'fs';\nreturn 1", `failed: SyntaxError: expecting '(': ` + noModules + ` (line 1)`},
		{"export", "\nexport default async function () {}", `failed: SyntaxError: unsupported keyword: export: ` + noModules + ` (line 2)`},
		{"annotation", "let a = 1;\nconst n: number = 1;", `failed: SyntaxError: missing initializer for const variable: leave out the types of TypeScript, a script is plain JavaScript (line 2)`},
		{"annotated parameter", "const f = (u: User) => u.id;", `failed: SyntaxError: expecting ',': leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"interface", "interface User { id: number }", `failed: SyntaxError: unexpected token in expression: 'interface': leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"cast", "const u = {} as any;", `failed: SyntaxError: expecting ';': leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"typed result", "function f(a, b?: number): string {\n  return ''\n}", `failed: SyntaxError: expecting ',': leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"typed array", "const a = 1;\nlet users: User[] = [];", `failed: SyntaxError: expecting ';': leave out the types of TypeScript, a script is plain JavaScript (line 2)`},
		{"typed object", "let o: { a: number } = {a: 1};", `failed: SyntaxError: expecting ';': leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"typed error", "try {\n} catch (e: any) {\n}", `failed: SyntaxError: expecting ')': leave out the types of TypeScript, a script is plain JavaScript (line 2)`},
		{"generic call", "const m = new Map<string, number>();", `failed: SyntaxError: missing initializer for const variable: leave out the types of TypeScript, a script is plain JavaScript (line 1)`},
		{"not null", "const a = {b: 1};\nreturn a!.b", `failed: SyntaxError: expecting ';': leave out the types of TypeScript, a script is plain JavaScript (line 2)`},
		{"import type", "import type { User } from './x'", `failed: SyntaxError: expecting '(': ` + noModules + ` (line 1)`},
		{"dynamic import", "const os = await import('os')", `failed: ReferenceError: could not load module 'os': ` + noModules + ` (line 0)`},
		{"Date and daysAgo", "const old = daysAgo(90);\nreturn [{d: '2026-01-01T00:00:00Z'}].filter(u => new Date(u.d) < old).length", `0 | daysAgo(n) is a text, as dates of the API are: compare it with those, or with a Date as new Date(daysAgo(n))`},
		{"dates that compare", "const old = new Date(daysAgo(90));\nreturn [{d: '2026-01-01T00:00:00Z'}].filter(u => new Date(u.d) < old && u.d < daysAgo(1)).length", `1`},
		{"time and daysAgo", "return [new Date().toISOString() > daysAgo(1)]", `[true]`},
		{"inner await", "const all = [1].map(x => {\n  return await retool.get_user({user_id: x})\n})", `failed: SyntaxError: expecting ';': await works at the top and in async functions, async (x) => … (line 2)`},
		{"bracket not closed", "for (const x of [1]) {\n  x;\n", `failed: SyntaxError: the code ends too early: there are 1 { and 0 } (line 2)`},
		{"ends in an expression", "\n\nconst a = 1;\nreturn a +\n\n", `failed: SyntaxError: the code ends too early (line 4)`},
		{"ends in an expression in a fence", "```js\nreturn 1+\n```", `failed: SyntaxError: the code ends too early (line 2)`},
		{"ends before a statement", "if (true)\n// do it", `failed: SyntaxError: the code ends too early (line 2)`},
		{"ends in a call", "const users = await retool.list_users(", `failed: SyntaxError: the code ends too early: there are 1 ( and 0 ) (line 1)`},
		{"ends in a function in a call", "return [1].map(x => {", `failed: SyntaxError: the code ends too early: there are 1 ( and 0 ), 1 { and 0 } (line 1)`},
		{"ends in an object", "return {a: 1", `failed: SyntaxError: the code ends too early: there are 1 { and 0 } (line 1)`},
		{"ends after try", "try { 1 }", `failed: SyntaxError: the code ends too early: expecting catch or finally (line 1)`},
		{"ends after do", "do { }", `failed: SyntaxError: the code ends too early: expecting while (line 1)`},
		{"do without while", "do { } 1", `failed: SyntaxError: expecting while (line 1)`},
		{"ends after a dot", "Math.", `failed: SyntaxError: the code ends too early: expecting field name (line 1)`},
		{"ends in a text", "const a = 'x", `failed: SyntaxError: unexpected end of string (line 1)`},
		{"ends in a comment", "return 1 /*", `failed: SyntaxError: unexpected end of comment (line 1)`},
		{"brackets in texts and comments", "const s = '{' + \"(\" + `[`; // {\n/* ( */ return 1 +", `failed: SyntaxError: the code ends too early (line 2)`},
		{"bracket too many at the end", "return 1 }", `failed: SyntaxError: unexpected '}': there are 0 { and 1 } (line 1)`},
		{"bracket too many", "const a = 1;\n}\nreturn a", `failed: SyntaxError: expecting ')': there are 0 { and 1 } (line 3)`},
		{"with Markdown", "Here it is:\n```js\nreturn 1\n```", `failed: SyntaxError: expecting ';': send the code alone, without Markdown (line 1)`},
	})
}

func TestPlaceholders(t *testing.T) {
	const group = "const g = await retool.create_group({name: 'a'});\n"
	testPrograms(t, wire.Plan, []program{
		{"planning", `return retool.planning`, `true`},
		{"placeholder", group + `return [g, g.id, g.members[0].id, g.data.id, g.success, typeof g.id, typeof g.name]`, `["<create_group#1>","<create_group#1.id>","<create_group#1.members[0].id>","<create_group#1.id>",true,"object","object"]`},
		{"in texts", group + "return [`${g.id}`, 'x-' + g.id, g.id.toString(), String(g.id), JSON.stringify({g}), {[g.id]: 1}]", `["<create_group#1.id>","x-<create_group#1.id>","<create_group#1.id>","<create_group#1.id>","{\"g\":\"<create_group#1>\"}",{"<create_group#1.id>":1}]`},
		{"in the console", group + "console.log(g.id, {g});", `nothing`},
		{"unknown field", group + "return g.idd", `failed: create_group answers no idd; did you mean id? (line 2)`},
		{"fields not known", "const u = await retool.update_user({});\nreturn u.anything.at_all", `text <update_user#1.anything.at_all>`},
		{"of a read", group + "return (await retool.get_user({user_id: g.id})).name", `text <get_user#2.name>`},
		{"number", group + "return 1;\n", `1`},
		{"calculation", group + "return g.id * 2", `ended: a calculation needs the real <create_group#1.id> (line 2)`},
		{"comparison", group + "\nif (g.id > 5) {}", `ended: a calculation needs the real <create_group#1.id> (line 3)`},
		{"iteration", group + "for (const m of g.members) {}", `ended: iterating needs the real <create_group#1.members> (line 2)`},
		{"spread", group + "return [...g.members]", `ended: iterating needs the real <create_group#1.members> (line 2)`},
		{"spread of an object", group + "return {...g}", `ended: listing the fields needs the real <create_group#1> (line 2)`},
		{"keys", group + "return Object.keys(g)", `ended: listing the fields needs the real <create_group#1> (line 2)`},
		{"map", group + "return g.members.map(m => m.id)", `ended: .map needs the real <create_group#1.members> (line 2)`},
		{"length", group + "return g.members.length", `ended: .length needs the real <create_group#1.members> (line 2)`},
		{"in", group + "return 'id' in g", "ended: `in` needs the real <create_group#1> (line 2)"},
		{"own", group + "return Object.hasOwn(g, 'id')", "ended: looking at the fields needs the real <create_group#1> (line 2)"},
		{"assignment", group + "g.name = 'b'", `ended: assigning .name needs the real <create_group#1> (line 2)`},
		{"deletion", group + "delete g.name", `ended: deleting a field needs the real <create_group#1> (line 2)`},
		{"text function", group + "return g.name.toUpperCase()", `ended: .toUpperCase needs the real <create_group#1.name> (line 2)`},
		{"not to be caught", group + "try { g.members.map(x => x) } catch (e) { return 'caught' } finally { retool.update_user({}) }", `ended: .map needs the real <create_group#1.members> (line 2)`},
		{"not to be caught by a promise", group + "await Promise.resolve().then(() => g.members.length).catch(() => 1);\nreturn 2", `ended: .length needs the real <create_group#1.members> (line 2)`},
		{"equality is not seen", group + "return [g.id === 5, !!g.id]", `[false,true]`},
		{"concat", group + "return [].concat(g.members)", `ended: this needs the real <create_group#1.members> (line 2)`},
		{"polling", "const g = await retool.create_group({});\nfor (;;) {\n  const d = await retool.get_deployment({id: g.id});\n  if (d.status === 'ok') break;\n  await sleep(1000);\n}", `ended: waiting in get_deployment needs the planned writes to be made (line 3)`},
		{"paced writes are no polling", group + "for (let i = 0; i < 9; i++) {\n  await retool.update_user({group: g.id, n: i});\n  await retool.get_user({user_id: 1});\n  await sleep(100);\n}\nreturn 'ok'", `text ok`},
		{"polling what is real", "await retool.update_user({});\nfor (;;) {\n  if ((await retool.get_user({user_id: 1})).gone) break;\n  await sleep(1000);\n}", `ended: waiting in get_user needs the planned writes to be made (line 3)`},
		{"polling a value", group + "while (g.name !== 'x') await sleep(10);", `ended: waiting for another value needs the real <create_group#1.name> (line 2)`},
		{"until", "const g = await retool.create_group({});\nawait until(() => retool.get_deployment({id: g.id}), d => d.status === 'ok');", `ended: until needs the planned writes to be made (line 2)`},
		{"reading twice is no polling", group + "const a = [];\nfor (let i = 0; i < 5; i++) a.push(await retool.get_user({user_id: g.id}));\nawait sleep(1);\nreturn a.length", `5`},
		{"pauses take no time", "await sleep(3600e3);\nreturn await until(async () => 5, x => x === 5, {every: 1e6, for: 1e7})", `5`},
		{"short pauses end first", "const out = [];\nawait Promise.all([30, 10, 20].map(async ms => { await sleep(ms); out.push(ms) }));\nreturn out", `[10,20,30]`},
		{"a call ends before a pause", "return await Promise.race([sleep(0).then(() => 'pause'), retool.list_users().then(() => 'call')])", `text call`},
		{"a plan that fails", group + "throw new Error('x')", `failed: Error: x (line 2)`},
	})
}

func TestEnvironment(t *testing.T) {
	testPrograms(t, wire.Query, []program{
		{"clock stands still", `const a = Date.now(); await sleep(20); return [Date.now() - a, new Date().toISOString(), new Date(Date.now()).getTime() === a, typeof Date(), new Date(2026, 0, 2, 3).toISOString(), new Date("2026-01-01").getTime(), Date.UTC(2026, 0), Date.name, new Date() instanceof Date, new Date().constructor === Date]`, `[0,"2026-11-30T12:00:00.000Z",true,"string","2026-01-02T03:00:00.000Z",1767225600000,1767225600000,"Date",true,true]`},
		{"subclass of Date", `class D extends Date {}; return [new D() instanceof D, new D().toISOString()]`, `[true,"2026-11-30T12:00:00.000Z"]`},
		{"days ago", `return [daysAgo(0), daysAgo(30), "2026-10-30T00:00:00Z" < daysAgo(30), typeof daysAgo(1)]`, `["2026-11-30T12:00:00.000Z","2026-10-31T12:00:00.000Z",true,"string"]`},
		{"timers", `const out = []; setTimeout((a) => out.push(a), 5, "late"); const t = setTimeout(() => out.push("never"), 1); clearTimeout(t); queueMicrotask(() => out.push("soon")); await sleep(30); return out`, `["soon","late"]`},
		{"until", `let n = 0; return await until(() => ++n, x => x > 2, {every: 1})`, `3`},
		{"until in vain", `await until(() => 0, undefined, {every: 5, for: 10})`, `failed: until: not done after 10 ms (line 1)`},
		{"clone", `const a = {d: new Date(0), m: new Map([["k", {v: 1}]]), s: new Set([1]), l: [1, {x: 2}]}; a.self = a; const b = structuredClone(a); return [b !== a, b.self === b, b.m.get("k").v, b.m.get("k") !== a.m.get("k"), b.s.has(1), b.d.getTime(), b.l]`, `[true,true,1,true,true,0,[1,{"x":2}]]`},
		{"random is seeded", `return [Math.random() < 1, Math.random() !== Math.random(), [...Array(1000)].map(Math.random).every(x => x >= 0 && x < 1), Math.abs([...Array(1000)].map(Math.random).reduce((a, b) => a + b) / 1000 - 0.5) < 0.05]`, `[true,true,true,true]`},
		{"arguments", `return args`, `{}`},
		{"no bridge", `return Object.getOwnPropertyNames(globalThis).filter(n => n.startsWith("@"))`, `[]`},
		{"stack shows no bridge", `try { retool.x } catch (e) { return e.stack.split("\n").every(l => /^\s+at |^$/.test(l)) }`, `true`},
		{"strict", `return (function () { return this === undefined })()`, `true`},
		{"no shared memory", `return [typeof SharedArrayBuffer, typeof Atomics].join()`, `text undefined,undefined`},
		{"changed built-ins", `Array.prototype.map = Array.prototype.push = JSON.stringify = JSON.parse = Promise.prototype.then = Object.defineProperty = Reflect.apply = () => { throw new Error("mine") }; Map.prototype.forEach = null; const u = await retool.get_user({user_id: 1}); return u.name`, `text Ada`},
		{"changed iterator", `Array.prototype[Symbol.iterator] = () => { throw new Error("mine") }; const u = await retool.list_users(); return u.length`, `3`},
		{"changed Object.prototype", `Object.prototype.toJSON = undefined; Object.prototype.instead = "x"; Object.defineProperty(Object.prototype, "resolve", {set() { throw 1 }}); Object.prototype.get = 1; return (await retool.list_users()).length`, `3`},
	})
}

func TestArguments(t *testing.T) {
	o := run(t, &wire.Begin{Code: "return [args.emails.length, args.emails[0]]", Args: []byte(`{"emails":["a@b.c"]}`)}, organization)
	assert.Equal(t, `[1,"a@b.c"]`, o.outcome())
}

func TestSave(t *testing.T) {
	code := "const g = await retool.create_group({name: 'x'});\n\nreturn await save('a.csv', [{id: g.id, s: new Set([1])}])"
	o := run(t, &wire.Begin{Code: code, Mode: wire.Plan}, func(m wire.Message) wire.Reply {
		if m.Kind == wire.Save {
			return wire.Reply{Value: []byte(`"/exports/a.csv"`)}
		}
		return organization(m)
	})
	assert.Equal(t, "text /exports/a.csv", o.outcome())
	assert.Equal(t, wire.Message{Kind: wire.Save, ID: 2, Name: "a.csv", Args: []byte(`[{"id":"<create_group#1.id>","s":[1]}]`), Line: 3}, o.calls[1])
}

// What goes to the parent has the marks of placeholders, and the line of the call.
func TestCallsToldToTheParent(t *testing.T) {
	code := "const g = await retool.create_group({name: 'x'});\nconst add = (id) =>\n  retool.update_user({user_id: id, group: g.id, note: `to ${g.members[0].id}`});\nawait Promise.all([1, 2].map(add));"
	o := run(t, &wire.Begin{Code: code, Mode: wire.Plan}, organization)
	assert.Equal(t, "nothing", o.outcome())
	assert.Equal(t, wire.Message{
		Kind: wire.Call, ID: 3, Name: "update_user", Line: 3,
		Args: []byte(`{"user_id":2,"group":"` + plan.Marker("create_group#1", "id") + `","note":"to ` + plan.Marker("create_group#1", "members[0].id") + `"}`),
	}, o.calls[2])
}
