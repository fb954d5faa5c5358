import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expected, readVectors } from './vectors.mjs';
import { fold } from './streams.mjs';
import { normalise, differences } from './meaning.mjs';

const at = process.argv.indexOf('--dir');
const root = at > 0 ? process.argv[at + 1] : process.env.HEARTH_GOLDENS;
const only = process.argv.slice(2).find((word) => !word.startsWith('--') && word !== root);
if (!root || !fs.existsSync(path.join(root, 'requests'))) {
  console.log('SKIPPED: no golden vectors. ./dev test goldens --dir PATH, where PATH has requests/ and response/.');
  console.log('0 passed, 0 failed');
  process.exit(0);
}
const here = path.dirname(new URL(import.meta.url).pathname);
const { leftOut, explained } = JSON.parse(fs.readFileSync(path.join(here, 'decided.json'), 'utf8'));

function translate({ what, from, to, kind, input }) {
  const run = spawnSync(path.join(process.env.HEARTH_BIN, 'hearth-translate'), [what, from, to, kind],
    { input: fs.readFileSync(input), encoding: 'utf8' });
  return { status: run.status, out: run.stdout, told: run.stderr };
}

function compare(one) {
  const made = translate(one);
  if (made.status !== 0) return [`refused: ${made.told.trim()}`];
  const want = expected(one.snap);
  if (one.what === 'stream') {
    return differences(normalise(fold[one.to](want.stream), one), normalise(fold[one.to](made.out), one, made.told));
  }
  const theirs = want.json.request ?? want.json.response ?? want.json;
  return differences(normalise(theirs, one, made.told), normalise(JSON.parse(made.out), one, made.told));
}

const { cases, files } = readVectors(root);
const ruled = (name) => leftOut.find((rule) => new RegExp(rule.files).test(name));
const taken = new Set(cases.map((one) => one.name));
const unruled = files.filter((name) => !taken.has(name) && !ruled(name));
let equal = 0, known = 0, failed = unruled.length, count = 0;
for (const name of unruled) console.log(`FAILED ${name}: neither run nor left out with a reason`);
for (const one of cases) {
  if (ruled(one.name) || (only && !one.name.includes(only))) continue;
  count += 1;
  const diffs = compare(one);
  const reason = explained[one.name];
  if (diffs.length === 0) {
    equal += 1;
    if (reason) console.log(`stale  ${one.name}: is equal, yet explained as different`);
  } else if (reason) {
    known += 1;
    console.log(`differs as decided: ${one.name}: ${reason}`);
  } else {
    failed += 1;
    console.log(`FAILED ${one.name}\n${diffs.slice(0, 12).map((line) => `    ${line}`).join('\n')}`);
  }
}
const share = count ? (100 * equal) / count : 0;
console.log(`${count} vectors: ${equal} equal (${share.toFixed(1)} %), ${known} different as decided, ${files.length - cases.length} files left out`);
if (!only && share < 95) {
  failed += 1;
  console.log('FAILED: fewer than 95 % are equal');
}
console.log(`${equal + known} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
