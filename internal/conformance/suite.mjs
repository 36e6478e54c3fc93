// Runs the official conformance suite and reads its results.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { node } from './programs.mjs';

const MODULES = join(import.meta.dirname, 'node_modules');
const SUITE = join(MODULES, '@modelcontextprotocol/conformance');
const LEAST_NODE = '22.0';
const RUN_MS = 600_000;

export const { version } = JSON.parse(readFileSync(join(SUITE, 'package.json'), 'utf8'));

// The requirement sets, which are the revisions of the protocol.
export const REVISIONS = ['2025-11-25', '2026-07-28'];

// run checks the server at url against the requirements of a revision, and returns the
// scenarios by name: whether they are scored, and the worst status of each check by ID.
export async function run(url, revision, folder) {
  const args = [join(SUITE, 'dist/index.js'), 'server', '--url', url, '--requirements', revision, '-o', folder];
  const output = await new Promise((done, fail) => {
    execFile(node(LEAST_NODE, MODULES), args, { timeout: RUN_MS, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      // Status 1 means that a check failed; the results have the details.
      if (error && error.code !== 1) fail(new Error(`the suite failed: ${error.message}\n${stdout}${stderr}`));
      else done(stdout + stderr);
    });
  });
  const scenarios = read(folder);
  const { scored, unscored } = required(revision);
  for (const name of [...scored, ...unscored]) {
    if (!scenarios.has(name)) throw new Error(`the suite has no result of ${name}\n${output}`);
    scenarios.get(name).scored = scored.includes(name);
  }
  return scenarios;
}

function required(revision) {
  const { server, not_scored } = parse(readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8'));
  return { scored: server, unscored: not_scored.filter(s => s.leg === 'server').map(s => s.scenario) };
}

// The statuses of a check. The last two mean that there was nothing to check.
export const WORST_FIRST = ['FAILURE', 'WARNING', 'SUCCESS', 'SKIPPED', 'INFO'];

function read(folder) {
  const scenarios = new Map();
  for (const name of readdirSync(folder)) {
    const [, scenario] = name.match(/^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/) ?? [];
    if (!scenario) throw new Error(`the suite wrote ${name}, which is no result of a scenario`);
    const checks = new Map();
    for (const check of JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8'))) {
      const known = checks.get(check.id);
      if (!known || WORST_FIRST.indexOf(check.status) < WORST_FIRST.indexOf(known.status)) {
        checks.set(check.id, { status: check.status, message: check.errorMessage ?? check.details?.message ?? '' });
      }
    }
    scenarios.set(scenario, { checks });
  }
  return scenarios;
}

// failed reports whether a check failed. A warning counts: it is a SHOULD that is not
// met.
export const failed = ({ status }) => status === 'FAILURE' || status === 'WARNING';
