// The MCP Inspector as a client, by its command line.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { node } from '../conformance/programs.mjs';

const MODULES = join(import.meta.dirname, 'node_modules');
const PACKAGE = join(MODULES, '@modelcontextprotocol/inspector');
const LAUNCHER = join(PACKAGE, 'clients/launcher/build/index.js');
const LEAST_NODE = '22.19';

const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
export const INSPECTOR = `inspector ${version}`;

const CONNECTIONS = join(PACKAGE, 'clients/mcpdo/build/mcp-bin.js');

// The protocol versions that it can use.
export const ERAS = ['legacy', 'auto', 'modern'];

// A server to inspect: one that it starts itself, or one at an address.
export const started = (command, args, env) => ({
  options: Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
  target: ['--', command, ...args],
});
export const reached = (url, headers) => ({
  options: [url, '--stored-auth-only', ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])],
  target: [],
});

// connections opens its connections, which outlive a command and can ask the user. Each
// command returns its result, or fails with the error.
export function connections(folder) {
  const env = {
    PATH: process.env.PATH, HOME: folder, MCP_CATALOG_PATH: join(folder, 'inspector.json'), MCP_INSPECTOR_SECRET_STORE: 'memory',
    MCP_INSPECTOR_DAEMON_DIR: join(folder, 'daemon'), MCP_INSPECTOR_DAEMON_TOKEN: 'token-of-the-inspectors-daemon',
  };
  const run = (...args) => new Promise((done, fail) => {
    const child = execFile(node(LEAST_NODE, MODULES), [CONNECTIONS, '--format', 'json', ...args], { env }, (error, stdout, stderr) => {
      if (stdout) done(JSON.parse(stdout));
      else fail(new Error(`${args[0]}: ${stderr || error}`));
    });
    child.stdin.end();
  });
  return {
    connect: (name, era, elicit, { options, target }) => run('connect', '--era', era, '--elicit', elicit, ...options, `@${name}`, ...target),
    call: (name, tool, args) => run('--connection', name, 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args)),
    respond: (id, ...answer) => run('elicitation/respond', id, ...answer),
    stop: () => run('daemon', 'stop'),
  };
}

// inspect runs one method and returns the exit status, and the result or the error.
// The Inspector keeps its files in the folder.
export function inspect({ options, target }, era, folder, method, ...args) {
  const env = {
    PATH: process.env.PATH, HOME: folder,
    MCP_CATALOG_PATH: join(folder, 'inspector.json'), MCP_CLIENT_CONFIG_PATH: join(folder, 'inspector-client.json'),
  };
  const line = [LAUNCHER, '--cli', ...options, '--protocol-era', era, '--format', 'json', '-q', '--method', method, ...args, ...target];
  return new Promise(done => {
    execFile(node(LEAST_NODE, MODULES), line, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      done({ status: error ? error.code : 0, result: stdout && JSON.parse(stdout).result, problem: stderr });
    });
  });
}
