// Checks a list of tools with the check of the reference data, which knows the
// limits of all clients.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const LIST_CHECK = resolve(import.meta.dirname, '../../../shared/check-tools.mjs');
// Too many tools at once is the one thing that a whole API cannot avoid.
const ACCEPTED = ['O2-tool-count', 'W1-tool-count'];

// skipped is why there is no such check, if so.
export const skipped = !existsSync(LIST_CHECK) && 'the reference data is not beside the checkout';

// listErrors runs the check, which prints one JSON object a line and fails when it
// finds errors.
export function listErrors(file) {
  let out;
  try {
    out = execFileSync(process.execPath, [LIST_CHECK, file, '--server', 'retool', '--min', 'error'], { encoding: 'utf8' });
  } catch (error) {
    if (error.status !== 1) throw error;
    out = error.stdout;
  }
  const lines = out.trim().split('\n').map(line => JSON.parse(line));
  assert.ok(lines.at(-1).summary, 'the list check ran to its end');
  return lines.slice(0, -1).filter(e => !ACCEPTED.includes(e.rule));
}
