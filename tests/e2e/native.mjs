// Native APIs of Ollama and llama-server, as used by editors, over raw HTTP.
import { test, assert, until } from './lib/runner.mjs';
import { startHearth, startUpstream, makeHome, makeModel, bin, cleanEnv } from './lib/processes.mjs';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';

const lines = async (response) => (await response.text()).trim().split('\n').map((line) => JSON.parse(line));
const send = (hearth, method, where, body) => fetch(hearth.base + where, { method, body: body && JSON.stringify(body) });
const names = async (hearth) => (await (await fetch(`${hearth.base}/api/tags`)).json()).models.map((m) => m.name);
const sum = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

async function refused(response, status, pattern) {
  assert.equal(response.status, status);
  const body = await response.json();
  assert.equal(typeof body.error, 'string', JSON.stringify(body));
  assert.match(body.error, pattern);
}

test('native: VS Code finds models: version, tags, show', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { UP_KEY: 'k' }, config: `[providers.up]\nbase_url = "${upstream.base}/v1"\n` +
    'key_env = "UP_KEY"\nmodels = ["up-1"]\n' });
  const { version } = await (await fetch(`${hearth.base}/api/version`)).json();
  const [major, minor, patch] = version.split('.').map(Number);
  assert.ok(major > 0 || minor > 13 || (minor === 13 && patch >= 4), version);
  assert.equal((await fetch(`${hearth.base}/api/version`, { method: 'HEAD' })).status, 200);
  const { models } = await (await fetch(`${hearth.base}/api/tags`)).json();
  assert.equal((await fetch(`${hearth.base}/api/tags`, { method: 'HEAD' })).status, 200);
  for (const model of models) {
    assert.equal(model.model, model.name);
    assert.match(model.digest, /^[0-9a-f]{64}$/);
    assert.ok(!Number.isNaN(Date.parse(model.modified_at)));
    const show = await (await hearth.post('/api/show', { model: model.name })).json();
    assert.ok(Array.isArray(show.capabilities), model.name);
    assert.ok(show.model_info['general.architecture'], model.name);
  }
  const spark = models.find((model) => model.name === 'spark');
  assert.ok(spark.size > 0);
  assert.equal(spark.details.format, 'gguf');
  const show = await (await hearth.post('/api/show', { name: 'spark:latest' })).json();
  const arch = show.model_info['general.architecture'];
  assert.equal(show.model_info[`${arch}.context_length`], 1024);
  for (const capability of ['completion', 'insert']) assert.ok(show.capabilities.includes(capability), show.capabilities.join());
  // Continue: fill-in-the-middle from the template, the context size from its parameter
  assert.match(show.template, /\.Suffix/);
  assert.match(show.parameters, /^num_ctx +1024$/m);
  assert.equal(show.tensors, undefined);
  const verbose = await (await hearth.post('/api/show', { model: 'spark', verbose: true })).json();
  assert.ok(verbose.tensors.some((tensor) => tensor.name === 'token_embd.weight' && tensor.type === 'F16'));
  assert.ok(Object.keys(verbose.model_info).length > 10);
  const cloud = await (await hearth.post('/api/show', { model: 'up/up-1' })).json();
  assert.ok(cloud.capabilities.includes('completion'));
  assert.equal(cloud.model_info['general.architecture'], 'up');
  assert.ok(models.some((model) => model.name === 'up/up-1'));
  assert.equal((await upstream.log()).filter((entry) => entry.method === 'POST').length, 0);
  await refused(await hearth.post('/api/show', { model: 'no-such-model' }), 404, /'no-such-model' not found/);
  await refused(await hearth.post('/api/show', {}), 400, /model/);
  await refused(await hearth.post('/api/show', '[1]'), 400, /object/);
  await refused(await hearth.post('/api/show', { model: 7 }), 400, /model/);
  await refused(await hearth.post('/api/tags', {}), 405, /GET/);
  await refused(await fetch(`${hearth.base}/api/nothing`), 404, /api\/nothing/);
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('native: keep_alive loads and unloads without a prompt', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const loaded = async () => (await (await fetch(`${hearth.base}/api/ps`)).json()).models;
  assert.deepEqual(await loaded(), []);
  const load = await lines(await hearth.post('/api/generate', { model: 'spark', keep_alive: '30m' }));
  assert.equal(load.length, 1);
  assert.equal(load[0].done_reason, 'load');
  assert.equal(load[0].done, true);
  assert.equal(load[0].response, '');
  const [row] = await loaded();
  assert.equal(row.name, 'spark');
  assert.ok(row.size > 0 && row.context_length > 0);
  const minutes = (Date.parse(row.expires_at) - Date.now()) / 60_000;
  assert.ok(minutes > 25 && minutes < 31, `${minutes} minutes`);
  const unload = await (await hearth.post('/api/chat', { model: 'spark', messages: [], keep_alive: 0, stream: false })).json();
  assert.equal(unload.done_reason, 'unload');
  assert.deepEqual(await loaded(), []);
  const again = await (await hearth.post('/api/chat', { model: 'spark', keep_alive: 0, stream: false })).json();
  assert.equal(again.done_reason, 'unload', 'unloading a model that is not loaded succeeds');
  const entries = await hearth.ledger();
  assert.equal(entries.length, 3);
  for (const entry of entries) assert.equal(entry.status, 'ok');
  await hearth.stop();
}, { timeout: 120_000 });

test('native: loading a cloud model sends nothing', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { UP_KEY: 'k' }, config: `[providers.up]\nbase_url = "${upstream.base}/v1"\n` +
    'key_env = "UP_KEY"\nmodels = ["up-1"]\n' });
  const answer = await (await hearth.post('/api/generate', { model: 'up/up-1', stream: false })).json();
  assert.equal(answer.done_reason, 'load');
  assert.equal((await upstream.log()).filter((entry) => entry.method === 'POST').length, 0);
  await hearth.stop();
  upstream.stop();
});

test('native: pull from a file, copy, chat, delete', async () => {
  const home = makeHome();
  const file = makeModel(home, 'tiny');
  const hearth = await startHearth({ home, args: ['--offline'] });
  const pulled = await lines(await hearth.post('/api/pull', { model: file }));
  assert.equal(pulled.at(-1).status, 'success');
  assert.ok(pulled.some((line) => line.status === 'writing manifest'));
  assert.ok((await names(hearth)).includes('tiny:latest'));
  assert.deepEqual(await (await hearth.post('/api/pull', { name: 'tiny', stream: false })).json(), { status: 'success' }, 'pulling an existing model succeeds');
  assert.equal((await hearth.post('/api/copy', { source: 'tiny', destination: 'other:v1' })).status, 200);
  assert.ok((await names(hearth)).includes('other:v1'));
  const answer = await (await hearth.post('/api/generate', { model: 'other:v1', prompt: 'x', raw: true, stream: false, options: { num_predict: 3 } })).json();
  assert.equal(answer.done, true, JSON.stringify(answer));
  assert.ok(answer.eval_count > 0);
  assert.equal((await send(hearth, 'DELETE', '/api/delete', { model: 'tiny' })).status, 200);
  assert.ok(!(await names(hearth)).includes('tiny:latest'));
  assert.equal((await hearth.post('/api/generate', { model: 'other:v1', prompt: 'x', raw: true, stream: false, options: { num_predict: 3 } })).status, 200,
    'the copy has its blob still');
  assert.equal((await send(hearth, 'DELETE', '/api/delete', { name: 'other:v1' })).status, 200);
  assert.equal(fs.readdirSync(path.join(home, 'models', 'blobs')).length, 0, 'the blob is deleted with its last name');
  await refused(await send(hearth, 'DELETE', '/api/delete', { model: 'other:v1' }), 404, /not found/);
  await refused(await send(hearth, 'DELETE', '/api/delete', { model: 'spark' }), 403, /part of Hearth/);
  await refused(await hearth.post('/api/copy', { source: 'no-such-model', destination: 'x' }), 404, /not found/);
  await refused(await hearth.post('/api/copy', { source: 'spark', destination: '../x' }), 400, /stored|model name/);
  await refused(await hearth.post('/api/pull', { model: 'qwen3:8b' }), 404, /Ollama's library.*hf\.co/);
  await refused(await hearth.post('/api/push', { model: 'tiny' }), 501, /pushed/);
  const broken = await lines(await hearth.post('/api/pull', { model: `${home}/none.gguf` }));
  assert.match(broken.at(-1).error, /none\.gguf/);
  await hearth.stop();
}, { timeout: 180_000 });

test('native: pull from a hub with Ollama\'s progress lines; the pulled name is usable', async () => {
  const home = makeHome();
  const file = makeModel(home, 'noise-q8_0');
  const hub = spawn(path.join(bin, '..', 'tests', 'bin', 'fake_hub'), ['org/repo', file], { env: cleanEnv(home) });
  let address = '';
  hub.stdout.on('data', (piece) => { address += piece; });
  await until('the hub', () => address.includes('\n'));
  const hearth = await startHearth({ home, env: { HF_ENDPOINT: address.trim() } });
  const pulled = await lines(await hearth.post('/api/pull', { model: 'hf.co/org/repo:Q8_0' }));
  assert.equal(pulled.at(-1).status, 'success', JSON.stringify(pulled.slice(-2)));
  assert.equal(pulled[0].status, 'pulling manifest');
  const digest = sum(fs.readFileSync(file));
  const layer = pulled.find((line) => line.digest);
  assert.equal(layer.digest, `sha256:${digest}`);
  assert.equal(layer.status, `pulling ${digest.slice(0, 12)}`);
  assert.equal(layer.total, fs.statSync(file).size);
  assert.ok((await names(hearth)).includes('hf.co/org/repo:Q8_0'));
  for (const name of ['hf.co/org/repo:Q8_0', 'hf.co/org/repo:latest', 'hf.co/Org/Repo', 'hf:org/repo:q8_0']) {
    const answer = await (await hearth.post('/api/generate', { model: name, prompt: 'x', raw: true, stream: false, options: { num_predict: 2 } })).json();
    assert.equal(answer.done, true, `${name}: ${JSON.stringify(answer)}`);
  }
  const [entry] = (await hearth.ledger()).filter((row) => row.kind === 'download');
  assert.equal(entry.status, 'ok');
  assert.equal((await send(hearth, 'DELETE', '/api/delete', { model: 'hf.co/org/repo:Q8_0' })).status, 200);
  const missing = await lines(await hearth.post('/api/pull', { model: 'hf.co/org/none' }));
  assert.match(missing.at(-1).error, /no repository/);
  await hearth.stop();
  hub.kill('SIGKILL');
}, { timeout: 180_000 });

test('native: create from an uploaded GGUF, with settings and quantization', async () => {
  const home = makeHome();
  const bytes = fs.readFileSync(makeModel(home, 'tiny'));
  const digest = `sha256:${sum(bytes)}`;
  const hearth = await startHearth({ home, args: ['--offline'], config: '[server]\nmax_body_mb = 1\n' });
  const blob = (method, body, name = digest) => fetch(`${hearth.base}/api/blobs/${name}`, { method, body, duplex: 'half' });
  assert.ok(bytes.length > 2 << 20, 'larger than the limit of other bodies');
  assert.equal((await blob('HEAD')).status, 404);
  await refused(await blob('POST', bytes.subarray(0, 5_000_000)), 400, /digest mismatch/);
  await refused(await blob('POST', 'x', 'sha256:short'), 400, /invalid digest/);
  assert.equal((await blob('HEAD')).status, 404);
  assert.equal((await blob('POST', bytes)).status, 201);
  assert.equal((await blob('HEAD')).status, 200);
  assert.equal((await blob('POST', 'anything')).status, 200, 'an existing blob is not read again');
  const made = await lines(await hearth.post('/api/create', { model: 'mine', files: { 'mine.gguf': digest },
    quantize: 'q8_0', system: 'You are brief.', parameters: { num_predict: 4, temperature: 0, stop: ['\n\n'], num_ctx: 256 } }));
  assert.equal(made.at(-1).status, 'success', JSON.stringify(made));
  assert.ok(made.some((line) => /^quantizing F(16|32) model to q8_0$/.test(line.status)), JSON.stringify(made));
  const show = await (await hearth.post('/api/show', { model: 'mine' })).json();
  assert.equal(show.details.quantization_level, 'Q8_0');
  assert.equal(show.system, 'You are brief.');
  assert.match(show.parameters, /^num_ctx +256$/m);
  assert.match(show.parameters, /^num_predict +4$/m);
  const { models } = await (await fetch(`${hearth.base}/api/tags`)).json();
  assert.ok(models.find((model) => model.name === 'mine:latest').size < bytes.length * 0.7);
  const answer = await (await hearth.post('/api/generate', { model: 'mine', prompt: 'x', raw: true, stream: false, options: { stop: ['\u0001'] } })).json();
  assert.equal(answer.eval_count, 4, 'num_predict of its parameters');
  const plain = await (await hearth.post('/api/create', { model: 'plain', from: 'mine', system: 'Other.', stream: false })).json();
  assert.deepEqual(plain, { status: 'success' });
  assert.equal((await (await hearth.post('/api/show', { model: 'plain' })).json()).system, 'Other.');
  await hearth.post('/api/create', { model: 'raw', files: { 'x.gguf': digest }, stream: false });
  assert.equal((await blob('HEAD')).status, 200, 'now it is a model\'s');
  assert.equal(fs.readdirSync(path.join(home, 'models', 'uploads')).length, 0, 'no upload remains');
  const fails = async (body, status, pattern) => refused(await hearth.post('/api/create', { model: 'x', stream: false, ...body }), status, pattern);
  await fails({}, 400, /'from'.*'files'/);
  await fails({ from: 'no-such-model' }, 404, /not found/);
  await fails({ files: { a: 'sha256:00' } }, 400, /upload it first/);
  await fails({ from: 'mine', quantize: 'Q9_9' }, 400, /no quantization 'Q9_9'.*Q4_K_M/);
  await fails({ from: 'mine', quantize: 'q4_0' }, 500, /requantiz|cannot be quantized/);
  await fails({ from: 'mine', template: '{{ .Prompt }}' }, 501, /Go template/);
  await fails({ from: 'mine', adapters: { a: 'b' } }, 501, /adapters/);
  await fails({ from: 'mine', parameters: { temperature: 'hot' } }, 400, /temperature/);
  assert.equal(fs.readdirSync(path.join(home, 'models', 'uploads')).length, 0);
  await hearth.stop();
}, { timeout: 300_000 });

test('native: llama-server\'s props, slots, tokens and template', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const json = async (response) => {
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  };
  assert.deepEqual(await json(await fetch(`${hearth.base}/v1/health`)), { status: 'ok' });
  const text = 'def add(a, b):\n    return a + b  # größer 🙂\n';
  const { tokens } = await json(await hearth.post('/tokenize', { content: text }));
  assert.ok(tokens.length > 5 && tokens.every(Number.isInteger));
  assert.deepEqual(await json(await hearth.post('/detokenize', { tokens })), { content: text });
  const special = await json(await hearth.post('/tokenize', { model: 'spark', content: 'x', add_special: true }));
  assert.ok(special.tokens.length >= 1);
  const pieces = (await json(await hearth.post('/tokenize', { content: text, with_pieces: true }))).tokens;
  assert.deepEqual(pieces.map((one) => one.id), tokens);
  const joined = Buffer.concat(pieces.map(({ piece }) => Buffer.from(piece)));
  assert.equal(joined.toString(), text);
  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'hello' }];
  const { prompt } = await json(await hearth.post('/apply-template', { messages }));
  assert.ok(prompt.includes('hello') && prompt.includes('Be brief.') && prompt.length > 20, prompt);
  const props = await json(await fetch(`${hearth.base}/props`));
  assert.equal(props.model_path, 'spark.gguf');
  assert.equal(props.default_generation_settings.n_ctx, 1024);
  assert.equal(props.total_slots, 4);
  assert.ok(props.chat_template.length > 10);
  assert.deepEqual(props.modalities, { vision: false, audio: false });
  const slots = await json(await fetch(`${hearth.base}/slots?model=spark`));
  assert.equal(slots.length, 4);
  assert.ok(slots.every((slot) => slot.is_processing === false));
  const wrong = async (response, status, type) => {
    assert.equal(response.status, status);
    const { error } = await response.json();
    assert.equal(error.code, status);
    assert.equal(error.type, type);
  };
  await wrong(await hearth.post('/props', {}), 501, 'not_supported_error');
  await wrong(await hearth.post('/tokenize', {}), 400, 'invalid_request_error');
  await wrong(await hearth.post('/tokenize', { content: 'x', model: 'no-such-model' }), 404, 'not_found_error');
  await wrong(await hearth.post('/detokenize', { tokens: [99999999] }), 400, 'invalid_request_error');
  await wrong(await hearth.post('/detokenize', { tokens: ['x'] }), 400, 'invalid_request_error');
  await wrong(await hearth.post('/apply-template', { messages: 3 }), 400, 'invalid_request_error');
  await wrong(await hearth.post('/tokenize', { content: 'x'.repeat(9 << 20) }), 413, 'invalid_request_error');
  await hearth.stop();
}, { timeout: 120_000 });
