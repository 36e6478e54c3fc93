// Checks a retool-mcp binary with the official TypeScript clients of MCP, over
// stdio, against a Retool of its own on a loopback address.
//
//   node check.mjs BINARY DOCUMENT...
//
// A document has to have the operations on users, and that which grants
// permissions, of schemas/retool.openapi.yaml.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';

import * as v1 from '@modelcontextprotocol/sdk/client';
import * as v1stdio from '@modelcontextprotocol/sdk/client/stdio.js';
import { AjvJsonSchemaValidator as V1Validator } from '@modelcontextprotocol/sdk/validation/ajv';
import * as v2 from '@modelcontextprotocol/client';
import * as v2stdio from '@modelcontextprotocol/client/stdio';
import { AjvJsonSchemaValidator as V2Validator } from '@modelcontextprotocol/client/validators/ajv';

const [binary, ...documents] = process.argv.slice(2);
if (documents.length === 0) {
  console.error('usage: node check.mjs BINARY DOCUMENT...');
  process.exit(2);
}

const TOKEN = 'retool_01canary23456789012345678901';
const ME = { name: 'retool-mcp-clients', version: '0.0.0' };
const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
const SDK = `sdk ${dependencies['@modelcontextprotocol/sdk']}`;
const CLIENT = `client ${dependencies['@modelcontextprotocol/client']}`;

// The clients: which protocol revision each of them ends up speaking is part of
// what is checked.
const CLIENTS = [
  {
    name: SDK, revision: '2025-11-25', stdio: v1stdio, validator: V1Validator,
    client: () => new v1.Client(ME),
  },
  {
    name: CLIENT, revision: '2025-11-25', stdio: v2stdio, validator: V2Validator,
    client: () => new v2.Client(ME),
  },
  {
    name: `${CLIENT}, pinned`, revision: '2026-07-28', stdio: v2stdio, validator: V2Validator,
    client: () => new v2.Client(ME, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
  },
];

// The list check knows the limits of all clients. Too many tools at once is the
// one thing that a whole API cannot avoid.
const LIST_CHECK = resolve(import.meta.dirname, '../../../shared/check-tools.mjs');
const ACCEPTED = ['O2-tool-count', 'W1-tool-count'];

const upstream = retool();
const folder = mkdtempSync(join(tmpdir(), 'retool-mcp-clients-'));

before(() => upstream.listen());
after(() => {
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const document of documents) {
  for (const kind of CLIENTS) {
    test(`${basename(document)} with ${kind.name} (${kind.revision})`, t => session(t, kind, document));
  }
}

async function session(t, kind, document) {
  const transport = new kind.stdio.StdioClientTransport({
    command: resolve(binary),
    args: ['serve', '--spec', resolve(document), '--log-level', 'warn'],
    env: {
      ...kind.stdio.getDefaultEnvironment(),
      RETOOL_URL: upstream.address,
      RETOOL_ACCESS_TOKEN: TOKEN,
      XDG_CACHE_HOME: folder,
    },
    stderr: 'pipe',
  });
  let log = '';
  transport.stderr.on('data', chunk => { log += chunk; });
  let revision;
  if (kind.stdio === v1stdio) {
    transport.setProtocolVersion = version => { revision = version; };
  }
  const client = kind.client();
  await client.connect(transport);
  t.after(() => client.close());
  revision ??= client.getNegotiatedProtocolVersion();
  assert.equal(revision, kind.revision);
  assert.equal(client.getServerVersion().name, 'retool-mcp');
  assert.match(client.getInstructions(), /next_token/);

  const { tools } = await client.listTools();
  const tool = name => tools.find(t => t.name === name) ?? assert.fail(`no tool ${name}`);
  const call = async (name, args) => {
    upstream.requests.length = 0;
    const result = await client.callTool({ name, arguments: args });
    assert.equal(result.content.length, 1);
    assert.equal(result.content[0].type, 'text');
    const { text } = result.content[0];
    assert.ok(!text.includes(TOKEN), 'the token must stay inside');
    return { text, failed: result.isError === true, sent: [...upstream.requests] };
  };

  await t.test('every schema compiles', () => {
    const validator = new kind.validator();
    for (const { name, inputSchema } of tools) {
      assert.doesNotThrow(() => validator.getValidator(inputSchema), name);
    }
    const fits = validator.getValidator(tool('create_user').inputSchema);
    assert.ok(fits({ email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace' }).valid);
    assert.ok(!fits({ email: 'ada@example.com' }).valid);
  });

  await t.test('every tool states its hints', () => {
    for (const { name, annotations, description } of tools) {
      for (const hint of ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']) {
        assert.equal(typeof annotations[hint], 'boolean', `${name} ${hint}`);
      }
      assert.ok(description.length > 0, name);
    }
    assert.ok(tool('list_users').annotations.readOnlyHint);
    assert.ok(tool('delete_user').annotations.destructiveHint);
  });

  await t.test('the list is within the limits of all clients', { skip: !existsSync(LIST_CHECK) && 'the reference data is not beside the checkout' }, () => {
    const file = join(folder, 'list.json');
    writeFileSync(file, JSON.stringify({ tools }));
    const errors = listErrors(file).filter(e => !ACCEPTED.includes(e.rule));
    assert.deepEqual(errors, []);
  });

  await t.test('a list leads to its next page', async () => {
    const first = await call('list_users', { limit: 2 });
    assert.equal(first.failed, false, first.text);
    assert.deepEqual(first.sent.map(r => r.line), ['GET /api/v2/users?limit=2']);
    const [data, line] = first.text.split('\n\n');
    assert.deepEqual(JSON.parse(data).data.map(u => u.id), ['user_1', 'user_2']);
    const next = JSON.parse(line.match(/call list_users with (\{.*\})$/)[1]);
    assert.deepEqual(next, { limit: 2, next_token: 'page 2' });
    const second = await call('list_users', next);
    assert.deepEqual(second.sent.map(r => r.line), ['GET /api/v2/users?limit=2&next_token=page%202']);
    assert.deepEqual(JSON.parse(second.text).data.map(u => u.id), ['user_3']);
  });

  await t.test('a read goes out with the token', async () => {
    const { text, sent } = await call('get_user', { userId: 'user_1', includeGroups: true });
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users/user_1?includeGroups=true']);
    assert.equal(sent[0].authorization, `Bearer ${TOKEN}`);
    assert.equal(JSON.parse(text).data.id, 'user_1');
  });

  await t.test('a write sends what was given and no more', async () => {
    const user = { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', metadata: { n: 9007199254740991, none: null } };
    const { text, sent } = await call('create_user', user);
    assert.deepEqual(sent.map(r => r.line), ['POST /api/v2/users']);
    assert.deepEqual(JSON.parse(sent[0].body), user);
    assert.equal(JSON.parse(text).data.email, 'ada@example.com');
  });

  await t.test('a union goes through as it is', async () => {
    const given = { subject: { type: 'group', id: 7 }, object: { type: 'app', id: 'c0ffee00-0000-4000-8000-000000000000' }, access_level: 'use' };
    const { failed, text, sent } = await call('grant_permissions', given);
    assert.deepEqual(JSON.parse(sent[0].body), given);
    assert.ok(failed);
    assert.match(text, /^HTTP 403 Forbidden: not with this token\n.*permissions:write/);
  });

  await t.test('no answer is an answer', async () => {
    const { text, failed, sent } = await call('delete_user', { userId: 'user_1' });
    assert.deepEqual(sent.map(r => r.line), ['DELETE /api/v2/users/user_1']);
    assert.equal(failed, false);
    assert.match(text, /^Done: delete_user succeeded/);
  });

  await t.test('what is clearly meant is put right', async () => {
    const { sent } = await call('list_users', { limit: '2' });
    assert.deepEqual(sent.map(r => r.line), ['GET /api/v2/users?limit=2']);
  });

  await t.test('wrong arguments are explained and not sent', async () => {
    for (const [name, args, reason] of [
      ['get_user', {}, /userId: missing/],
      ['get_user', { userId: '..' }, /userId: must/],
      ['create_user', { email: 'a@example.com', firstname: 'A', last_name: 'B' }, /did you mean first_name/],
      ['list_users', { limit: 101 }, /from 1 to 100/],
    ]) {
      const { text, failed, sent } = await call(name, args);
      assert.ok(failed, text);
      assert.match(text, reason);
      assert.deepEqual(sent, [], 'nothing may be sent');
    }
  });

  await t.test('a failure says what to do', async () => {
    const { text, failed } = await call('get_user', { userId: 'user_9' });
    assert.ok(failed);
    assert.match(text, /^HTTP 404 Not Found: no such user\n.*list_users/);
  });

  await t.test('an unknown tool is a fault of the call', async () => {
    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), /no_such_tool/);
  });

  await t.test('calls run side by side', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => `user_${i % 3 + 1}`);
    const texts = await Promise.all(ids.map(async userId => {
      const { content } = await client.callTool({ name: 'get_user', arguments: { userId } });
      return JSON.parse(content[0].text).data.id;
    }));
    assert.deepEqual(texts, ids);
  });

  await client.close();
  assert.equal(log, '', 'nothing is logged that is no warning');
}

// listErrors runs the list check, which prints one JSON object a line and fails
// when it finds errors.
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
  return lines.slice(0, -1);
}

// retool is a Retool with three users that records what it is asked.
function retool() {
  const users = ['user_1', 'user_2', 'user_3'].map(id => ({ id, email: `${id}@example.com` }));
  const answer = (request, url, body) => {
    const [, id] = url.pathname.match(/^\/api\/v2\/users\/(\w+)$/) ?? [];
    switch (true) {
      case request.method === 'GET' && url.pathname === '/api/v2/users': {
        const more = url.searchParams.get('next_token') === null;
        const data = more ? users.slice(0, 2) : users.slice(2);
        return [200, { success: true, data, total_count: 3, next_token: more ? 'page 2' : null, has_more: more }];
      }
      case request.method === 'POST' && url.pathname === '/api/v2/users':
        return [200, { success: true, data: { id: 'user_4', ...JSON.parse(body) } }];
      case id && !users.some(u => u.id === id):
        return [404, { success: false, message: 'no such user' }];
      case id && request.method === 'GET':
        return [200, { success: true, data: users.find(u => u.id === id) }];
      case id && request.method === 'DELETE':
        return [204];
      default:
        return [403, { success: false, message: 'not with this token' }];
    }
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    self.requests.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
    const [status, data] = answer(request, new URL(request.url, 'http://retool'), body);
    if (data) response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.writeHead(status).end(data && JSON.stringify(data));
  });
  const self = {
    requests: [],
    address: '',
    listen: () => new Promise(done => server.listen(0, '127.0.0.1', () => {
      self.address = `http://127.0.0.1:${server.address().port}`;
      done();
    })),
    close: () => { server.closeAllConnections(); server.close(); },
  };
  return self;
}
