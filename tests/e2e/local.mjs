// Local requests with the built-in model: no key, no network.
import { test, assert, until } from './lib/runner.mjs';
import { startHearth, makeHome, makeModel, cli, events } from './lib/processes.mjs';
import fs from 'node:fs';

const hello = { model: 'local', max_tokens: 8, messages: [{ role: 'user', content: 'hello' }] };

test('spark: chat and fill-in-the-middle, streamed and not, offline', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const whole = await hearth.post('/v1/chat/completions', hello);
  assert.equal(whole.status, 200, await whole.clone().text());
  assert.match(whole.headers.get('x-hearth-route'), /^engine\/spark; place=local/);
  const answer = await whole.json();
  assert.equal(answer.object, 'chat.completion');
  assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 0);
  const streamed = await events(await hearth.post('/v1/chat/completions', { ...hello, stream: true, stream_options: { include_usage: true } }));
  assert.equal(streamed.at(-1), '[DONE]');
  assert.equal(JSON.parse(streamed[0]).choices[0].delta.role, 'assistant');
  assert.ok(JSON.parse(streamed.at(-2)).usage.completion_tokens > 0);
  const fim = { model: 'local', prompt: 'def add(a, b):\n    return ', suffix: '\n\nprint(add(1, 2))\n', max_tokens: 8 };
  const middle = await (await hearth.post('/v1/completions', fim)).json();
  assert.equal(middle.object, 'text_completion');
  assert.equal(typeof middle.choices[0].text, 'string');
  const pieces = await events(await hearth.post('/v1/completions', { ...fim, stream: true }));
  assert.equal(pieces.at(-1), '[DONE]');
  const entries = await hearth.ledger();
  assert.equal(entries.length, 4);
  for (const entry of entries) {
    assert.equal(entry.status, 'ok');
    assert.equal(entry.place, 'local');
    assert.equal(entry.cost_nano_usd, 0);
  }
  await hearth.stop();
}, { timeout: 120_000 });

test('embeddings: floats and base64 agree and are normalized', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const ask = async (extra) => (await (await hearth.post('/v1/embeddings', { model: 'local', input: ['one', 'two words'], ...extra })).json()).data;
  const floats = await ask({});
  const coded = await ask({ encoding_format: 'base64' });
  assert.equal(floats.length, 2);
  const norm = Math.hypot(...floats[0].embedding);
  assert.ok(Math.abs(norm - 1) < 1e-3, `norm ${norm}`);
  const bytes = Buffer.from(coded[1].embedding, 'base64');
  assert.ok(Math.abs(bytes.readFloatLE(0) - floats[1].embedding[0]) < 1e-6);
  await hearth.stop();
}, { timeout: 120_000 });

test('a prompt over the context size: an error with both numbers, in the format that agents parse', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const response = await hearth.post('/v1/chat/completions', { ...hello, messages: [{ role: 'user', content: 'word '.repeat(60_000) }] });
  assert.equal(response.status, 400);
  const { error } = await response.json();
  assert.equal(error.code, 'context_length_exceeded');
  assert.match(error.message, /maximum context length is \d+ tokens.*\d+ tokens/s);
  await hearth.stop();
}, { timeout: 120_000 });

test('a client disconnect stops the generation; the next request is served', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  await (await hearth.post('/v1/chat/completions', hello)).json();
  const stop = new AbortController();
  const long = await fetch(`${hearth.base}/v1/chat/completions`, { method: 'POST', signal: stop.signal,
    body: JSON.stringify({ ...hello, max_tokens: 100000, ignore_eos: true, stream: true }) });
  const reader = long.body.getReader();
  await reader.read();
  stop.abort();
  await reader.read().catch(() => {});
  const entry = await until('the settlement', async () => (await hearth.ledger()).find((e) => e.status === 'cancelled'));
  assert.equal(entry.place, 'local');
  await until('an idle worker', async () => (await (await fetch(`${hearth.base}/hearth/v1/ps`)).json()).workers.every((w) => w.open === 0));
  assert.equal((await hearth.post('/v1/chat/completions', hello)).status, 200);
  await hearth.stop();
}, { timeout: 120_000 });

test('a killed worker: its client gets an error, and the next request starts a new worker', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  await (await hearth.post('/v1/chat/completions', hello)).json();
  const [worker] = (await (await fetch(`${hearth.base}/hearth/v1/ps`)).json()).workers;
  assert.ok(worker.pid > 0);
  const response = await hearth.post('/v1/chat/completions', { ...hello, max_tokens: 100000, ignore_eos: true, stream: true });
  const reader = response.body.getReader();
  await reader.read();
  process.kill(worker.pid, 'SIGKILL');
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += Buffer.from(value).toString();
    }
  } catch { /* the stream ends broken, after its error event */ }
  assert.match(text, /"error"/);
  assert.ok(!text.includes('[DONE]'));
  const again = await until('another worker', async () => {
    const retry = await hearth.post('/v1/chat/completions', hello);
    await retry.text();
    return retry.status === 200;
  });
  assert.ok(again);
  await hearth.stop();
}, { timeout: 120_000 });

test('damaged model files: an error each, without effect on other models', async () => {
  const home = makeHome();
  const good = makeModel(home, 'tiny');
  fs.writeFileSync(`${home}/short.gguf`, fs.readFileSync(good).subarray(0, 200_000));
  fs.writeFileSync(`${home}/noise.gguf`, Buffer.alloc(100_000, 7));
  for (const name of ['short', 'noise']) {
    const pulled = cli(home, ['pull', `${home}/${name}.gguf`, '--name', name]);
    assert.notEqual(pulled.status, 0);
    assert.match(pulled.stderr + pulled.stdout, /GGUF|truncated|bytes/i);
  }
  cli(home, ['stop']);
}, { timeout: 120_000 });

test('concurrency: a non-streamed answer is complete while a stream runs', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  const stream = await hearth.post('/v1/completions', { model: 'spark', prompt: 'int main(', max_tokens: 600, stream: true });
  const reader = stream.body.getReader();
  await reader.read();
  for (let i = 0; i < 5; i += 1) {
    const whole = await hearth.post('/v1/chat/completions', { ...hello, model: 'spark' });
    assert.equal(whole.status, 200, await whole.clone().text());
  }
  await reader.cancel();
  await hearth.stop();
}, { timeout: 120_000 });
