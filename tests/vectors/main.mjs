// Translation vectors of our own. An input is WHAT/SOURCE/NAME.json (a stream: NAME.sse or NAME.ndjson), where WHAT is
// requests, answers or streams and SOURCE the dialect that it is written in; NAME begins with its kind where that is not
// chat ("embedding-texts"). Beside it stands NAME.expected.json with a section for each other dialect:
//   {"warnings": [...], "body": {...}}   what goes out, and what the client is told was lost
//   {"refused": "..."}                   nothing goes out, for this reason
//   {"events": [...]}                    streams
// "=": NAME in an object stands for the members that shared.json has under NAME.
// Warnings and refusals are part of it: that nothing is dropped in silence is what is tested here.
//
// `tests/vectors/run --write [NAME...]` writes the expectations anew from what the programs say now. That makes no test of
// them: they hold only because A PERSON HAS READ EACH against the vendors' API before it was committed, so read the whole
// `git diff` after --write. A section with "by_hand": "why" was written by that person because the program was wrong: it is
// left alone by --write and fails until the program does it; then take "by_hand" out.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { collapse, differences, parseEvents, print } from './compare.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const dialects = ['openai', 'responses', 'anthropic', 'gemini', 'ollama'];
// Inputs that only some targets can meet: answers that no other client can have asked for; thinking that comes back to the
// provider that made it, and to one that did not.
const only = { 'answers/responses/custom-call': ['openai'], 'streams/responses/custom-call': ['openai'], 'answers/openai/choices': ['gemini'],
  'requests/anthropic/thinking-returns': ['gemini', 'openai'], 'requests/gemini/thinking-returns': ['anthropic', 'openai'],
  'requests/responses/thinking-returns': ['anthropic', 'openai'] };
// Which dialects a kind has an endpoint in; the others are no targets.
const spoken = { chat: dialects, count: ['anthropic', 'gemini', 'responses'], embedding: ['openai', 'gemini', 'ollama'],
  completion: ['openai', 'ollama', 'llama'] };
const atOnce = 2;
const words = { requests: 'request', answers: 'answer', streams: 'stream' };

function inputs(asked) {
  const out = [];
  for (const folder of Object.keys(words)) {
    for (const source of fs.readdirSync(path.join(here, folder))) {
      for (const file of fs.readdirSync(path.join(here, folder, source)).sort()) {
        if (file.endsWith('.expected.json')) continue;
        const base = file.replace(/\.(json|sse|ndjson)$/, '');
        const name = `${folder}/${source}/${base}`;
        if (asked.length && !asked.some((word) => name.includes(word))) continue;
        const kind = Object.keys(spoken).find((word) => base.startsWith(`${word}-`)) ?? 'chat';
        const targets = (only[name] ?? spoken[kind]).filter((target) => target !== source);
        out.push({ what: words[folder], source, kind, targets, name, input: path.join(here, folder, source, file),
          expected: path.join(here, folder, source, `${base}.expected.json`) });
      }
    }
  }
  return out;
}

// Gemini has the model's name in the address, not in the body; its embeddings do not name it either.
const modelOf = ({ what, source, kind }) => (source === 'gemini' && (what === 'request' || kind === 'embedding') ? ['gemini-model'] : []);

// Leaks are what the unit tests look for: here the search would take a third of the time.
const env = { ...process.env, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` };

function translate(one, target) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(process.env.HEARTH_BIN, 'hearth-translate'),
      [one.what, one.source, target, one.kind, ...modelOf(one)], { env });
    let out = '', told = '';
    child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
    child.stderr.setEncoding('utf8').on('data', (text) => { told += text; });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out, told }));
    child.stdin.on('error', () => {});
    child.stdin.end(fs.readFileSync(one.input));
  });
}

// What the program did as a section of the expectation; a crash or a body that is no JSON is a section that fits none.
function section(one, target, { status, out, told }) {
  if (status === 3) return { refused: told.trim().replace(/^refused: /, '') };
  if (status !== 0) return { broken: `exit status ${status}: ${told.slice(-400)}` };
  const lines = told.split('\n').filter(Boolean);
  const warnings = lines.map((line) => line.replace(/^warning: /, ''));
  try {
    if (one.what === 'stream') return { events: parseEvents(out, target) };
    const body = JSON.parse(out);
    return one.what === 'request' ? { warnings, body } : { body };
  } catch (error) {
    return { broken: `${error.message}: ${out.slice(0, 400)}` };
  }
}

async function sections(one) {
  const made = {};
  for (const target of one.targets) made[target] = collapse(section(one, target, await translate(one, target)));
  return made;
}

const expectedOf = (one) => (fs.existsSync(one.expected) ? JSON.parse(fs.readFileSync(one.expected, 'utf8')) : {});

function judge(one, made) {
  const wanted = expectedOf(one);
  const targets = new Set([...one.targets, ...Object.keys(wanted)]);
  return [...targets].map((target) => {
    const { by_hand: why, ...want } = wanted[target] ?? {};
    const diffs = target in wanted ? differences(want, made[target]) : ['nothing is expected; --write, then read it'];
    return { name: `${one.name} -> ${target}`, diffs: why && diffs.length ? [why, ...diffs] : diffs };
  });
}

function writeExpected(one, made) {
  const kept = Object.entries(expectedOf(one)).filter(([target, section]) => section.by_hand && target in made);
  fs.writeFileSync(one.expected, `${print({ ...made, ...Object.fromEntries(kept) })}\n`);
}

const write = process.argv.includes('--write');
const cases = inputs(process.argv.slice(2).filter((word) => !word.startsWith('--')));
const results = new Array(cases.length);
let next = 0;
async function worker() {
  while (next < cases.length) {
    const at = next++;
    results[at] = await sections(cases[at]);
  }
}
await Promise.all(Array.from({ length: atOnce }, worker));

let passed = 0, failed = 0;
cases.forEach((one, at) => {
  if (write) writeExpected(one, results[at]);
  for (const { name, diffs } of judge(one, results[at])) {
    if (diffs.length === 0) {
      passed += 1;
      console.log(`ok ${name}`);
    } else {
      failed += 1;
      console.log(`FAILED ${name}\n${diffs.slice(0, 12).map((line) => `    ${line}`).join('\n')}`);
    }
  }
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || passed === 0 ? 1 : 0);
