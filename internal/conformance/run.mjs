// Runs the official conformance suite of MCP against two programs on the same
// transports: one with everything that the suite calls, and retool-mcp itself.
//
//   node run.mjs FIXTURE RETOOL-MCP [WORD...]
//
// Words select the runs whose name contains all of them. The exit status is 1 on an
// unexpected failure, and on an expected one that did not occur.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { compare, expectations } from './expected.mjs';
import { start } from './programs.mjs';
import { REVISIONS, run, version, WORST_FIRST } from './suite.mjs';

const [fixture, binary, ...chosen] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node run.mjs FIXTURE RETOOL-MCP [WORD...]');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'retool-mcp-conformance-'));
const SERVE = ['serve', '--transport', 'http', '--listen', '127.0.0.1:0', '--sandbox'];
const SERVERS = [
  { name: 'fixture', mode: 'stateless', command: fixture, args: [] },
  { name: 'fixture', mode: 'stateful', command: fixture, args: ['--stateful'] },
  { name: 'retool-mcp', mode: 'stateless', command: binary, args: SERVE },
  { name: 'retool-mcp', mode: 'stateful', command: binary, args: [...SERVE, '--stateful'] },
];
const COLUMNS = ['server', 'mode', 'requirements', 'scenarios', 'pass', 'warn', 'fail', 'checks', 'pass', 'warn', 'fail'];

console.log(`@modelcontextprotocol/conformance ${version}\n`);
const rows = [];
const problems = [];
try {
  for (const server of SERVERS) {
    const revisions = REVISIONS.filter(r => chosen.every(word => [server.name, server.mode, r].includes(word)));
    if (revisions.length > 0) await check(server, revisions);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
print([COLUMNS, COLUMNS.map(() => '---'), ...rows]);
if (rows.length === 0) problems.push('no run has all these words');
if (problems.length > 0) {
  console.log(`\nnot as expected:\n${problems.join('\n')}`);
  process.exit(1);
}
console.log('\nAll failures are expected ones.');

async function check({ name, mode, command, args }, revisions) {
  const entries = expectations(join(import.meta.dirname, `expected-${name}.yml`));
  const server = await start(resolve(command), args, { XDG_CACHE_HOME: folder });
  try {
    for (const revision of revisions) {
      const scenarios = await run(`${server.address}/mcp`, revision, join(folder, `${name}-${mode}-${revision}`));
      const words = [name, mode, revision];
      rows.push([...words, ...tally(scenarios)]);
      problems.push(...compare(scenarios, entries, words).map(problem => `${words.join(' ')}: ${problem}`));
    }
  } finally {
    await server.stop();
  }
}

// tally counts the scored scenarios and their checks. The worst check of a scenario
// decides its status.
function tally(scenarios) {
  const scored = [...scenarios.values()].filter(s => s.scored).map(s => [...s.checks.values()].map(c => c.status));
  const worst = scored.map(checks => WORST_FIRST.find(status => checks.includes(status)));
  return [worst, scored.flat()].flatMap(all => {
    const counts = ['SUCCESS', 'WARNING', 'FAILURE'].map(status => all.filter(s => s === status).length);
    return [counts.reduce((a, b) => a + b), ...counts];
  });
}

// print writes a table in Markdown.
function print(lines) {
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map(line => `${line[i]}`.length)));
  for (const line of lines) {
    console.log(`| ${line.map((cell, i) => `${cell}`.padEnd(widths[i], cell === '---' ? '-' : ' ')).join(' | ')} |`);
  }
}
