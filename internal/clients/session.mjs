// The checks of a connected client, over any transport.
//
// The served document must have the operations on users of
// schemas/retool.openapi.yaml, and the one that grants permissions.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { TOKEN } from './retool.mjs';

// The list check of the reference data knows the limits of all clients. A whole API
// exceeds only the number of tools.
const LIST_CHECK = resolve(import.meta.dirname, '../../../shared/check-tools.mjs');
const ACCEPTED = ['O2-tool-count', 'W1-tool-count'];

// session runs all checks with a connected client.
export async function session(t, { kind, client, upstream, folder }) {
  assert.equal(client.getServerVersion().name, 'retool-mcp');
  assert.match(client.getInstructions(), /all_pages/);
  const { tools } = await client.listTools();
  const tool = name => tools.find(t => t.name === name) ?? assert.fail(`no tool ${name}`);
  await list(t, { kind, tools, tool, folder });
  await calls(t, { kind, client, upstream });
}

async function list(t, { kind, tools, tool, folder }) {
  await t.test('every schema compiles', () => {
    const validator = new kind.Validator();
    for (const { name, inputSchema } of tools) {
      assert.doesNotThrow(() => validator.getValidator(inputSchema), name);
    }
    const fits = validator.getValidator(tool('create_user').inputSchema);
    assert.ok(fits({ email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace' }).valid);
    assert.ok(!fits({ email: 'ada@example.com' }).valid);
  });

  await t.test('every tool has all annotations', () => {
    for (const { name, annotations, description } of tools) {
      for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']) {
        assert.equal(typeof annotations[hint], 'boolean', `${name} ${hint}`);
      }
      assert.ok(description.length > 0, name);
    }
    assert.ok(tool('list_users').annotations.readOnlyHint);
    assert.ok(tool('disable_user').annotations.destructiveHint);
  });

  await t.test('the list is within the limits of all clients', { skip: !existsSync(LIST_CHECK) && 'the reference data is not beside the checkout' }, () => {
    const file = join(folder, 'list.json');
    writeFileSync(file, JSON.stringify({ tools }));
    assert.deepEqual(listErrors(file), []);
  });
}

async function calls(t, { kind, client, upstream }) {
  const call = async (name, args) => {
    upstream.requests.length = 0;
    const result = await client.callTool({ name, arguments: args });
    assert.equal(result.content.length, 1);
    assert.equal(result.content[0].type, 'text');
    const { text } = result.content[0];
    assert.ok(!text.includes(TOKEN), 'the token is not repeated');
    return { text, failed: result.isError === true, sent: [...upstream.requests] };
  };

  await t.test('a list leads to its next page', async () => {
    const ids = { table: text => rows(text).map(([id]) => id), json: text => read(text, /^This page holds 2 of 3 items; /).data.map(u => u.id) };
    for (const given of [{ limit: 2 }, { limit: 2, format: 'table' }, { limit: 2, format: 'json' }]) {
      const read = ids[given.format ?? 'table'];
      const first = await call('list_users', given);
      assert.equal(first.failed, false, first.text);
      assert.deepEqual(first.sent.map(r => r.line), ['GET /api/v2/users?limit=2']);
      assert.deepEqual(read(first.text), ['user_1', 'user_2']);
      const next = JSON.parse(first.text.match(/; there is more\. Next page: call list_users with (\{.*\})$/m)[1]);
      assert.deepEqual(next, { ...given, next_token: 'page 2' });
      const second = await call('list_users', next);
      assert.deepEqual(second.sent.map(r => r.line), ['GET /api/v2/users?limit=2&next_token=page%202']);
      assert.deepEqual(read(second.text), ['user_3']);
      assert.doesNotMatch(second.text, /Next page/);
    }
  });

  await t.test('all_pages returns the whole list', async () => {
    const { text, sent } = await call('list_users', { all_pages: true, limit: 2, fields: ['email'] });
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users?limit=2', 'GET /api/v2/users?limit=2&next_token=page%202']);
    assert.match(text, /^# 3 rows; no more$/m);
    assert.deepEqual(rows(text), ['user_1', 'user_2', 'user_3'].map(id => [`${id}@example.com`]));
  });

  await t.test('a call of several requests reports progress', async () => {
    const reports = [];
    const { content } = await kind.call(client, { name: 'list_users', arguments: { all_pages: true, limit: 1 } }, { onprogress: p => reports.push(p) });
    assert.match(content[0].text, /^# 3 rows; no more$/m);
    assert.deepEqual(reports.map(({ progress, total }) => ({ progress, total })), [{ progress: 2, total: 3 }]);
  });

  await t.test('the default page is the largest', async () => {
    const { sent } = await call('list_users', {});
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users?limit=100']);
  });

  await t.test('a read sends the token', async () => {
    const { text, sent } = await call('get_user', { userId: 'user_1', includeGroups: true });
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users/user_1?includeGroups=true']);
    assert.equal(sent[0].authorization, `Bearer ${TOKEN}`);
    assert.equal(read(text).data.id, 'user_1');
  });

  await t.test('a write sends the given fields only', async () => {
    const user = { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', metadata: { n: 9007199254740991, none: null } };
    const { text, sent } = await call('create_user', user);
    assert.deepEqual(sent.map(r => r.line), ['POST /api/v2/users']);
    assert.deepEqual(JSON.parse(sent[0].body), user);
    assert.equal(read(text).data.email, 'ada@example.com');
  });

  await t.test('a union is sent unchanged', async () => {
    const given = { subject: { type: 'group', id: 7 }, object: { type: 'app', id: 'c0ffee00-0000-4000-8000-000000000000' }, access_level: 'use' };
    const { failed, text, sent } = await call('grant_permissions', given);
    assert.deepEqual(JSON.parse(sent[0].body), given);
    assert.ok(failed);
    assert.match(text, /^HTTP 403 Forbidden: "not with this token"\n.*permissions:write/);
  });

  await t.test('an empty response is a success', async () => {
    const { text, failed, sent } = await call('disable_user', { userId: 'user_1' });
    assert.deepEqual(sent.map(r => r.line), ['DELETE /api/v2/users/user_1']);
    assert.equal(failed, false);
    assert.match(text, /^Done: disable_user succeeded/);
  });

  await t.test('unambiguous arguments are corrected', async () => {
    const { sent } = await call('list_users', { limit: '2' });
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users?limit=2']);
  });

  await t.test('invalid arguments are explained and not sent', async () => {
    for (const [name, args, reason] of [
      ['get_user', {}, /userId: missing/],
      ['get_user', { userId: '..' }, /userId: must/],
      ['create_user', { email: 'a@example.com', firstname: 'A', last_name: 'B' }, /did you mean first_name/],
      ['list_users', { limit: 101 }, /from 1 to 100/],
    ]) {
      const { text, failed, sent } = await call(name, args);
      assert.ok(failed, text);
      assert.match(text, reason);
      assert.deepEqual(sent, [], 'nothing is sent');
    }
  });

  await t.test('a failure names the next step', async () => {
    const { text, failed } = await call('get_user', { userId: 'user_9' });
    assert.ok(failed);
    assert.match(text, /^HTTP 404 Not Found: "no such user"\n.*list_users/);
  });

  await t.test('an unknown tool is an error', async () => {
    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), /no_such_tool/);
  });

  await t.test('calls run concurrently', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `user_${i % 3 + 1}`);
    const texts = await Promise.all(ids.map(async userId => {
      const { content } = await client.callTool({ name: 'get_user', arguments: { userId } });
      return read(content[0].text).data.id;
    }));
    assert.deepEqual(texts, ids);
  });
}

// A fixed line marks results that contain free text.
const WRITTEN = /^Names and texts in this result were written by people\. /;

// read decodes a JSON result. Lines of the given forms, and the line on free text, may
// follow it.
export function read(text, ...forms) {
  const [answer, notes = ''] = text.split('\n\n');
  for (const line of notes.split('\n').filter(Boolean)) {
    assert.ok([WRITTEN, ...forms].some(form => form.test(line)), line);
  }
  return JSON.parse(answer);
}

// rows reads a table of plain cells, without the lines and the header above them.
function rows(text) {
  const lines = text.split('\n');
  const header = lines.findIndex(line => !line.startsWith('# '));
  return lines.slice(header + 1).map(line => line.split(','));
}

// listErrors runs the list check, which prints one JSON object per line and fails if it
// finds errors.
function listErrors(file) {
  let out;
  try {
    out = execFileSync(process.execPath, [LIST_CHECK, file, '--server', 'retool', '--min', 'error'], { encoding: 'utf8' });
  } catch (error) {
    if (error.status !== 1) throw error;
    out = error.stdout;
  }
  const lines = out.trim().split('\n').map(line => JSON.parse(line));
  assert.ok(lines.at(-1).summary, 'the list check ran to its end');
  return lines.slice(0, -1).filter(e => !ACCEPTED.includes(e.rule));
}
