// The prelude: what a script finds in its realm. It runs once, before the script,
// as a single line, so that every line after the first is one of the script. Comments
// stand on lines of their own, statements end in semicolons.
//
// It takes the functions of the program out of the global object, so that no script
// reaches them, and keeps what it needs of the built-in objects, which a script can
// change. It returns what the program calls.
(() => {
"use strict";
const global = globalThis;
const { Array, Math, Number, Object, String, Symbol, TypeError } = global;
// The engine's limit of memory does not count what they grow by, and nothing needs them.
delete global.SharedArrayBuffer;
delete global.Atomics;
const take = (name) => { const f = global["@" + name]; delete global["@" + name]; return f; };
const host = {
	call: take("call"), save: take("save"), log: take("log"), now: take("now"), end: take("end"), sleep: take("sleep"), wake: take("wake"),
	suggest: take("suggest"), line: take("line"), setup: take("setup"), returned: take("returned"), done: take("done"), failed: take("failed"),
};
const setup = JSON.parse(host.setup());
const planning = setup.mode === "plan";
const { parse, stringify } = JSON;
const { apply, construct, ownKeys, get: getOf, set: setOf, defineProperty: define } = Reflect;
const { assign, defineProperty, setPrototypeOf, getPrototypeOf, create, freeze, keys: keysOf } = Object;
const uncurry = (f) => (self, ...rest) => apply(f, self, rest);
const { isArray } = Array;
const { isFinite } = Number;
const [RealDate, RealMap, RealSet, RealPromise, RealError, RealProxy] = [Date, Map, Set, Promise, Error, Proxy];
const then = uncurry(Promise.prototype.then);
const toISO = uncurry(Date.prototype.toISOString);
const timeOf = uncurry(Date.prototype.getTime);
const mapEach = uncurry(Map.prototype.forEach);
const setEach = uncurry(Set.prototype.forEach);
const test = uncurry(RegExp.prototype.test);
const tag = uncurry(Object.prototype.toString);
const slice = uncurry(String.prototype.slice);
const weakGet = uncurry(WeakMap.prototype.get);
const weakSet = uncurry(WeakMap.prototype.set);
const hidden = (object, name, value) => defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: false });
const own = (object, name) => apply(Object.prototype.hasOwnProperty, object, [name]);
const isObject = (value) => typeof value === "object" && value !== null;
const here = () => new RealError().stack;

class RetoolError extends Error {
	constructor(message, operation, status, line) {
		super(message);
		hidden(this, "name", "RetoolError");
		this.operation = operation;
		this.status = status;
		if (line) this.line = line;
	}
}
const failure = (message, operation) => new RetoolError(message, operation, 0, 0);

// Promises. What is none of a promise's own properties is a mistake: its answer was
// meant. The error says so, for every promise of the script.
const calls = new WeakMap();
const notAwaited = (promise, key) => {
	const call = weakGet(calls, promise)?.name;
	const what = call ? (builtins[call] ? "" : "retool.") + call + "(…)" : "…";
	const path = typeof key === "symbol" ? "" : test(/^[A-Za-z_$][\w$]*$/, key) ? "." + key : "[" + key + "]";
	return new TypeError((call ? call + " was" : "this promise was") + " not awaited: write " + (path === "" || key === "toJSON" ? "await " + what : "(await " + what + ")" + path));
};
let returning = false;
setPrototypeOf(Promise.prototype, new RealProxy(Object.prototype, {
	get(target, key, receiver) {
		if (key in target) return target[key];
		if (key === Symbol.isConcatSpreadable || (returning && key === "toJSON")) return undefined;
		throw notAwaited(receiver, key);
	},
	set(_, key, __, receiver) { throw notAwaited(receiver, key); },
}));
const builtins = { __proto__: null, save: true, sleep: true };
// What a promise leads to must not lead back to it, or it stays in memory with its answer.
const tracked = (name, begin) => {
	const call = { name, used: false };
	const promise = new RealPromise((resolve, reject) => { begin({ call, resolve, reject }); });
	weakSet(calls, promise, call);
	// To await it or to give it to then is to look at its constructor first.
	defineProperty(promise, "constructor", { __proto__: null, get() { call.used = true; return RealPromise; } });
	// {...promise} and Object.values(promise) look at this.
	defineProperty(promise, "(not awaited)", { __proto__: null, enumerable: true, get() { throw notAwaited(this, Symbol.iterator); } });
	return promise;
};

// Placeholders stand for what a plan does not know.
const markers = new WeakMap();
const builtin = create(null);
for (const p of [Array.prototype, String.prototype, Number.prototype, Object.prototype]) for (const key of ownKeys(p)) builtin[key] = true;
const looks = create(null);
const placeholder = (step, path, fields) => {
	const shown = path === "" || path[0] === "[" ? step + path : step + "." + path;
	const marker = setup.open + shown + setup.close;
	const end = (what) => endPlan(what + " needs the real <" + shown + ">", here());
	const p = new RealProxy({}, {
		get(_, key) {
			if (key === "then" || key === Symbol.toStringTag) return undefined;
			if (key === "toJSON" || key === "toString" || key === "valueOf") return () => marker;
			if (key === Symbol.toPrimitive) return (hint) => hint === "number" ? end("a calculation") : marker;
			if (key === "constructor") return Object;
			if (typeof key === "symbol") return end(key === Symbol.iterator || key === Symbol.asyncIterator ? "iterating" : "this");
			if (fields && own(fields, key)) return child(key);
			if (path === "" && key === "data") return p;
			if (path === "" && key === "success") return true;
			if (builtin[key]) return end("." + key);
			if (fields) throw failure(step.split("#")[0] + " answers no " + key + host.suggest(key, stringify(ownKeys(fields))), step.split("#")[0]);
			return child(key);
		},
		has() { return end("`in`"); },
		ownKeys() { return end("listing the fields"); },
		getOwnPropertyDescriptor() { return end("looking at the fields"); },
		set(_, key) { return end("assigning ." + String(key)); },
		defineProperty() { return end("assigning a field"); },
		deleteProperty() { return end("deleting a field"); },
	});
	const child = (key) => {
		const inner = path + (test(/^\d+$/, key) ? "[" + key + "]" : (path === "" ? "" : ".") + key);
		repeated(step + " " + inner, made, () => endPlan("waiting for another value needs the real <" + step + "." + inner + ">", here()));
		return placeholder(step, inner, null);
	};
	weakSet(markers, p, marker);
	return p;
};

// What is looked at for the third time, with a pause before each and nothing done in
// between, does not change before the writes are made.
let pauses = 0, made = 0, written = 0;
const repeated = (key, done, end) => {
	const seen = looks[key];
	if (!seen || seen.done !== done) { looks[key] = { pauses, done, times: 1 }; return; }
	if (seen.pauses === pauses) return;
	seen.pauses = pauses;
	seen.times++;
	if (seen.times >= 3) end();
};

// JSON of values that JSON does not know.
const plain = (value, notes) => {
	if (typeof value === "bigint") return "" + value;
	if (!isObject(value) || weakGet(markers, value)) return value;
	if (value instanceof RealMap) {
		const object = {};
		mapEach(value, (v, k) => { object[isObject(k) ? stringify(k) : String(k)] = v; });
		notes("a Map was returned: it is shown as an object");
		return object;
	}
	if (value instanceof RealSet) {
		const list = [];
		setEach(value, (v) => { list[list.length] = v; });
		notes("a Set was returned: it is shown as an array");
		return list;
	}
	if (value instanceof RealError) return { error: value.message };
	if (!isArray(value) && typeof value[Symbol.iterator] === "function" && typeof value.next === "function") {
		notes("an iterator was returned: it is shown as an array");
		return Array.from(value);
	}
	return value;
};
const silent = () => {};
const json = (value) => stringify(value, (_, v) => plain(v, silent));

// Fields that a script reads and that are not there, which JavaScript makes undefined
// without a word. What was read has a prototype that sees it: one for all objects of an
// operation, and one for all of a documented field of them. Objects are copied, since
// QuickJS gives an object whose prototype is changed a shape, and memory, of its own;
// while they are, the prototype has their fields, or each would be looked up behind it.
const misses = [];
const missed = (shape, key, list) => {
	if (key === "then" || key === "toJSON" || shape.known[key] || shape.documented[key]) return;
	for (let i = 0; i < misses.length; i++) if (misses[i].shape === shape && misses[i].key === key && misses[i].list === list) return;
	if (misses.length < 50) misses[misses.length] = { shape, key, list, stack: here() };
};
const sees = (target, shape, list) => new RealProxy(target, {
	getPrototypeOf() { return target; },
	get(_, key, receiver) {
		if (typeof key === "symbol" || key in target) return getOf(target, key, receiver);
		if (!list || !test(/^\d+$/, key)) missed(shape, key, list);
		return undefined;
	},
	set(_, key, value, receiver) {
		if (key === "__proto__") return setOf(target, key, value, receiver);
		return define(receiver, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
	},
});
const shapes = create(null);
const shapeOf = (name, path) => {
	const id = name + " " + path;
	if (!shapes[id]) {
		const shape = shapes[id] = { name, path, known: create(null), documented: create(null) };
		shape.proto = create(sees(Object.prototype, shape, false));
		shape.listProto = sees(Array.prototype, shape, true);
	}
	return shapes[id];
};
// The fields are a tree of names, null for whatever is there.
const shaped = (objects, name, path, fields, items) => {
	const shape = shapeOf(name, path), { proto } = shape;
	shape.items = items;
	for (let i = 0; i < objects.length; i++) {
		const o = objects[i];
		if (!isObject(o) || isArray(o) || own(o, "__proto__")) continue;
		assign(proto, o);
		objects[i] = assign(create(proto), o);
	}
	for (const key in fields) shape.documented[key] = true;
	const keys = keysOf(proto);
	for (let i = 0; i < keys.length; i++) {
		shape.known[keys[i]] = true;
		delete proto[keys[i]];
	}
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i], inner = fields && fields[key];
		if (fields && !inner) continue;
		const found = [], holders = [], at = [];
		const find = (holder, k) => { if (isObject(holder[k])) { const n = found.length; found[n] = holder[k]; holders[n] = holder; at[n] = k; } };
		for (let j = 0; j < objects.length; j++) {
			const o = objects[j];
			if (!isObject(o) || !own(o, key)) continue;
			if (isArray(o[key])) for (let k = 0; k < o[key].length; k++) find(o[key], k);
			else find(o, key);
		}
		if (found.length === 0) continue;
		shaped(found, name, path + key + ".", inner, items);
		for (let j = 0; j < found.length; j++) holders[j][at[j]] = found[j];
	}
};
const has = ({ shape, key, list }) => {
	const names = list ? [] : keysOf(shape.known);
	const near = host.suggest(key, stringify(keysOf(assign(create(null), shape.known, shape.documented))));
	if (near || list) return near;
	if (names.length === 0) return "; it is empty";
	let shown = "";
	for (let i = 0; i < names.length && i < 12; i++) shown += (i ? ", " : "; it has ") + names[i];
	return shown + (names.length > 12 ? ", …" : "");
};
const noField = ({ shape, key, list }) => {
	const { name, path } = shape;
	let what = "no item of " + name + " has ";
	if (name === "args") what = "args has no ";
	else if (list) what = name + " gave an array, which has no ";
	else if (!shape.items) what = "the answer of " + name + " has no ";
	return what + (list ? "" : path) + key + has({ shape, key, list });
};
// Arguments of the script can be optional.
const notGiven = (path) => {
	let found = null;
	for (let i = misses.length; i-- > 0;) if (misses[i].shape.name === "args" && (!found || misses[i].key === path)) found = misses[i];
	if (found) found.told = true;
	return found ? " (" + noField(found) + ")" : "";
};
const missing = () => {
	const notes = [];
	for (let i = 0; i < misses.length && notes.length < 5; i++) {
		const { shape, key, list, stack, told } = misses[i];
		if (told || shape.known[key] && !list || shape.name === "args" && !host.suggest(key, stringify(keysOf(shape.known)))) continue;
		const line = host.line(stack);
		notes[notes.length] = (line ? "line " + line + ": " : "") + noField(misses[i]);
	}
	return notes;
};
const endPlan = (why, stack) => host.end(why, stack, stringify(missing()));

// Calls.
const waiting = create(null);
const lost = [];
const pages = create(null);
// Once the program has returned: calls answered since, with whose answers it goes on.
let isOver = false, late = 0;
const takesObject = (name, given) => failure(name + " takes one object: retool." + name + "({…})" + (given === null || given === undefined ? ", not " + given : ""), name);

// Arguments as they are sent. What JSON would leave out or turn into null is a mistake:
// without a filter, a list is everything. The error says where it is.
const sent = (value, path, name, around) => {
	const wrong = (what) => failure(name + ": " + (path || "the argument") + " is " + what, name);
	if (value === undefined) throw failure(name + ": " + path + " is undefined" + notGiven(path), name);
	if (typeof value === "function" || typeof value === "symbol") throw wrong("a " + typeof value);
	if (typeof value === "number" && !isFinite(value)) throw wrong(value);
	if (typeof value === "bigint") return "" + value;
	if (!isObject(value) || weakGet(markers, value)) return value;
	if (value instanceof RealPromise) throw notAwaited(value, Symbol.iterator);
	if (value instanceof RealDate) {
		if (!isFinite(timeOf(value))) throw wrong("no date");
		return toISO(value);
	}
	for (let up = around; up; up = up.around) if (up.value === value) throw wrong("inside itself");
	const inside = { value, around };
	let known = typeof value.toJSON === "function" ? value.toJSON("") : value;
	if (!isObject(known) || weakGet(markers, known)) return sent(known, path, name, inside);
	known = plain(known, silent);
	const kind = slice(tag(known), 8, -1);
	if (kind !== "Object" && kind !== "Array") throw wrong("a " + kind);
	if (isArray(known)) {
		const list = [];
		for (let i = 0; i < known.length; i++) list[i] = sent(known[i], path + "[" + i + "]", name, inside);
		return list;
	}
	const object = create(null), keys = keysOf(known);
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i];
		if (!around && key === "next_token" && known[key] === undefined) continue;
		object[key] = sent(known[key], path + (path && ".") + key, name, inside);
	}
	return object;
};
const argumentsOf = (name, writes, given) => {
	const object = sent(given, "", name, null);
	if (!isObject(object) || isArray(object)) throw takesObject(name, given);
	if (writes) return object;
	for (const key in object) {
		const v = object[key];
		if ((v === null || v === "" || isArray(v) && v.length === 0) && key !== "next_token") throw failure(name + ": " + key + " is " + stringify(v) + ": give it a value, or leave it out for all", name);
	}
	return object;
};
// Tools that are no functions have the prefix of all names.
const tool = (end) => { for (const f of setup.functions) if (f.instead && f.name.endsWith(end)) return f.name; return end; };
const call = ({ name, writes, instead }) => function () {
	const stack = here();
	if (instead) throw failure(instead, name);
	if (writes && setup.mode === "query") throw failure(name + " writes, and " + tool("query_script") + " only reads: use " + tool("run_script") + ", which plans writes before it makes them", name);
	const given = arguments.length > 0 ? arguments[0] : {};
	if (arguments.length > 1 || !isObject(given) || isArray(given) || given instanceof RealMap || given instanceof RealSet || weakGet(markers, given)) throw takesObject(name, given);
	if (given instanceof RealPromise) throw notAwaited(given, Symbol.iterator);
	const text = stringify(argumentsOf(name, writes, given));
	made++;
	if (writes) written++;
	if (planning && !writes && (written > 0 || text.includes(setup.open))) repeated(name + text, written, () => endPlan("waiting in " + name + " needs the planned writes to be made", stack));
	if (own(given, "next_token")) delete pages[name + " " + given.next_token];
	const id = host.call(name, text, stack);
	if (typeof id === "string") throw failure(id, name);
	return tracked(name, (w) => { waiting[id] = w; });
};
const functions = create(null);
const retool = new RealProxy(functions, {
	get(_, key) {
		if (key === "planning") return planning;
		if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
		const f = functions[key];
		if (f) return f;
		throw failure("there is no operation " + key + host.suggest(key, ""), key);
	},
	set(_, key) { throw failure("retool." + String(key) + " cannot be set", String(key)); },
	defineProperty() { throw failure("retool cannot be changed", ""); },
	deleteProperty() { throw failure("retool cannot be changed", ""); },
});
// Object.keys lists those that can be called.
for (const f of setup.functions) if (f.instead) hidden(functions, f.name, call(f)); else functions[f.name] = call(f);
freeze(functions);

// Answers: a list is an array, an object an object. The other ways to write it are
// there too, where they hide nothing and are not seen by JSON, keys and spread.
const answer = (text, list, name, fields) => {
	let value = parse(text), key = "";
	if (!isObject(value)) return value;
	if (!isArray(value)) {
		const keys = ownKeys(value);
		if (keys.length === 1 && isObject(value[keys[0]])) {
			key = keys[0];
			value = value[key];
			fields = fields && fields[key];
		}
	}
	if (fields) {
		const all = isArray(value) ? value : [value];
		shaped(all, name, "", fields, all === value);
		if (all === value) setPrototypeOf(value, shapeOf(name, "").listProto);
		else value = all[0];
	}
	if (key) itself(value, key);
	itself(value, "data");
	alias(value, "success", true);
	if (isArray(value)) {
		alias(value, "total_count", list && list.more ? list.total || null : (list && list.total) || value.length);
		alias(value, "has_more", !!(list && list.more));
		alias(value, "next_token", (list && list.next_token) || null);
	}
	return value;
};
// A value that referred to itself would stay in memory until the garbage collector runs.
const itself = (object, name) => {
	if (!own(object, name)) defineProperty(object, name, { __proto__: null, get() { return this; }, set(value) { hidden(this, name, value); }, configurable: true });
};
const alias = (object, name, value) => { if (!own(object, name)) hidden(object, name, value); };
const settle = (id, kind, a, b, c, d) => {
	const w = waiting[id];
	delete waiting[id];
	if (isOver && w.call.used && !builtins[w.call.name]) late++;
	if (kind === "error") {
		const error = new RetoolError(a, b, c, d);
		lost[lost.length] = { call: w.call, error };
		return w.reject(error);
	}
	if (kind === "placeholder") {
		let fields = null;
		if (b) { fields = create(null); const list = parse(b); for (let i = 0; i < list.length; i++) fields[list[i]] = true; }
		return w.resolve(placeholder(a, "", fields));
	}
	const list = b ? parse(b) : null;
	let value;
	try {
		value = answer(a, list, w.call.name, c ? parse(c) : null);
	} catch (error) {
		return w.reject(error);
	}
	if (list && list.more) pages[w.call.name + " " + (list.next_token || id)] = "line " + d + ": " + w.call.name + " answered " + value.length + (list.total ? " of " + list.total : "") + (value.length === 1 && !list.total ? " item, and" : " items, and") + " the rest was not read; leave out limit and next_token for all";
	w.resolve(value);
};

// Time stands still.
function Clock(...given) {
	if (!new.target) return new RealDate(host.now()).toString();
	return construct(RealDate, given.length === 0 ? [host.now()] : given, new.target);
}
defineProperty(Clock, "name", { value: "Date" });
defineProperty(Clock, "length", { value: 7 });
defineProperty(Clock, "prototype", { value: RealDate.prototype, writable: false });
for (const name of ["parse", "UTC"]) hidden(Clock, name, RealDate[name]);
hidden(Clock, "now", () => host.now());
hidden(RealDate.prototype, "constructor", Clock);
hidden(global, "Date", Clock);
hidden(Math, "random", () => {
	let a = setup.seed[0], b = setup.seed[1];
	a ^= a << 13; a ^= a >>> 17; a ^= a << 5;
	b = (b + 0x9e3779b9) | 0;
	setup.seed = [a, b];
	let x = (a >>> 0) ^ (b >>> 0);
	x = apply(imul, undefined, [x ^ (x >>> 16), 0x85ebca6b]);
	x = apply(imul, undefined, [x ^ (x >>> 13), 0xc2b2ae35]);
	return ((x ^ (x >>> 16)) >>> 0) / 4294967296;
});
const { imul } = Math;
const timers = create(null);
let lastTimer = 0;
const milliseconds = (ms) => isFinite(+ms) && +ms > 0 ? +ms : 0;
const timer = (f, ms) => {
	const id = ++lastTimer;
	timers[id] = f;
	host.sleep(id, milliseconds(ms));
	return id;
};
const fire = (id) => {
	const f = timers[id];
	delete timers[id];
	pauses++;
	if (f) f();
};
const sleep = (ms) => tracked("sleep", ({ resolve }) => { timer(resolve, ms); });
const until = async (f, done, options) => {
	const stack = here(), late = failure("", "");
	const { every = 2000, for: most = 60000 } = options ?? {};
	if (typeof f !== "function" || (done !== undefined && typeof done !== "function")) throw failure("until takes functions: await until(() => retool.…, x => x.status === \"done\", {every: 2000, for: 60000})", "");
	for (let waited = 0, round = 1; ; waited += every, round++) {
		const value = await f();
		if (done ? await done(value) : value) return value;
		if (planning && (written > 0 || round === 3)) endPlan("until needs the planned writes to be made", stack);
		late.message = "until: not done after " + waited + " ms";
		if (waited + every > most) throw late;
		await sleep(every);
	}
};
const daysAgo = (n) => toISO(new RealDate(host.now() - (isFinite(+n) ? +n : 0) * 86400000));

// The rest of what scripts expect.
const clone = (value, seen) => {
	if (typeof value === "function" || typeof value === "symbol") throw failure("structuredClone cannot copy a " + typeof value, "");
	if (!isObject(value) || weakGet(markers, value)) return value;
	if (seen.has(value)) return seen.get(value);
	let copy;
	if (value instanceof RealDate) return new RealDate(timeOf(value));
	if (value instanceof RealMap) { copy = new RealMap(); seen.set(value, copy); mapEach(value, (v, k) => copy.set(clone(k, seen), clone(v, seen))); return copy; }
	if (value instanceof RealSet) { copy = new RealSet(); seen.set(value, copy); setEach(value, (v) => copy.add(clone(v, seen))); return copy; }
	copy = isArray(value) ? [] : {};
	seen.set(value, copy);
	for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
	return copy;
};
const text = (value) => {
	if (typeof value === "string") return value;
	if (value instanceof RealError) return value.name + ": " + value.message;
	if (!isObject(value) || weakGet(markers, value)) return String(value);
	if (value instanceof RealPromise) throw notAwaited(value, Symbol.iterator);
	try {
		return json(value) ?? String(value);
	} catch (_) {
		return String(value);
	}
};
const log = function () {
	let line = "";
	for (let i = 0; i < arguments.length; i++) line += (i ? " " : "") + text(arguments[i]);
	host.log(slice(line, 0, 2500));
};
const console = {};
for (const name of ["log", "info", "warn", "error", "debug", "table", "dir", "trace"]) console[name] = log;
const save = (name, rows) => {
	const stack = here();
	if (typeof name !== "string" || name === "") throw failure("save takes a name and rows: await save(\"users.csv\", rows)", "save");
	if (rows instanceof RealPromise) throw notAwaited(rows, Symbol.iterator);
	if (!isObject(rows)) throw failure("save takes rows, an array of objects, not " + (rows === null ? "null" : typeof rows), "save");
	const id = host.save(name, json(rows), stack);
	if (typeof id === "string") throw failure(id, "save");
	return tracked("save", (w) => { waiting[id] = w; });
};
const fromAsync = async (items, map) => {
	const list = [];
	for await (const item of items) list.push(map ? await map(item, list.length) : item);
	return list;
};
const given = [setup.args === "" ? {} : parse(setup.args)];
shaped(given, "args", "", null, false);
const [args] = given;
const globals = {
	retool, args, RetoolError, console, save, sleep, until, daysAgo,
	setTimeout: (f, ms, ...rest) => timer(() => f(...rest), ms), clearTimeout: (id) => { delete timers[id]; host.wake(+id || 0); },
	queueMicrotask: (f) => { then(RealPromise.resolve(), () => f()); }, structuredClone: (value) => clone(value, new RealMap()),
};
for (const name of ownKeys(globals)) hidden(global, name, globals[name]);
hidden(Array, "fromAsync", fromAsync);
// What an asynchronous function given to forEach throws would be lost.
const { forEach } = Array.prototype;
hidden(Array.prototype, "forEach", function (f, self) {
	if (typeof f !== "function") return apply(forEach, this, [f]);
	return apply(forEach, this, [(value, i, all) => {
		const promise = apply(f, self, [value, i, all]);
		if (promise instanceof RealPromise) then(promise, undefined, (error) => { lost[lost.length] = { call: { used: false }, error }; });
	}]);
});

// The program.
const describe = (error) => {
	let message;
	try {
		message = error instanceof RetoolError ? error.message : error instanceof RealError ? error.name + ": " + error.message : "thrown: " + text(error);
	} catch (_) {
		message = "thrown: a value without a text";
	}
	const e = error instanceof RealError ? error : {};
	host.failed(String(message), typeof e.stack === "string" ? e.stack : "", e instanceof RetoolError ? String(e.operation ?? "") : "", +e.status || 0, +e.line || 0, stringify(missing()));
};
let result;
const start = (program, whole) => {
	const run = async () => {
		const value = await program();
		return whole && typeof value === "function" ? value() : value;
	};
	then(run(), (value) => { result = value; isOver = true; host.returned(); }, describe);
};
const finish = async () => {
	for (let i = 0; i < lost.length; i++) if (!lost[i].call.used) throw lost[i].error;
	const notes = new RealSet();
	const note = (text) => { notes.add(text); };
	const promises = [];
	const answers = new RealMap();
	const convert = () => {
		returning = true;
		try {
			return stringify(result, (_, v) => {
				if (v instanceof RealPromise) {
					if (answers.has(v)) return plain(answers.get(v), note);
					promises.push(v);
					return null;
				}
				return plain(v, note);
			});
		} finally {
			returning = false;
		}
	};
	let text = convert();
	for (let i = 0; i < promises.length; i++) {
		note("a promise was returned: it was awaited");
		answers.set(promises[i], await promises[i]);
		if (i === promises.length - 1) text = convert();
	}
	if (late > 0 && promises.length === 0) note(late + (late === 1 ? " call was" : " calls were") + " answered after the script had returned, so what it returned may lack them: await them, in for (const x of …) or Promise.all(….map(…)); forEach waits for nothing");
	if (typeof result === "function") note("a function was returned: call it");
	const unread = ownKeys(pages);
	for (let i = 0; i < unread.length; i++) note(pages[unread[i]]);
	const list = missing();
	setEach(notes, (n) => { list[list.length] = n; });
	host.done(result === undefined || text === undefined ? "nothing" : text[0] === "\"" ? "text" : "json", text ?? "", stringify(list));
};
return { settle, fire, start, finish: () => { then(finish(), silent, describe); } };
})()
