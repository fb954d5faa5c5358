// An upstream fails in six ways; in five the client receives one complete answer of the next candidate, in the sixth a
// stream that ends with an error. The upstreams' logs show how many requests arrived.
import { test, assert, until } from './lib/runner.mjs';
import { startHearth, startUpstream, startVendor, events } from './lib/processes.mjs';

const config = (first, second) => `
[providers.first]
base_url = "${first}/v1"
key_env = "FIRST_KEY"
models = ["model-a"]
[providers.first.timeouts]
first_token_ms = 700
stall_ms = 700
[providers.second]
base_url = "${second}/v1"
key_env = "SECOND_KEY"
models = ["model-b"]
[route]
cloud = ["first/model-a", "second/model-b"]
circuit_failures = 100
`;
const env = { FIRST_KEY: 'sk-first-secret', SECOND_KEY: 'sk-second-secret' };
const question = { model: 'cloud', stream: true, messages: [{ role: 'user', content: 'hi' }] };

async function scenario(script, check) {
  const first = await startUpstream();
  const second = await startUpstream();
  const hearth = await startHearth({ config: config(script.refused ? 'http://127.0.0.1:1' : first.base, second.base), env });
  try {
    await first.script(script);
    await check({ first, second, hearth });
  } finally {
    await hearth.stop();
    first.stop();
    second.stop();
  }
}

// One clean answer from the second; the first saw `arrived` requests, the second exactly one.
// `billed`: what the first one may have cost; null where it had the request and nobody knows what it did with it.
async function cleanAnswer({ first, second, hearth }, arrived, error, billed) {
  const response = await hearth.post('/v1/chat/completions', question);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('x-hearth-route'), /^second\/model-b; place=cloud/);
  const all = await events(response);
  assert.equal(all.at(-1), '[DONE]');
  const text = all.slice(0, -1).map((e) => JSON.parse(e).choices[0]?.delta?.content ?? '').join('');
  assert.equal(text, 'Hello world');
  assert.equal((await first.log()).length, arrived);
  const received = await second.log();
  assert.equal(received.length, 1);
  assert.equal(JSON.parse(received[0].raw).model, 'model-b');
  assert.equal(received[0].headers.authorization, 'Bearer sk-second-secret');
  const [entry] = await hearth.ledger();
  assert.equal(entry.status, 'ok');
  assert.equal(entry.provider, 'second');
  assert.equal(entry.attempts.length, 1);
  assert.equal(entry.attempts[0].provider, 'first');
  assert.equal(entry.attempts[0].error, error);
  assert.equal(entry.attempts[0].cost_nano_usd, billed);
  assert.equal(entry.last_attempt.input_tokens, 1000);
  assert.equal(entry.last_attempt.cached_input_tokens, 400);
  assert.equal(entry.input_tokens, billed === null ? null : 1000);
  assert.equal(entry.cached_input_tokens, 400);
}

test('failover: connection refused', () => scenario({ refused: true }, (s) => cleanAnswer(s, 0, 'upstream_connect', 0)));
test('failover: 429 with Retry-After', () => scenario({ mode: 'status', status: 429, retry_after: 7 }, async (s) => {
  await cleanAnswer(s, 1, 'rate_limited', 0);
  await (await s.hearth.post('/v1/chat/completions', question)).text();
  assert.equal((await s.first.log()).length, 1, 'retried despite Retry-After');
}));
test('failover: 500', () => scenario({ mode: 'status', status: 500 }, (s) => cleanAnswer(s, 1, 'upstream_failed', 0)));
test('failover: accepts and never responds', () => scenario({ mode: 'silent' }, (s) => cleanAnswer(s, 1, 'upstream_timeout', null)));
test('failover: headers, then stalls', () => scenario({ mode: 'stall' }, (s) => cleanAnswer(s, 1, 'upstream_timeout', null)));
test('failover: an HTML page', () => scenario({ mode: 'html' }, (s) => cleanAnswer(s, 1, 'upstream_failed', null)));

test('truncated after content: the stream ends with an error, never with a normal finish', () => scenario({ mode: 'cut' }, async ({ first, second, hearth }) => {
  const response = await hearth.post('/v1/chat/completions', question);
  assert.equal(response.status, 200);
  let text = '';
  let broken = false;
  try {
    for await (const piece of response.body) text += Buffer.from(piece).toString();
  } catch {
    broken = true;
  }
  assert.ok(broken, 'the connection must not end like a complete answer');
  assert.ok(text.includes('Hello'));
  assert.ok(!text.includes('[DONE]'));
  const last = text.trim().split('\n\n').at(-1);
  assert.match(JSON.parse(last.slice(6)).error.message, /first|stream|cut|ended/i);
  assert.equal((await first.log()).length, 1);
  assert.equal((await second.log()).length, 0);
  const [entry] = await hearth.ledger();
  assert.equal(entry.status, 'error');
  assert.equal(entry.error, 'upstream_broken');
}));

test('all fail: one error that names each candidate, with the earliest Retry-After', () => scenario({ mode: 'status', status: 429, retry_after: 9 }, async ({ second, hearth }) => {
  await second.script({ mode: 'status', status: 429, retry_after: 3 });
  const response = await hearth.post('/v1/chat/completions', question);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('retry-after'), '3');
  const { error } = await response.json();
  assert.match(error.message, /first\/model-a.*second\/model-b/s);
}));

test('a client error is passed on without failover', () => scenario(
  { mode: 'status', status: 400, body: { error: { message: 'bad temperature', type: 'invalid_request_error', param: 'temperature', code: 'x1' } } },
  async ({ second, hearth }) => {
    const response = await hearth.post('/v1/chat/completions', question);
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), { error: { message: 'bad temperature', type: 'invalid_request_error', param: 'temperature', code: 'x1' } });
    assert.equal((await second.log()).length, 0);
  }));

test('client disconnect: the upstream request is cancelled and the ledger entry records it', () => scenario({ mode: 'stall' }, async ({ first, hearth }) => {
  await first.script({ mode: 'silent' });
  const stop = new AbortController();
  const pending = fetch(`${hearth.base}/v1/chat/completions`, { method: 'POST', signal: stop.signal, body: JSON.stringify(question) }).catch(() => null);
  await until('the request to arrive', async () => (await first.log()).length === 1);
  stop.abort();
  await pending;
  await until('the upstream to be closed', async () => (await first.log())[0].closed);
  const entry = await until('the settlement', async () => (await hearth.ledger()).find((e) => e.status === 'cancelled'));
  assert.equal(entry.provider, 'first');
}));

test('circuit: opens after consecutive failures', async () => {
  const first = await startUpstream();
  const second = await startUpstream();
  const hearth = await startHearth({ config: config(first.base, second.base).replace('circuit_failures = 100', 'circuit_failures = 2'), env });
  await first.script({ mode: 'status', status: 500 });
  for (let i = 0; i < 5; i += 1) await (await hearth.post('/v1/chat/completions', question)).text();
  assert.equal((await first.log()).length, 2);
  assert.equal((await second.log()).length, 5);
  await hearth.stop();
  first.stop();
  second.stop();
});

// A conversation whose signatures the upstream cannot verify (another account or organisation) continues without them.
const stateful = {
  anthropic: { path: '/v1/messages', body: { model: 'v-anthropic/scripted-1', max_tokens: 4096, thinking: { type: 'enabled', budget_tokens: 1024 },
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    messages: [{ role: 'user', content: 'q' },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 'RXF' }, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'r' }] }] } },
  responses: { path: '/v1/responses', body: { model: 'v-responses/scripted-1', store: false, include: ['reasoning.encrypted_content'],
    input: [{ role: 'user', content: 'q' }, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAABo' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] }, { role: 'user', content: 'r' }] } },
  gemini: { path: '/v1beta/models/v-gemini/scripted-1:generateContent', body: {
    contents: [{ role: 'user', parts: [{ text: 'q' }] },
      { role: 'model', parts: [{ text: 'a', thoughtSignature: 'RXF0aGlz' }] }, { role: 'user', parts: [{ text: 'r' }] }] } },
};

test('failover: rejected state is removed, and the same upstream is retried once', async () => {
  const vendor = await startVendor();
  const dialects = { anthropic: 'v1', responses: 'v1', gemini: 'v1beta' };
  const rows = Object.entries(dialects).map(([dialect, base]) => `[providers.v-${dialect}]\nbase_url = "${vendor.base}/${base}"\ndialect = "${dialect}"
place = "cloud"\nkey_env = "VENDOR_KEY"\nmodels = ["scripted-1"]\n${dialect === 'gemini' ? 'headers = { x-goog-api-key = "k" }\n' : ''}`);
  const hearth = await startHearth({ config: rows.join('\n'), env: { VENDOR_KEY: 'vendor-key' } });
  for (const [dialect, { path, body }] of Object.entries(stateful)) {
    await vendor.script({ text: 'Hello', stateless: true });
    const response = await hearth.post(path, body);
    assert.equal(response.status, 200, `${dialect}: ${await response.clone().text()}`);
    assert.match(await response.text(), /Hello/);
    const [refused, taken, ...more] = await vendor.log();
    assert.equal(more.length, 0, dialect);
    assert.doesNotMatch(taken.raw, /RXF|gAAAAABo/, dialect);
    assert.match(refused.raw, /RXF|gAAAAABo/, dialect);
    const [entry] = await hearth.ledger();
    assert.equal(entry.status, 'ok');
    assert.deepEqual(entry.attempts.map((one) => one.provider), [`v-${dialect}`]);
  }
  // Rejected again: the client receives the vendor's message, after exactly two attempts.
  await vendor.script({ error: { status: 400 } });
  const own = await hearth.post(stateful.anthropic.path, stateful.anthropic.body);
  assert.equal(own.status, 400);
  assert.equal((await vendor.log()).length, 1, 'another rejection is not retried');
  await hearth.stop();
  vendor.stop();
});

test('features dropped in translation are recorded in the ledger', async () => {
  const vendor = await startVendor();
  const hearth = await startHearth({ config: `[providers.v]\nbase_url = "${vendor.base}/v1"\ndialect = "anthropic"\nplace = "cloud"
key_env = "VENDOR_KEY"\nmodels = ["claude-opus-4-7"]\n`, env: { VENDOR_KEY: 'vendor-key' } });
  await vendor.script({ text: 'Hello', thinking: 'hm' });
  const response = await hearth.post('/v1/chat/completions', { model: 'v/claude-opus-4-7', seed: 7, temperature: 0.5, reasoning_effort: 'high',
    stream: true, messages: [{ role: 'user', content: 'q' }] });
  assert.equal(response.status, 200);
  await response.text();
  const [entry] = await hearth.ledger();
  assert.deepEqual(entry.warnings.map((warning) => warning.split(':')[0]), ['seed', 'temperature', 'thinking_signature']);
  assert.match(response.headers.get('x-hearth-warning'), /^seed: a seed not sent to v, temperature: not sent to v/);
  await hearth.stop();
  vendor.stop();
});
