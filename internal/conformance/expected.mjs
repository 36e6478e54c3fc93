// Compares results with what is known to fail.
//
// A file of expected failures is a list in YAML. An entry says what fails, as
// "scenario" or "scenario:check", and because of what; runs, if there, are the
// words that the name of a run must have for the entry to count.
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { failed } from './suite.mjs';

export function expectations(file) {
  const entries = parse(readFileSync(file, 'utf8'));
  for (const { because, runs = [], fails, ...rest } of entries) {
    const fine = typeof because === 'string' && Array.isArray(runs) && Array.isArray(fails) && Object.keys(rest).length === 0;
    if (!fine) throw new Error(`${file}: an entry has because, fails, and perhaps runs`);
  }
  return entries;
}

// compare returns what is not as expected, as lines: failures that nobody
// expects, and expectations that do not come true.
export function compare(scenarios, entries, words) {
  const expected = new Set();
  for (const { runs = [], fails } of entries) {
    if (!runs.every(word => words.includes(word))) continue;
    for (const name of fails) {
      if (expected.has(name)) throw new Error(`${name} is expected twice in ${words.join(' ')}`);
      expected.add(name);
    }
  }
  const met = new Set();
  const problems = [];
  for (const [scenario, { checks }] of scenarios) {
    for (const [id, check] of checks) {
      if (!failed(check)) continue;
      const names = [scenario, `${scenario}:${id}`].filter(name => expected.has(name));
      names.forEach(name => met.add(name));
      if (names.length === 0) problems.push(`${scenario}:${id} fails: ${check.message}`);
    }
  }
  for (const name of expected) {
    if (!met.has(name)) problems.push(`${name} is expected to fail and does not: take it off the list`);
  }
  return problems;
}
