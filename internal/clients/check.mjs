// Checks a retool-mcp binary with the official clients of MCP, over each
// transport, against an emulated Retool on a loopback address.
//
//   node check.mjs BINARY DOCUMENT...
//
// Each document is served over stdio, the first one over HTTP too.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';

import { changes, hears } from './changes.mjs';
import { ERAS, inspect, INSPECTOR, reached, started } from './inspector.mjs';
import { retool } from './retool.mjs';
import { CLIENTS, connect } from './sdk.mjs';
import { askedByInspector, inspectedScripts, scripts } from './scripts.mjs';
import { read, session } from './session.mjs';
import { BEARER, environment, overStdio, REMOTE, SECRET, serve } from './ways.mjs';

const [binary, ...documents] = process.argv.slice(2);
if (documents.length === 0) {
  console.error('usage: node check.mjs BINARY DOCUMENT...');
  process.exit(2);
}

const upstream = retool();
const folder = mkdtempSync(join(tmpdir(), 'retool-mcp-clients-'));

before(() => upstream.listen());
after(() => {
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const document of documents) {
  for (const kind of CLIENTS) {
    test(`stdio, ${basename(document)}, ${kind.name} (${kind.revision})`, async t => {
      const { transport, warnings } = overStdio(kind, binary, document, environment(upstream, folder));
      const { client, revision } = await connect(kind, transport);
      t.after(() => client.close());
      assert.equal(revision, kind.revision);
      await session(t, { kind, client, upstream, folder });
      await client.close();
      assert.equal(warnings(), '', 'nothing is logged');
    });
  }
}

for (const kind of CLIENTS) {
  test(`stdio, ${kind.name}: scripts`, t =>
    scripts(t, { kind, way: 'stdio', upstream, open: () => overStdio(kind, binary, documents[0], environment(upstream, folder)).transport }));
}

for (const way of REMOTE) {
  for (const kind of CLIENTS) {
    test(`${way.name}, ${kind.name}: scripts`, t => served(way, server =>
      scripts(t, { kind, way: way.name, upstream, open: () => way.transport(kind, server.address, BEARER) })));

    test(`${way.name}, ${kind.name} (${kind.revision})`, t => served(way, async server => {
      const transport = way.transport(kind, server.address, BEARER);
      const { client, revision } = await connect(kind, transport);
      t.after(() => client.close());
      assert.equal(revision, kind.revision);
      await session(t, { kind, client, upstream, folder });
      const { sessionId } = transport;
      assert.equal(typeof sessionId === 'string', way.name === 'http, stateful' && revision === '2025-11-25', 'only those have a session');
      await transport.terminateSession?.();
      await client.close();
      assert.equal(server.warnings(), '', 'nothing is logged');
    }));

    test(`${way.name}, ${kind.name}: authorization`, t => served(way, async server => {
      for (const headers of [{}, { Authorization: 'Bearer wrong-secret-of-the-server' }]) {
        await assert.rejects(connect(kind, way.transport(kind, server.address, headers)), error => [error.code, error.status].includes(401));
      }
      const { client } = await connect(kind, way.transport(kind, server.address, { ...BEARER, 'X-MCP-Toolsets': 'users', 'X-MCP-Readonly': 'true' }));
      t.after(() => client.close());
      const { tools } = await client.listTools();
      assert.deepEqual(tools.filter(tool => !tool.annotations.readOnlyHint), [], 'only callable tools are listed');
      assert.ok(tools.some(tool => tool.name === 'list_users'));
      upstream.requests.length = 0;
      const { isError, content } = await client.callTool({ name: 'disable_user', arguments: { userId: 'user_1' } });
      assert.ok(isError);
      assert.match(content[0].text, /read-only/);
      assert.deepEqual(upstream.requests, []);
    }));

    test(`${way.name}, ${kind.name}: the list changes`, { skip: !hears(way, kind) && 'there is no stream for notifications' }, async t => {
      const document = join(folder, 'changing.yaml');
      copyFileSync(documents[0], document);
      await served(way, server => changes(t, { kind, server, transport: way.transport(kind, server.address, BEARER), document }), document);
    });
  }
}

for (const era of ERAS) {
  test(`stdio, ${INSPECTOR}, ${era}`, () =>
    inspected(started(resolve(binary), ['serve', '--spec', resolve(documents[0]), '--log-level', 'warn'], environment(upstream, folder)), era));
  test(`stdio, ${INSPECTOR}, ${era}: scripts`, () =>
    askedByInspector({ target: started(resolve(binary), ['serve', '--spec', resolve(documents[0]), '--log-level', 'warn'], environment(upstream, folder)), era, folder, upstream }));
  for (const way of REMOTE) {
    test(`${way.name}, ${INSPECTOR}, ${era}: scripts`, () => served(way, server =>
      inspectedScripts({ target: reached(new URL(way.path, server.address).href, BEARER), era, folder, upstream })));
    test(`${way.name}, ${INSPECTOR}, ${era}`, () => served(way, async server => {
      const url = new URL(way.path, server.address).href;
      await inspected(reached(url, BEARER), era);
      const { status, problem } = await inspect(reached(url, {}), era, folder, 'tools/list');
      assert.equal(status, 3, 'unauthorized');
      assert.match(problem, /auth_required/);
    }));
  }
}

// inspected lists the tools, whose schemas the Inspector checks, and calls one.
async function inspected(target, era) {
  const listed = await inspect(target, era, folder, 'tools/list', '--strict');
  assert.equal(listed.status, 0, listed.problem);
  assert.ok(listed.result.tools.some(tool => tool.name === 'get_user'));
  const called = await inspect(target, era, folder, 'tools/call', '--tool-name', 'get_user', '--tool-args-json', '{"userId":"user_2"}');
  assert.equal(called.status, 0, called.problem);
  assert.equal(read(called.result.content[0].text).data.id, 'user_2');
}

// served runs a server during its check.
async function served(way, check, document = documents[0]) {
  const server = await serve(way, binary, document, environment(upstream, folder));
  try {
    await check(server);
  } finally {
    await server.stop();
  }
  assert.ok(!server.output().includes(SECRET), 'the secret is not logged');
}
