// Runs agents against places and says what came of it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runAgent } from './agent.mjs';
import { startTap } from './tap.mjs';
import { makeTask } from './task.mjs';
import { beginnings } from './wires/engine.mjs';

const scratch = process.env.HEARTH_TEST_TMP ?? fs.mkdtempSync(path.join(os.tmpdir(), 'hearth-agents.'));
let runs = 0;

const tail = (text, lines) => text.trimEnd().split('\n').slice(-lines).map((line) => `    | ${line.slice(0, 400)}`).join('\n');
const told = (entry) => `${entry.method} ${new URL(entry.url, 'http://upstream').pathname} (${entry.raw.length} B) -> ${entry.said.slice(0, 300)}`;

// One agent, once. Answers { faults, seconds, report }: no faults is a pass.
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
  if (ran.late) faults.push(`it had not ended after ${timeout / 1000} s`);
  if (tap && tap.upgrades === 0) faults.push('it used no WebSocket');
  const log = await model.log();
  // A refusal that the agent worked around is a wrong request all the same.
  for (const entry of log.filter(({ said, wire }) => wire && said.startsWith('refused'))) faults.push(`the upstream ${entry.said}`);
  // So is a turn that was asked for twice: agents repeat what came back broken.
  const steps = log.map(({ said }) => said).filter((said) => /^\S+\(/.test(said));
  if (new Set(steps).size < steps.length) faults.push('a turn was repeated');
  faults.push(...beginnings(log));
  const report = [`    exit code ${ran.code}; its last output:`, tail(`${ran.stdout}\n${ran.stderr}`, 15), '    the upstream saw:', tail(log.map(told).join('\n'), 15),
    ...(hearth ? ['    Hearth said:', tail(hearth.child.output.slice(before), 15)] : [])].join('\n');
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
