// Heartbeats: a client that waits receives a response head and heartbeats, while failover is still possible.
import { test, assert } from './lib/runner.mjs';
import { startHearth, startUpstream } from './lib/processes.mjs';

const openai = (upstream) => ({ OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${upstream.base}/v1` });
const config = `[server]
keep_alive_after_ms = 150
[providers.openai.timeouts]
first_token_ms = 700
[route.fallback]
"openai/gpt-5.5" = ["spark"]
`;
const message = { model: 'openai/gpt-5.5', stream: true, max_tokens: 4, messages: [{ role: 'user', content: 'hello' }] };

// The time until the response head, and the whole response.
async function receive(hearth, where, body) {
  const start = performance.now();
  const response = await hearth.post(where, body);
  const head = performance.now() - start;
  let text = '', broken = false;
  try {
    for await (const piece of response.body) text += Buffer.from(piece).toString();
  } catch {
    broken = true;
  }
  return { head, text, broken, route: response.headers.get('x-hearth-route'), status: response.status };
}

test('heartbeat: head and newlines while a provider does not respond, then the next candidate answers', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config, env: openai(upstream) });
  await upstream.script({ mode: 'stall' });
  const result = await receive(hearth, '/v1/chat/completions', message);
  assert.equal(result.route, 'pending');
  assert.ok(result.head < 700, `the head came after ${result.head} ms`);
  assert.match(result.text, /^\n{2,}data: /, 'blank lines, then the stream');
  assert.match(result.text, /data: \[DONE\]\n\n$/);
  const [entry] = await hearth.ledger();
  assert.equal(entry.status, 'ok');
  assert.equal(entry.model, 'spark', 'the ledger holds the final route');
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('heartbeat: pings for Anthropic clients, and an error event when no candidate answers', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config: config.replace('["spark"]', '[]'), env: openai(upstream) });
  await upstream.script({ mode: 'stall' });
  const result = await receive(hearth, '/v1/messages', message);
  assert.equal(result.status, 200);
  assert.match(result.text, /^(event: ping\ndata: \{"type": ?"ping"\}\n\n){2,}event: error\ndata: \{"type":"error"/);
  assert.ok(result.broken, 'and the connection is reset, so that it does not look complete');
  const [entry] = await hearth.ledger();
  assert.equal(entry.error, 'upstream_timeout');
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('heartbeat: none before an answer that arrives in time', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config: config.replace('150', '5000'), env: openai(upstream) });
  const result = await receive(hearth, '/v1/chat/completions', message);
  assert.match(result.route, /^openai\/gpt-5.5; place=cloud/);
  assert.ok(result.text.startsWith('data: '));
  await hearth.stop();
  upstream.stop();
});

test('a Responses body at the chat endpoint (Cursor) is accepted and answered as a chat', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const body = { model: 'openai/gpt-5.5', instructions: 'Be brief.', input: [{ role: 'user', content: 'hello' }],
    tools: [{ type: 'function', name: 'read', parameters: { type: 'object' } }] };
  const answer = await (await hearth.post('/v1/chat/completions', body)).json();
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.choices[0].message.content, 'Hello world');
  const sent = JSON.parse((await upstream.log())[0].raw);
  assert.deepEqual(sent.messages.map(({ role, content }) => [role, content]), [['system', 'Be brief.'], ['user', 'hello']]);
  assert.equal(sent.tools[0].function.name, 'read');
  await hearth.stop();
  upstream.stop();
});
