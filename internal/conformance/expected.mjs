// Compares results with the expected failures.
//
// A file of expected failures is a list in YAML. An entry has
//
//   because  why it fails, in words
//   fails    what fails, each "scenario:check", or "scenario" for all its checks
//   saying   a regular expression that the suite's message must match, so that
//            no other failure passes for this one; optional
//   runs     words that the name of a run must have for the entry to count;
//            optional
import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { failed } from './suite.mjs';

const KEYS = ['because', 'fails', 'saying', 'runs'];

export function expectations(file) {
  const entries = parse(readFileSync(file, 'utf8'));
  for (const entry of entries) {
    const stranger = Object.keys(entry).find(key => !KEYS.includes(key));
    if (stranger) throw new Error(`${file}: an entry has "${stranger}", which nobody reads`);
    if (!entry.because || !entry.fails?.length) throw new Error(`${file}: an entry needs because and fails`);
  }
  return entries;
}

// compare returns the differences as lines: unexpected failures, and expected ones
// that did not occur.
export function compare(scenarios, entries, words) {
  const expected = new Map();
  for (const { runs = [], fails, saying } of entries) {
    if (!runs.every(word => words.includes(word))) continue;
    for (const name of fails) {
      if (expected.has(name)) throw new Error(`${name} is expected twice in ${words.join(' ')}`);
      expected.set(name, new RegExp(saying ?? ''));
    }
  }
  const met = new Set();
  const problems = [];
  for (const [scenario, { checks }] of scenarios) {
    for (const [id, check] of checks) {
      if (!failed(check)) continue;
      const name = [`${scenario}:${id}`, scenario].find(n => expected.get(n)?.test(check.message));
      if (name) met.add(name);
      else problems.push(`${scenario}:${id} fails: ${check.message.slice(0, LONGEST)}`);
    }
  }
  for (const name of expected.keys()) {
    if (!met.has(name)) problems.push(`${name} is expected to fail and does not, or not so: put it right in the list`);
  }
  return problems;
}

// Some messages repeat the whole list of tools.
const LONGEST = 300;
