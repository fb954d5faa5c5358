// Starts programs for a test and stops them afterwards.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './runner.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const bin = process.env.HEARTH_BIN;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

let homes = 0;
export function makeHome(config = '') {
  const home = path.join(process.env.HEARTH_TEST_TMP ?? os.tmpdir(), `home-${process.pid}-${homes += 1}`);
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  if (config) fs.writeFileSync(path.join(home, 'hearth.toml'), config);
  return home;
}

function start(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  running.add(child);
  child.output = '';
  child.stdout.on('data', (piece) => { child.output += piece; });
  child.stderr.on('data', (piece) => { child.output += piece; });
  child.ended = new Promise((done) => child.on('exit', (code, signal) => {
    running.delete(child);
    done({ code, signal });
  }));
  return child;
}

// The environment of a test: without the user's keys and addresses.
export const cleanEnv = (home, extra = {}) => ({ PATH: process.env.PATH, HOME: home, HEARTH_HOME: home,
  ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? 'detect_leaks=0', ...extra });

export const cli = (home, args, { env = {}, input } = {}) =>
  spawnSync(path.join(bin, 'hearth'), args, { env: cleanEnv(home, env), encoding: 'utf8', input, timeout: 60_000 });

// folder: location of the programs; Hearth starts the hearth-engine beside itself.
export async function startHearth({ config = '', env = {}, args = [], home = makeHome(config), folder = bin } = {}) {
  const child = start(path.join(folder, 'hearth'), ['serve', '--listen', '127.0.0.1:0', ...args], { env: cleanEnv(home, env) });
  let gone = false;
  child.ended.then(() => { gone = true; });
  const address = await until('Hearth to listen', () => {
    if (gone) throw new Error(`Hearth ended while starting:\n${child.output}`);
    const file = path.join(home, 'run', 'address');
    return child.output.includes('serves on') && fs.existsSync(file) && fs.readFileSync(file, 'utf8').trim();
  });
  const base = `http://${address}`;
  await until('readiness', async () => (await fetch(`${base}/readyz`)).status === 200);
  const hearth = { child, home, base, address };
  hearth.post = (where, body, headers = {}) => fetch(base + where, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers } });
  hearth.ledger = async (limit = 50) => (await (await fetch(`${base}/hearth/v1/ledger?limit=${limit}`)).json()).entries;
  hearth.stop = async () => {
    child.kill('SIGTERM');
    const ended = await child.ended;
    if (ended.code !== 0) throw new Error(`Hearth ended with ${JSON.stringify(ended)}:\n${child.output.slice(-4000)}`);
  };
  hearth.kill = async () => {
    child.kill('SIGKILL');
    await child.ended;
  };
  return hearth;
}

async function startScripted(program) {
  const child = start(process.execPath, [path.join(here, program)], {});
  const port = await until(program, () => child.output.includes('\n') && child.output.trim());
  const base = `http://127.0.0.1:${port}`;
  return {
    base, port,
    script: (value) => fetch(`${base}/__script`, { method: 'POST', body: JSON.stringify(value) }),
    log: async () => (await fetch(`${base}/__log`)).json(),
    stop: () => child.kill('SIGKILL'),
  };
}

export const startUpstream = () => startScripted('upstream.mjs');
export const startVendor = () => startScripted('vendor.mjs');

// A tiny model with random weights: its text is noise, but it is served like a real one.
export function makeModel(home, name) {
  const file = path.join(home, `${name}.gguf`);
  const made = spawnSync(path.join(bin, 'hearth-make-model'), ['--vocab', path.join(process.env.HEARTH_LLAMA ?? path.join(here, '../../../.deps/llama'),
    'src/models/ggml-vocab-qwen2.gguf'), '--out', file, '--shape', 'tiny'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`hearth-make-model: ${made.stderr}`);
  return file;
}

export async function events(response) {
  const text = await response.text();
  return text.split('\n\n').filter((block) => block.startsWith('data: ')).map((block) => block.slice(6));
}
