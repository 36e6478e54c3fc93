// What a connected client learns when the document changes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

import { connect } from './sdk.mjs';

const PATIENCE_MS = 10_000;

// hears reports whether a client can receive notifications outside of requests: the
// older revision needs a session for them.
export const hears = (way, kind) => way.name !== 'http' || kind.revision !== '2025-11-25';

// changes makes the server read a document in which users are called persons.
export async function changes(t, { kind, server, transport, document }) {
  let told;
  const news = new Promise((done, fail) => {
    told = (error, tools) => (error ? fail(error) : done(tools));
    setTimeout(fail, PATIENCE_MS, new Error('nobody told the client that the list has changed')).unref();
  });
  const { client } = await connect(kind, transport, { listChanged: { tools: { onChanged: told } } });
  t.after(() => client.close());
  const names = tools => tools.map(tool => tool.name);
  const { tools } = await client.listTools();
  assert.ok(names(tools).includes('get_user'));
  assert.ok(!names(tools).includes('get_person'));
  writeFileSync(document, readFileSync(document, 'utf8').replace(/^( *"?)\/users\/\{userId\}("?:)/m, '$1/persons/{userId}$2'));
  server.signal('SIGHUP');
  const then = names(await news);
  assert.ok(!then.includes('get_user'));
  assert.ok(then.includes('get_person'));
}
