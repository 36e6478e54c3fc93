// Scripts with an official client: a query, a plan, and its apply, about which the user
// is asked.
import assert from 'node:assert/strict';

import { connections, inspect } from './inspector.mjs';
import { connect } from './sdk.mjs';

// A client may ignore what it hears of the last call together with the result.
const QUERY = `
  const before = await retool.list_users({});
  const users = await retool.list_users({});
  return users.map(({ id, email }) => ({ id, email, same: before.some(u => u.id === id) }));`;
const WRITES = `
  const users = await retool.list_users({});
  for (const email of args.emails) await retool.create_user({ email, first_name: 'Ada', last_name: 'Lovelace' });
  await Promise.all(users.slice(1).map(u => retool.disable_user({ userId: u.id })));
  return users.length;`;
const PLANNED = { code: WRITES, args: { emails: ['a@example.com', 'b@example.com'] } };
const SENT = ['POST /api/v2/users', 'POST /api/v2/users', 'DELETE /api/v2/users/user_2', 'DELETE /api/v2/users/user_3'];

// asks reports whether the server can ask the user of a client.
export const asks = (way, kind) => way !== 'sse' && (way !== 'http' || kind.revision !== '2025-11-25');

const written = upstream => upstream.requests.map(r => r.line).filter(line => !line.startsWith('GET '));

// applyOf reads the arguments that apply a plan from its last line.
function applyOf(text) {
  assert.match(text, /^4 writes: 2 create_user, 2 disable_user; 2 destructive\n/);
  return JSON.parse(text.match(/run_script (\{"apply":"[\w-]+"\})$/)[1]);
}

// scripts runs the checks over transports that open makes.
export async function scripts(t, { kind, way, open, upstream }) {
  const writes = () => written(upstream);
  const session = async (t, answer) => {
    const questions = [];
    const { client } = await connect(kind, open(), answer ? { capabilities: { elicitation: { form: {} } } } : {});
    t.after(() => client.close());
    if (answer) {
      kind.answer(client, ({ params }) => {
        questions.push(params.message);
        return answer;
      });
    }
    const progress = [];
    const call = async (name, args) => {
      upstream.requests.length = progress.length = 0;
      const { content, isError } = await kind.call(client, { name, arguments: args }, { onprogress: p => progress.push(p) });
      return { text: content[0].text, failed: isError === true };
    };
    const plan = async () => {
      const { text, failed } = await call('run_script', PLANNED);
      assert.equal(failed, false, text);
      assert.deepEqual(writes(), [], 'a plan sends no write');
      return applyOf(text);
    };
    return { questions, progress, call, plan };
  };

  await t.test('a query answers with a table, and reports progress', async t => {
    const { call, progress } = await session(t);
    const { text, failed } = await call('query_script', { code: QUERY });
    assert.equal(failed, false, text);
    assert.match(text, /^# 3 rows\nid,email,same\nuser_1,user_1@example\.com,true\nuser_2,/m);
    assert.ok(progress.length > 0, 'each call is told');
    assert.ok(progress.every((p, i) => i === 0 || p.progress > progress[i - 1].progress), JSON.stringify(progress));
  });

  await t.test('a query cannot write', async t => {
    const { call } = await session(t);
    const { text, failed } = await call('query_script', { code: WRITES, args: PLANNED.args });
    assert.ok(failed);
    assert.match(text, /create_user/);
    assert.deepEqual(writes(), []);
  });

  await t.test('a plan is applied once', async t => {
    const { call, plan, progress } = await session(t);
    const apply = await plan();
    const { text, failed } = await call('run_script', apply);
    assert.equal(failed, false, text);
    assert.match(text, /^Made: 4 writes: 2 create_user, 2 disable_user\./);
    assert.deepEqual(writes().slice(0, 2), SENT.slice(0, 2));
    assert.deepEqual(writes().sort(), [...SENT].sort());
    assert.ok(progress.length > 0);
    const again = await call('run_script', apply);
    assert.ok(again.failed);
    assert.deepEqual(writes(), [], again.text);
  });

  const said = asks(way, kind);
  await t.test('the user is asked once, and agrees', { skip: !said && 'nobody can be asked' }, async t => {
    const { call, plan, questions } = await session(t, { action: 'accept', content: { confirm: true } });
    const { text, failed } = await call('run_script', await plan());
    assert.equal(failed, false, text);
    assert.deepEqual(writes().sort(), [...SENT].sort());
    assert.equal(questions.length, 1, questions.join('\n\n'));
    assert.match(questions[0], /Apply a plan of 4 writes: 2 create_user, 2 disable_user; 2 destructive\.\nDestructive: 2 disable_user\.\n/);
    assert.match(questions[0], /\n- User: .*user_2.*\n- User: .*user_3/);
  });

  await t.test('the user is asked, and refuses', { skip: !said && 'nobody can be asked' }, async t => {
    for (const answer of [{ action: 'decline' }, { action: 'cancel' }, { action: 'accept', content: { confirm: false } }]) {
      const { call, plan, questions } = await session(t, answer);
      const { text, failed } = await call('run_script', await plan());
      assert.ok(failed, text);
      assert.match(text, /declin|cancel|not confirm|refus/i);
      assert.deepEqual(writes(), []);
      assert.equal(questions.length, 1);
    }
  });

  await t.test('a cancelled script ends', async t => {
    const { client } = await connect(kind, open());
    t.after(() => client.close());
    const end = new AbortController();
    setTimeout(() => end.abort(), 300);
    const began = Date.now();
    await assert.rejects(kind.call(client, { name: 'query_script', arguments: { code: 'for (;;) {}' } }, { signal: end.signal }));
    assert.ok(Date.now() - began < 5_000);
    const { content } = await client.callTool({ name: 'query_script', arguments: { code: 'return 1 + 1' } });
    assert.match(content[0].text, /^2\b/);
  });
}

// inspectedScripts runs a query, a plan and its apply with the Inspector, each in a process of
// its own.
export async function inspectedScripts({ target, era, folder, upstream }) {
  const call = async (tool, args) => {
    upstream.requests.length = 0;
    const { status, result, problem } = await inspect(target, era, folder, 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args));
    assert.equal(status, 0, problem);
    return result.content[0].text;
  };
  assert.match(await call('query_script', { code: QUERY }), /^# 3 rows\n/);
  const apply = applyOf(await call('run_script', PLANNED));
  assert.deepEqual(written(upstream), []);
  assert.match(await call('run_script', apply), /^Made: 4 writes: /);
  assert.deepEqual(written(upstream).sort(), [...SENT].sort());
}

// askedByInspector applies plans over a connection of the Inspector, about which its user
// is asked, and answers.
export async function askedByInspector({ target, era, folder, upstream }) {
  const inspector = connections(folder);
  try {
    await inspector.connect('retool', era, 'form', target);
    for (const [answer, ends, sent] of [
      ['confirm:=true', /^Made: 4 writes: /, SENT], ['confirm:=false', /declin|not confirm|refus/i, []], ['--decline', /declin|refus/i, []], ['--cancel', /cancel|refus/i, []],
    ]) {
      const apply = applyOf((await inspector.call('retool', 'run_script', PLANNED)).content[0].text);
      upstream.requests.length = 0;
      const { elicitationPending: { elicitationId, message } } = await inspector.call('retool', 'run_script', apply);
      assert.match(message, /^Apply a plan of 4 writes: .*\n- User: .*user_2/ms);
      assert.deepEqual(written(upstream), [], 'nothing is sent before the answer');
      const { content } = await inspector.respond(elicitationId, answer);
      assert.match(content[0].text, ends);
      assert.deepEqual(written(upstream).sort(), [...sent].sort());
    }
  } finally {
    await inspector.stop();
  }
}
