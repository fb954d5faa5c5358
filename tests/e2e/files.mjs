// Files and batches stored by Hearth, audio and images passed through, with the unmodified openai SDK.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert, sleep, until } from './lib/runner.mjs';
import { startHearth, startUpstream, cli } from './lib/processes.mjs';

const require = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'));
const OpenAI = require('openai');
const client = (hearth, options = {}) => new OpenAI({ baseURL: `${hearth.base}/v1`, apiKey: 'any', maxRetries: 0, ...options });
const env = (upstream) => ({ OPENAI_API_KEY: 'sk-theirs', OPENAI_BASE_URL: `${upstream.base}/v1` });
const refused = (promise, status) => assert.rejects(promise, (error) => {
  assert.equal(error.status, status, error.message);
  return true;
});

const lines = (count, body = {}) => Array.from({ length: count }, (_, i) => JSON.stringify({ custom_id: `line-${i}`, method: 'POST',
  url: '/v1/chat/completions', body: { model: 'spark', max_tokens: 4, messages: [{ role: 'user', content: `number ${i}` }], ...body } })).join('\n');
const asBatch = async (openai, text) => openai.files.create({ purpose: 'batch', file: await OpenAI.toFile(Buffer.from(text), 'in.jsonl') });
const start = (openai, file, endpoint = '/v1/chat/completions') =>
  openai.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', metadata: { who: 'test' } });
const ended = (openai, id, ms = 120_000) => until('the batch to end', async () => {
  const batch = await openai.batches.retrieve(id);
  if (!['completed', 'failed', 'cancelled', 'expired'].includes(batch.status)) {
    await sleep(100);
    return false;
  }
  return batch;
}, ms);
const results = async (openai, id) => (await (await openai.files.content(id)).text()).trim().split('\n').map((line) => JSON.parse(line));

test('files: create, list, read, delete; private on disk and to the project', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const openai = client(hearth);
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 256));
  const file = await openai.files.create({ purpose: 'user_data', file: await OpenAI.toFile(bytes, '../../keys') });
  assert.match(file.id, /^file-[0-9a-z]{20,}$/);
  assert.equal(file.bytes, bytes.length);
  assert.equal(file.filename, 'keys');
  assert.equal(file.expires_at - file.created_at, 30 * 86_400);
  const brief = await openai.files.create({ purpose: 'batch', file: await OpenAI.toFile(Buffer.from('{}'), 'b.jsonl'),
    expires_after: { anchor: 'created_at', seconds: 3600 } });
  assert.equal(brief.expires_at - brief.created_at, 3600);
  const names = [];
  for await (const one of openai.files.list({ limit: 1 })) names.push(one.id);
  assert.deepEqual(names.sort(), [file.id, brief.id].sort());
  assert.deepEqual((await openai.files.list({ purpose: 'batch' })).data.map((one) => one.id), [brief.id]);
  const back = await openai.files.content(file.id);
  assert.equal(back.headers.get('content-security-policy'), 'sandbox');
  assert.ok(Buffer.from(await back.arrayBuffer()).equals(bytes));
  const folder = path.join(hearth.home, 'files');
  assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
  for (const name of fs.readdirSync(folder)) assert.equal(fs.statSync(path.join(folder, name)).mode & 0o077, 0, name);
  const added = cli(hearth.home, ['key', 'add', 'other', '--project', 'other-project']);
  assert.equal(added.status, 0, added.stderr);
  const key = (added.stdout + added.stderr).match(/hearth_[A-Za-z0-9_-]+|hk_[A-Za-z0-9_-]+|sk-[A-Za-z0-9_-]+/)[0];
  const otherProject = client(hearth, { apiKey: key });
  await until('the key to be known', async () => (await otherProject.files.list()).data.length === 0);
  await refused(otherProject.files.retrieve(file.id), 404);
  await refused(otherProject.files.delete(file.id), 404);
  await refused(start(otherProject, brief), 404);
  for (const where of ['/v1/files/..%2f..%2fkeys', '/v1/files/file-x/../content', '/v1/files/file-x/other'])
    assert.equal((await fetch(hearth.base + where)).status, 404, where);
  assert.equal((await openai.files.delete(file.id)).deleted, true);
  await refused(openai.files.retrieve(file.id), 404);
  assert.equal(fs.existsSync(path.join(folder, file.id)), false);
  await hearth.stop();
}, { timeout: 120_000 });

test('files: a body that is not a form, has two files or is too large is rejected', async () => {
  const hearth = await startHearth({ args: ['--offline'], config: '[files]\nmax_mb = 1\n' });
  const openai = client(hearth);
  assert.equal((await hearth.post('/v1/files', { purpose: 'batch' })).status, 400);
  const form = new FormData();
  form.append('purpose', 'batch');
  assert.equal((await fetch(`${hearth.base}/v1/files`, { method: 'POST', body: form })).status, 400);
  form.append('file', new Blob(['a']), 'a');
  form.append('file', new Blob(['b']), 'b');
  assert.equal((await fetch(`${hearth.base}/v1/files`, { method: 'POST', body: form })).status, 400);
  const large = await OpenAI.toFile(Buffer.alloc(700_000), 'large');
  await openai.files.create({ purpose: 'user_data', file: large });
  await refused(openai.files.create({ purpose: 'user_data', file: large }), 413);
  assert.equal((await fetch(`${hearth.base}/v1/files`, { method: 'PUT' })).status, 405);
  await hearth.stop();
});

test('batch: five lines on the built-in model survive a kill, none runs twice', async () => {
  let hearth = await startHearth({ args: ['--offline'] });
  let openai = client(hearth);
  const count = 5;
  const file = await asBatch(openai, `${lines(count, { max_tokens: 100 })}\n${JSON.stringify({ custom_id: 'bad', method: 'POST', url: '/v1/chat/completions',
    body: { model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] } })}\n`);
  const batch = await start(openai, file);
  assert.equal(batch.object, 'batch');
  await until('a line to be done', async () => (await openai.batches.retrieve(batch.id)).request_counts.completed >= 2, 60_000);
  await hearth.kill();
  const state = JSON.parse(fs.readFileSync(path.join(hearth.home, 'files', 'batches', `${batch.id}.json`), 'utf8'));
  assert.equal(state.status, 'in_progress', 'it was killed while running');
  // A kill may leave a partial line after the complete ones.
  fs.appendFileSync(path.join(hearth.home, 'files', 'batches', `${batch.id}.output`), '{"id":"batch_req_to');
  hearth = await startHearth({ args: ['--offline'], home: hearth.home });
  openai = client(hearth);
  const done = await ended(openai, batch.id);
  assert.equal(done.status, 'completed');
  assert.deepEqual(done.request_counts, { total: count + 1, completed: count, failed: 1 });
  assert.deepEqual(done.metadata, { who: 'test' });
  const output = await results(openai, done.output_file_id);
  assert.deepEqual(output.map((line) => line.custom_id), Array.from({ length: count }, (_, i) => `line-${i}`));
  for (const line of output) {
    assert.equal(line.response.status_code, 200);
    assert.equal(line.response.body.object, 'chat.completion');
    assert.equal(line.error, null);
  }
  const [wrong] = await results(openai, done.error_file_id);
  assert.equal(wrong.custom_id, 'bad');
  assert.equal(wrong.response.status_code, 404);
  const ids = new Set((await hearth.ledger()).filter((entry) => entry.status === 'ok').map((entry) => entry.request_id));
  for (const line of output) assert.ok(ids.has(line.response.request_id), 'every line is in the ledger');
  const all = [];
  for await (const one of openai.batches.list()) all.push(one.id);
  assert.deepEqual(all, [batch.id]);
  assert.deepEqual(fs.readdirSync(path.join(hearth.home, 'files', 'batches')), [`${batch.id}.json`]);
  assert.equal((await fetch(`${hearth.base}/v1/batches/${batch.id}`, { method: 'DELETE' })).status, 200);
  await refused(openai.batches.retrieve(batch.id), 404);
  await hearth.stop();
}, { timeout: 240_000 });

test('batch: a cancelled batch keeps its results; invalid input is not started; responses are supported', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const openai = client(hearth);
  const long = await start(openai, await asBatch(openai, lines(200)));
  await until('a line', async () => (await openai.batches.retrieve(long.id)).request_counts.completed >= 1, 60_000);
  const deleting = await fetch(`${hearth.base}/v1/batches/${long.id}`, { method: 'DELETE' });
  assert.equal(deleting.status, 409);
  assert.equal((await openai.batches.cancel(long.id)).status, 'cancelling');
  const cancelled = await ended(openai, long.id);
  assert.equal(cancelled.status, 'cancelled');
  assert.ok(cancelled.request_counts.completed >= 1 && cancelled.request_counts.completed < 200);
  assert.equal((await results(openai, cancelled.output_file_id)).length, cancelled.request_counts.completed);
  await refused(openai.batches.cancel(long.id), 409);
  const bad = await ended(openai, (await start(openai, await asBatch(openai, `${lines(1)}\n{"custom_id":`))).id);
  assert.equal(bad.status, 'failed');
  assert.deepEqual(bad.errors.data.map(({ code, line }) => [code, line]), [['invalid_json_line', 2]]);
  await refused(openai.batches.create({ input_file_id: 'file-unknown', endpoint: '/v1/embeddings', completion_window: '24h' }), 404);
  await refused(start(openai, await asBatch(openai, lines(1)), '/v1/audio/speech'), 400);
  const turn = JSON.stringify({ custom_id: 'r', method: 'POST', url: '/v1/responses', body: { model: 'spark', input: 'hello', max_output_tokens: 4 } });
  const turned = await ended(openai, (await start(openai, await asBatch(openai, turn), '/v1/responses')).id);
  assert.equal((await results(openai, turned.output_file_id))[0].response.body.object, 'response');
  // Cloud models in a batch are subject to policy.
  const far = await ended(openai, (await start(openai, await asBatch(openai, lines(1, { model: 'openai/gpt-5.5' })))).id);
  assert.deepEqual(far.request_counts, { total: 1, completed: 0, failed: 1 });
  assert.equal((await results(openai, far.error_file_id))[0].response.status_code, 403);
  await hearth.stop();
}, { timeout: 240_000 });

test('batch: no line starts while the engine serves an interactive request', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const openai = client(hearth);
  const stream = await openai.completions.create({ model: 'spark', prompt: 'int main(', max_tokens: 600, ignore_eos: true, stream: true });
  let batch, pieces = 0;
  for await (const part of stream) {
    pieces += part.choices.length;
    if (!batch) batch = await start(openai, await asBatch(openai, lines(1)));
  }
  const over = Date.now();
  assert.ok(pieces > 20, `only ${pieces} pieces`);
  const done = await ended(openai, batch.id);
  const [line] = await results(openai, done.output_file_id);
  const row = (await hearth.ledger()).find((entry) => entry.request_id === line.response.request_id);
  assert.ok(Date.parse(row.time) >= over - 50, `${row.time} is before the stream's end, ${new Date(over).toISOString()}`);
  await hearth.stop();
}, { timeout: 120_000 });

test('audio and images: passed through except for the model name, with a ledger entry', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: env(upstream) });
  const openai = client(hearth);
  const speech = await openai.audio.speech.create({ model: 'openai/tts-1', voice: 'alloy', input: 'grüße' });
  assert.equal(speech.headers.get('content-type'), 'audio/mpeg');
  assert.equal(speech.headers.get('openai-processing-ms'), '7');
  assert.match(speech.headers.get('x-hearth-route'), /^openai\/tts-1; place=cloud/);
  const sound = Buffer.from(await speech.arrayBuffer());
  assert.equal(sound.length, 8 * 4096);
  assert.equal(sound[7 * 4096], 7);
  const picture = await openai.images.generate({ model: 'openai/gpt-image-1', prompt: 'a hearth' });
  assert.equal(picture.data[0].b64_json, 'aGVsbG8=');
  const wave = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 256));
  const transcription = await openai.audio.transcriptions.create({ model: 'openai/whisper-1', file: await OpenAI.toFile(wave, 'a.wav') });
  assert.equal(transcription.text, 'Hello world');
  const [speechRequest, imageRequest, transcriptionRequest] = await upstream.log();
  assert.equal(speechRequest.url, '/v1/audio/speech');
  assert.deepEqual(JSON.parse(speechRequest.raw), { model: 'tts-1', voice: 'alloy', input: 'grüße' });
  assert.equal(speechRequest.headers.authorization, 'Bearer sk-theirs');
  assert.equal(JSON.parse(imageRequest.raw).model, 'gpt-image-1');
  assert.match(transcriptionRequest.headers['content-type'], /^multipart\/form-data; boundary=/);
  assert.match(transcriptionRequest.raw, /name="model"\r\n\r\nwhisper-1\r\n/);
  assert.ok(transcriptionRequest.raw.includes(wave.toString('latin1')), 'the audio arrives unchanged');
  const rows = (await hearth.ledger()).reverse();
  assert.deepEqual(rows.map((row) => [row.kind, row.status, row.model, row.place]), [['audio', 'ok', 'tts-1', 'cloud'],
    ['image', 'ok', 'gpt-image-1', 'cloud'], ['audio', 'ok', 'whisper-1', 'cloud']]);
  assert.equal(rows[1].output_tokens, 40);
  await upstream.script({ mode: 'status', status: 400, body: { error: { message: 'no such voice', type: 'invalid_request_error' } } });
  await assert.rejects(openai.audio.speech.create({ model: 'openai/tts-1', voice: 'no-such-voice', input: 'x' }), /no such voice/);
  await upstream.script({ mode: 'cut' });
  const cut = await openai.audio.speech.create({ model: 'openai/tts-1', voice: 'alloy', input: 'x' });
  await assert.rejects(cut.arrayBuffer(), undefined, 'a truncated audio body is an error');
  const [broken] = await hearth.ledger(1);
  assert.equal(broken.status, 'error');
  await refused(openai.audio.speech.create({ model: 'spark', voice: 'alloy', input: 'x' }), 400);
  await refused(openai.audio.speech.create({ model: 'unknown-to-all', voice: 'alloy', input: 'x' }), 404);
  const two = new FormData();
  two.append('model', 'openai/whisper-1');
  two.append('model', 'spark');
  assert.equal((await fetch(`${hearth.base}/v1/audio/transcriptions`, { method: 'POST', body: two })).status, 400);
  await hearth.stop();
  upstream.stop();
});

test("a provider's own files and batches are selected by header; refused offline", async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: env(upstream) });
  const openai = client(hearth, { defaultHeaders: { 'x-hearth-provider': 'openai' } });
  const file = await openai.files.create({ purpose: 'batch', file: await OpenAI.toFile(Buffer.from('{}'), 'b.jsonl') });
  assert.equal(file.id, 'theirs');
  await openai.files.list({ purpose: 'batch' });
  assert.equal(await (await openai.files.content('theirs')).text(), 'their bytes');
  await openai.files.delete('theirs');
  await openai.batches.create({ input_file_id: 'theirs', endpoint: '/v1/embeddings', completion_window: '24h' });
  await refused(openai.files.retrieve('missing'), 404);
  const log = await upstream.log();
  assert.deepEqual(log.map((entry) => [entry.method, entry.url]), [['POST', '/v1/files'], ['GET', '/v1/files?purpose=batch'],
    ['GET', '/v1/files/theirs/content'], ['DELETE', '/v1/files/theirs'], ['POST', '/v1/batches'], ['GET', '/v1/files/missing']]);
  assert.ok(log.every((entry) => entry.headers.authorization === 'Bearer sk-theirs' && !entry.headers['x-hearth-provider']));
  const kinds = (await hearth.ledger()).reverse().map((row) => [row.kind, row.status, row.provider]);
  assert.deepEqual(kinds, [['file', 'ok', 'openai'], ['file', 'ok', 'openai'], ['file', 'ok', 'openai'], ['file', 'ok', 'openai'],
    ['batch', 'ok', 'openai'], ['file', 'error', 'openai']]);
  assert.equal((await fetch(`${hearth.base}/v1/files/..%2fchat`, { headers: { 'x-hearth-provider': 'openai' } })).status, 404);
  assert.equal((await fetch(`${hearth.base}/v1/files`, { headers: { 'x-hearth-provider': 'no-such-provider' } })).status, 404);
  await hearth.stop();
  const before = (await upstream.log()).length;
  const offline = await startHearth({ env: env(upstream), args: ['--offline'] });
  await refused(client(offline, { defaultHeaders: { 'x-hearth-provider': 'openai' } }).files.list(), 403);
  await refused(client(offline).audio.speech.create({ model: 'openai/tts-1', voice: 'alloy', input: 'x' }), 403);
  await refused(client(offline).images.generate({ model: 'openai/gpt-image-1', prompt: 'x' }), 403);
  assert.equal((await upstream.log()).length, before, 'nothing left this machine');
  assert.ok((await offline.ledger()).every((row) => row.status === 'refused'));
  await offline.stop();
  upstream.stop();
});
