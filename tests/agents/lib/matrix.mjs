// Runs agents against targets and reports the results.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runAgent } from './agent.mjs';
import { startTap } from './tap.mjs';
import { makeTask } from './task.mjs';
import { prefixFaults } from './wires/engine.mjs';

const scratch = process.env.HEARTH_TEST_TMP ?? fs.mkdtempSync(path.join(os.tmpdir(), 'hearth-agents.'));
let runs = 0;

const tail = (text, lines) => text.trimEnd().split('\n').slice(-lines).map((line) => `    | ${line.slice(0, 400)}`).join('\n');
const entryLine = (entry) => `${entry.method} ${new URL(entry.url, 'http://upstream').pathname} (${entry.raw.length} B) -> ${entry.outcome.slice(0, 300)}`;

// Runs one agent once. Resolves to { faults, seconds, report }: no faults is a pass.
export async function attempt({ agent, one, base, model, hearth, mode = 'ok' }) {
  const place = path.join(scratch, `run-${process.pid}-${runs += 1}`);
  const home = path.join(place, 'home');
  fs.mkdirSync(home, { recursive: true });
  const task = makeTask(path.join(place, 'work'));
  await model.script(mode);
  const before = hearth?.child.output.length;
  const begun = performance.now();
  const timeout = one.timeout ?? 240_000;
  const tap = one.websocket && await startTap(base);
  const ran = await runAgent(agent, one, { base: tap ? tap.base : base, home, task, timeout });
  if (tap) tap.stop();
  const seconds = (performance.now() - begun) / 1000;
  const faults = task.faults(ran.stdout);
  if (ran.late) faults.push(`timeout after ${timeout / 1000} s`);
  if (tap && tap.upgrades === 0) faults.push('it used no WebSocket');
  const log = await model.log();
  // A rejection is a wrong request even if the agent recovered from it.
  for (const entry of log.filter(({ outcome, wire }) => wire && outcome.startsWith('refused'))) faults.push(`the upstream ${entry.outcome}`);
  // So is a repeated turn: agents retry after a malformed answer.
  const steps = log.map(({ outcome }) => outcome).filter((outcome) => /^\S+\(/.test(outcome));
  if (new Set(steps).size < steps.length) faults.push('a turn was repeated');
  faults.push(...prefixFaults(log));
  const report = [`    exit code ${ran.code}; its last output:`, tail(`${ran.stdout}\n${ran.stderr}`, 15), '    requests of the upstream:', tail(log.map(entryLine).join('\n'), 15),
    ...(hearth ? ['    output of Hearth:', tail(hearth.child.output.slice(before), 15)] : [])].join('\n');
  if (process.env.HEARTH_AGENTS_KEEP) fs.writeFileSync(path.join(place, 'log.json'), JSON.stringify({ ran, log }, null, 1));
  else fs.rmSync(place, { recursive: true, force: true });
  return { faults: [...new Set(faults)], seconds, report, place };
}

export const line = ({ faults, seconds, report }, title) => (faults.length === 0 ? `ok     ${title} (${seconds.toFixed(1)} s)`
  : `FAILED ${title} (${seconds.toFixed(1)} s)\n${faults.map((fault) => `    ${fault}`).join('\n')}\n${report}`);

// cells: Map of row -> Map of column -> word.
export function table(cells, columns) {
  const rows = [...cells.entries()];
  const width = Math.max(6, ...rows.map(([name]) => name.length));
  const text = (row) => row.map((word, i) => word.padEnd(i === 0 ? width : 11)).join('  ').trimEnd();
  return [text(['client', ...columns]), ...rows.map(([name, row]) => text([name, ...columns.map((column) => row.get(column) ?? '-')]))].join('\n');
}
