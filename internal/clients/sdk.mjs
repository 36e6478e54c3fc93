// The official SDKs as clients: in each version of the protocol, over each transport.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v1 from '@modelcontextprotocol/sdk/client';
import { SSEClientTransport as V1SSE } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport as V1Stdio, getDefaultEnvironment } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { StreamableHTTPClientTransport as V1HTTP } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { AjvJsonSchemaValidator as V1Validator } from '@modelcontextprotocol/sdk/validation/ajv';
import * as v2 from '@modelcontextprotocol/client';
import { StdioClientTransport as V2Stdio } from '@modelcontextprotocol/client/stdio';
import { AjvJsonSchemaValidator as V2Validator } from '@modelcontextprotocol/client/validators/ajv';

const ME = { name: 'retool-mcp-clients', version: '0.0.0' };
const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
const OLD = {
  Stdio: V1Stdio, HTTP: V1HTTP, SSE: V1SSE, Validator: V1Validator,
  call: (client, params, options) => client.callTool(params, undefined, options),
  answer: (client, handler) => client.setRequestHandler(ElicitRequestSchema, handler),
};
const NEW = {
  Stdio: V2Stdio, HTTP: v2.StreamableHTTPClientTransport, SSE: v2.SSEClientTransport, Validator: V2Validator,
  call: (client, params, options) => client.callTool(params, options),
  answer: (client, handler) => client.setRequestHandler('elicitation/create', handler),
};
const name = (of, mode) => `${of.replace(/.*\//, '')} ${dependencies[of]}${mode}`;
const newer = (mode, revision, versionNegotiation) => ({
  ...NEW, revision, name: name('@modelcontextprotocol/client', mode),
  client: options => new v2.Client(ME, { ...options, versionNegotiation }),
});

// The clients, with the protocol revision that each must negotiate.
export const CLIENTS = [
  { ...OLD, revision: '2025-11-25', name: name('@modelcontextprotocol/sdk', ''), client: options => new v1.Client(ME, options) },
  newer('', '2025-11-25'),
  newer(', negotiating', '2026-07-28', { mode: 'auto' }),
  newer(', pinned', '2026-07-28', { mode: { pin: '2026-07-28' } }),
];

// connect connects a client of that kind over a new transport and returns the
// negotiated revision of the protocol.
export async function connect(kind, transport, options = {}) {
  let revision;
  const { setProtocolVersion } = transport;
  transport.setProtocolVersion = version => {
    revision = version;
    setProtocolVersion?.call(transport, version);
  };
  const client = kind.client(options);
  await client.connect(transport);
  return { client, revision: client.getNegotiatedProtocolVersion?.() ?? revision };
}

// Transports by kind of server.
export const stdio = (kind, command, args, env) =>
  new kind.Stdio({ command, args, env: { ...getDefaultEnvironment(), ...env }, stderr: 'pipe' });
export const http = (kind, address, headers) => new kind.HTTP(new URL('/mcp', address), { requestInit: { headers } });
export const sse = (kind, address, headers) => new kind.SSE(new URL('/sse', address), { requestInit: { headers } });
