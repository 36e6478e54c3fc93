// The connections of a client to retool-mcp.
import { resolve } from 'node:path';

import { start } from '../conformance/programs.mjs';
import { TOKEN } from './retool.mjs';
import { http, sse, stdio } from './sdk.mjs';

// The secret of callers over HTTP, and its header.
export const SECRET = 'canary-secret-of-the-server';
export const BEARER = { Authorization: `Bearer ${SECRET}` };

// The connections over HTTP: the flags of the server, and the transport of the client.
export const REMOTE = [
  { name: 'http', args: ['--transport', 'http'], transport: http, path: '/mcp' },
  { name: 'http, stateful', args: ['--transport', 'http', '--stateful'], transport: http, path: '/mcp' },
  { name: 'sse', args: ['--transport', 'http,sse'], transport: sse, path: '/sse' },
];

// environment makes retool-mcp call the upstream and keep its files in the folder.
export const environment = (upstream, folder) => ({
  RETOOL_URL: upstream.address, RETOOL_ACCESS_TOKEN: TOKEN, RETOOL_MCP_REQUESTS_PER_MINUTE: "0", XDG_CACHE_HOME: folder,
});

// overStdio lets the client start the server. Without warnings the log is empty.
export function overStdio(kind, binary, document, env) {
  const transport = stdio(kind, resolve(binary), ['serve', '--spec', resolve(document), '--log-level', 'warn'], env);
  let log = '';
  transport.stderr.on('data', chunk => { log += chunk; });
  return { transport, warnings: () => log };
}

// serve starts the server for clients over HTTP with the secret.
export async function serve(way, binary, document, env) {
  const args = [...way.args, '--auth', 'token', '--listen', '127.0.0.1:0', '--log-format', 'json'];
  const server = await start(resolve(binary), ['serve', '--spec', resolve(document), ...args], { ...env, RETOOL_MCP_AUTH_TOKEN: SECRET });
  return {
    ...server,
    warnings: () => server.output().split('\n').filter(line => line && JSON.parse(line).level !== 'INFO').join('\n'),
  };
}
