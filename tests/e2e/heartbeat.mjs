// What a client hears while nothing comes: a head and signs of life, with failover still open behind them.
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

// How long until the head came, and all that followed it.
async function listen(hearth, where, body) {
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

test('waiting: head and newlines while a cloud says nothing, then the next candidate answers', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config, env: openai(upstream) });
  await upstream.script({ mode: 'stall' });
  const heard = await listen(hearth, '/v1/chat/completions', message);
  assert.equal(heard.route, 'pending');
  assert.ok(heard.head < 700, `the head came after ${heard.head} ms`);
  assert.match(heard.text, /^\n{2,}data: /, 'bare newlines, then the stream');
  assert.match(heard.text, /data: \[DONE\]\n\n$/);
  const [entry] = await hearth.ledger();
  assert.equal(entry.status, 'ok');
  assert.equal(entry.model, 'spark', 'the ledger holds the final route');
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('waiting: Anthropic hears pings, and an error event when nobody answers', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config: config.replace('["spark"]', '[]'), env: openai(upstream) });
  await upstream.script({ mode: 'stall' });
  const heard = await listen(hearth, '/v1/messages', message);
  assert.equal(heard.status, 200);
  assert.match(heard.text, /^(event: ping\ndata: \{"type": ?"ping"\}\n\n){2,}event: error\ndata: \{"type":"error"/);
  assert.ok(heard.broken, 'and the connection breaks, so that nobody takes it for whole');
  const [entry] = await hearth.ledger();
  assert.equal(entry.error, 'upstream_timeout');
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('waiting: an answer that comes in time has no sign of life before it', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ config: config.replace('150', '5000'), env: openai(upstream) });
  const heard = await listen(hearth, '/v1/chat/completions', message);
  assert.match(heard.route, /^openai\/gpt-5.5; place=cloud/);
  assert.ok(heard.text.startsWith('data: '));
  await hearth.stop();
  upstream.stop();
});

test('a Responses body at the chat endpoint (Cursor) is understood and answered as a chat', async () => {
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
