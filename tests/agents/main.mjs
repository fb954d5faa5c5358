// Real coding agents, headless, through Hearth, against a scripted model with one wire at a time.
//   node main.mjs [--direct | --prove] [FILTER...]
// FILTER: part of "AGENT/CASE>UPSTREAM": claude, opencode/anthropic>gemini, >chat, >engine (a worker of Hearth's own).
// --direct  agents connected directly to the scripted model with their own wire, as a control of the suite itself
// --prove   breaks requests and answers deliberately; passes if the checks notice. Runs first when there is no filter
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './lib/install.mjs';
import { ask } from './lib/malformed.mjs';
import { attempt, line, table } from './lib/matrix.mjs';
import { startGateway, startModel, wires } from './lib/places.mjs';

const options = process.argv.slice(2);
const has = (flag) => options.includes(flag);
const filters = options.filter((word) => !word.startsWith('--'));
const wanted = (title) => filters.length === 0 || filters.some((filter) => title.includes(filter));
const print = (text) => console.log(text);
const here = path.dirname(fileURLToPath(import.meta.url));

// Started programs end with this program (`exit`), also on a signal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

const agents = [];
for (const file of fs.readdirSync(path.join(here, 'agents')).sort()) agents.push((await import(`./agents/${file}`)).default);

let passed = 0, failed = 0;
const cells = new Map();
function record(row, column, outcome, title) {
  if (!cells.has(row)) cells.set(row, new Map());
  const good = outcome.faults.length === 0;
  if (good) passed += 1;
  else failed += 1;
  cells.get(row).set(column, good ? `ok ${outcome.seconds.toFixed(1)} s` : 'FAILED');
  print(line(outcome, title));
}

// Installs only the agents that match the filters. Returns the cases of the installed agents.
function prepare(titles) {
  const there = [];
  for (const agent of agents) {
    const cases = agent.cases.filter((one) => titles(agent, one).some(wanted));
    if (cases.length === 0) continue;
    const reason = install(agent, print);
    if (reason) {
      failed += 1;
      cells.set(agent.name, new Map(wires.map((wire) => [wire, 'missing'])));
      print(`FAILED ${agent.name} could not be installed: ${reason}`);
    } else there.push(...cases.map((one) => ({ agent, one })));
  }
  return there;
}

async function direct() {
  const model = await startModel('');
  const titleOf = (agent, one) => `${agent.name}/${one.name}>${one.wire}`;
  for (const { agent, one } of prepare((a, o) => [titleOf(a, o)])) {
    record(`${agent.name}/${one.name}`, one.wire, await attempt({ agent, one, base: model.base, model }), titleOf(agent, one));
  }
  model.stop();
}

const names = [...new Set(agents.flatMap(({ cases }) => cases.flatMap(({ models, model }) => models ?? model)))];

async function throughHearth() {
  const titleOf = (agent, one, wire) => `${agent.name}/${one.name}>${wire}`;
  const there = prepare((a, o) => wires.map((wire) => titleOf(a, o, wire)));
  for (const wire of wires) {
    const todo = there.filter(({ agent, one }) => wanted(titleOf(agent, one, wire)));
    if (todo.length === 0) continue;
    const model = await startModel(wire);
    const refused = (message) => ({ faults: [message], seconds: 0, report: '' });
    const hearth = await startGateway(model, names).catch((error) => {
      print(`Hearth did not start before ${wire}: ${error.message}`);
    });
    for (const { agent, one } of todo) {
      const outcome = hearth ? await attempt({ agent, one, base: hearth.base, model, hearth }) : refused('Hearth did not start');
      record(`${agent.name}/${one.name}`, wire, outcome, titleOf(agent, one, wire));
    }
    await hearth?.stop().catch((error) => record('hearth', wire, refused(error.message), `hearth>${wire}`));
    model.stop();
  }
}

// Sensitivity: the agent, the deliberate fault, and the text that must be among the reported faults. Directly with the
// scripted model, or with Hearth and its own worker between them (the correct case is a cell of the matrix).
const breaks = [
  ['continue/chat', 'ok'],
  ['continue/chat', 'drop-tools', 'notes.txt is'],
  ['continue/chat', 'drop-results', 'the final words'],
  ['continue/responses', 'few-events', 'the final words'],
  ['copilot/anthropic', 'no-names', 'the final words'],
  ['copilot/anthropic', 'no-stop', 'the final words'],
  ['continue/chat>engine', 'drop-tools', 'notes.txt is'],
];

function count(good, text) {
  if (good) passed += 1;
  else failed += 1;
  print(`${good ? 'ok    ' : 'FAILED'} ${text}`);
}

async function proveAt(there, wire, place) {
  const titleOf = (agent, one) => `${agent.name}/${one.name}${wire && `>${wire}`}`;
  for (const { agent, one } of there) {
    for (const [title, mode, expected] of breaks.filter(([name]) => name === titleOf(agent, one))) {
      const outcome = await attempt({ agent, one, mode, ...place });
      const noticed = expected ? outcome.faults.some((fault) => fault.startsWith(expected)) : outcome.faults.length === 0;
      count(noticed, `${title} with ${mode}: ${outcome.faults.map((fault) => fault.slice(0, 100)).join('; ') || 'no faults'} (${outcome.seconds.toFixed(1)} s)`);
    }
  }
}

async function prove() {
  const model = await startModel('');
  const { faults, sent } = await ask(model.base);
  count(faults.length === 0, `${sent} requests, good and malformed, at the scripted model ${faults.join('\n    ')}`);
  const there = prepare((agent, { name }) => breaks.map(([title]) => title).filter((title) => title.split('>')[0] === `${agent.name}/${name}`));
  await proveAt(there, '', { base: model.base, model });
  model.stop();
  if (there.length === 0) return;
  const worker = await startModel('engine');
  const hearth = await startGateway(worker, names);
  await proveAt(there, 'engine', { base: hearth.base, model: worker, hearth });
  await hearth.stop();
  worker.stop();
}

if (has('--direct')) await direct();
else if (has('--prove')) await prove();
else {
  // Without a filter the sensitivity check is part of the suite: a check that cannot fail is worthless.
  if (filters.length === 0) await prove();
  await throughHearth();
}
if (cells.size > 0) print(`\n${table(cells, wires)}\n`);
print(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
