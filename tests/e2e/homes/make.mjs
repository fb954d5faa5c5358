// Makes the homes that tests/e2e/earlier_home.mjs opens, with the programs of an earlier commit:
//   HEARTH_BIN=EARLIER_CHECKOUT/build/release/bin node make.mjs FOLDER
// FOLDER/stopped: a home after a clean stop. FOLDER/killed: the same one after kill -9 in the middle of a stream, with the
// ledger's write-ahead log. FOLDER/expected.json: what that commit's own commands say of both, and the key that was made.
import fs from 'node:fs';
import path from 'node:path';
import { assert, until } from '../lib/runner.mjs';
import { cli, makeHome, startHearth, startUpstream } from '../lib/processes.mjs';

const target = process.argv[2];
if (!target) throw new Error('usage: node make.mjs FOLDER');
const env = { FIRST_KEY: 'sk-first', OPENAI_API_KEY: 'sk-x' };

const config = (openai) => `# Written by an earlier Hearth's recipe: a few sections, as people have them.
[server]
max_body_mb = 16

[policy]
lan = "allow"

[route]
cloud = ["first/model-a", "openai/gpt-5.5"]
circuit_failures = 100

[providers.first]
base_url = "http://127.0.0.1:1/v1"
key_env = "FIRST_KEY"
models = ["model-a"]

[providers.openai]
base_url = "${openai}/v1"

[projects.private]
deny_places = ["cloud"]

[ledger]
synchronous = "full"

[log]
level = "warn"
`;

// The smallest file that a model store takes: one tensor of one block, no tokenizer.
function smallModel(file) {
  const parts = [];
  const number = (bits, value) => {
    const bytes = Buffer.alloc(bits / 8);
    if (bits === 64) bytes.writeBigUInt64LE(BigInt(value));
    else bytes.writeUInt32LE(value);
    parts.push(bytes);
  };
  const text = (value) => { number(64, Buffer.byteLength(value)); parts.push(Buffer.from(value)); };
  const facts = { 'general.architecture': 'llama', 'general.name': 'Small', 'llama.context_length': 512, 'llama.embedding_length': 32,
    'llama.block_count': 1, 'llama.attention.head_count': 1, 'llama.feed_forward_length': 32 };
  parts.push(Buffer.from('GGUF'));
  number(32, 3);
  number(64, 1);
  number(64, Object.keys(facts).length);
  for (const [name, value] of Object.entries(facts)) {
    text(name);
    if (typeof value === 'string') { number(32, 8); text(value); } else { number(32, 4); number(32, value); }
  }
  text('token_embd.weight');
  number(32, 1);
  number(64, 32);
  number(32, 0); // f32
  number(64, 0);
  const head = Buffer.concat(parts);
  fs.writeFileSync(file, Buffer.concat([head, Buffer.alloc((32 - head.length % 32) % 32), Buffer.alloc(128)]));
}

const done = (result) => { assert.equal(result.status, 0, result.stderr + result.stdout); return result.stdout; };
const entries = (home) => JSON.parse(done(cli(home, ['ledger', '--json', '--limit', '1000'], { env }))).entries;
const ask = async (hearth, model, more = {}, headers = {}) => {
  const response = await hearth.post('/v1/chat/completions', { model, max_tokens: 4, messages: [{ role: 'user', content: 'hi' }], ...more }, headers);
  await response.text();
  return response.status;
};

// The files of a home without what belongs to a running process, and without this machine's addresses and paths.
function keep(home, name, openai) {
  const to = path.join(target, name);
  fs.cpSync(home, to, { recursive: true, filter: (file) => !/\/(run|engine)$|\.lock$|\.db-shm$|\.gguf$/.test(file) });
  const log = path.join(to, 'ledger.db-wal');
  if (fs.statSync(log).size === 0) fs.rmSync(log);
  const edit = (file, from, into) => fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll(from, into));
  edit(path.join(to, 'hearth.toml'), openai, 'http://127.0.0.1:1');
  const manifests = path.join(to, 'models', 'manifests');
  for (const file of fs.readdirSync(manifests)) edit(path.join(manifests, file), home, '/models');
}

const upstream = await startUpstream();
const home = makeHome(config(upstream.base));
const key = done(cli(home, ['key', 'add', 'laptop', '--project', 'private'], { env })).trim();
smallModel(path.join(home, 'small.gguf'));
let hearth = await startHearth({ home, env });
done(cli(home, ['pull', path.join(home, 'small.gguf'), '--name', 'small'], { env }));
assert.equal(await ask(hearth, 'local'), 200);
assert.equal(await ask(hearth, 'local', { stream: true, seed: 7 }), 200);
assert.equal(await ask(hearth, 'openai/gpt-5.5'), 200);
assert.equal(await ask(hearth, 'cloud', { stream: true }), 200); // the first candidate is dead
assert.equal(await ask(hearth, 'first/model-a'), 502);
const lossy = await hearth.post('/v1/messages', { model: 'openai/gpt-5.5', max_tokens: 4, top_k: 5, messages: [{ role: 'user', content: 'hi' }] });
assert.equal(lossy.status, 200);
await lossy.text();
assert.equal(await ask(hearth, 'no-such-model'), 404);
assert.notEqual(await ask(hearth, 'openai/gpt-5.5', {}, { authorization: `Bearer ${key}` }), 200); // denied to the project
assert.equal(await ask(hearth, 'openai/gpt-5.5', { messages: 'wrong' }), 400);
await upstream.script({ mode: 'cut' });
await ask(hearth, 'openai/gpt-5.5', { stream: true }).catch(() => {}); // breaks after content
await upstream.script({ mode: 'ok' });
await hearth.stop();
fs.mkdirSync(target, { recursive: true });
const models = JSON.parse(done(cli(home, ['list', '--json'], { env }))).models.filter((model) => model.origin === 'hearth')
  .map((model) => ({ ...model, source: model.source.replace(home, '/models') }));
const stopped = entries(home);
keep(home, 'stopped', upstream.base);

hearth = await startHearth({ home, env });
await upstream.script({ mode: 'flood' });
const response = await hearth.post('/v1/chat/completions', { model: 'openai/gpt-5.5', stream: true, messages: [{ role: 'user', content: 'hi' }] });
await response.body.getReader().read();
await until('the row of the stream', async () => (await hearth.ledger())[0].status === 'running');
await hearth.kill();
const killed = entries(home);
keep(home, 'killed', upstream.base);
upstream.stop();
fs.writeFileSync(path.join(target, 'expected.json'), `${JSON.stringify({ key, models, stopped, killed }, null, 1)}\n`);
