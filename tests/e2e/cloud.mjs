// Requests to cloud providers: the client's bytes are sent with the listed edits, the upstream's bytes are returned.
import { test, assert } from './lib/runner.mjs';
import { startHearth, startUpstream, events, makeHome, makeModel, cli } from './lib/processes.mjs';

const openai = (upstream) => ({ OPENAI_API_KEY: 'sk-test-secret', OPENAI_BASE_URL: `${upstream.base}/v1` });

test('auto answers locally; openai/gpt-5.5 is sent to the provider', async () => {
  const upstream = await startUpstream();
  const home = makeHome();
  const pulled = cli(home, ['pull', makeModel(home, 'tiny'), '--name', 'tiny']);
  assert.equal(pulled.status, 0, pulled.stderr);
  cli(home, ['stop']);
  const hearth = await startHearth({ home, env: openai(upstream) });
  const local = await hearth.post('/v1/chat/completions', { model: 'auto', max_tokens: 4, messages: [{ role: 'user', content: 'hi' }] });
  assert.equal(local.status, 200, await local.clone().text());
  assert.match(local.headers.get('x-hearth-route'), /^engine\/tiny; place=local/);
  assert.equal((await upstream.log()).length, 0);
  const cloud = await hearth.post('/v1/chat/completions', { model: 'openai/gpt-5.5', messages: [{ role: 'user', content: 'hi' }] });
  assert.equal(cloud.status, 200);
  assert.match(cloud.headers.get('x-hearth-route'), /^openai\/gpt-5.5; place=cloud; reason=named/);
  assert.equal((await upstream.log()).length, 1);
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('same dialect: the original bytes with the listed edits are sent; the answer is unchanged', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const sent = '{ "model" : "openai/gpt-5.5",\n  "messages":[{"role":"user","content":"\\u00e9 caf\u00e9"}],"vendor_new":{"a":[1.50,2e3]}, "temperature":0.70 }';
  const response = await hearth.post('/v1/chat/completions', sent, { authorization: 'Bearer client-key', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4', 'openai-organization': 'org-1' });
  const answer = await response.json();
  assert.deepEqual(answer.vendor_field, { kept: true });
  const [received] = await upstream.log();
  assert.equal(received.url, '/v1/chat/completions');
  assert.equal(received.raw, sent.replace('"openai/gpt-5.5"', '"gpt-5.5"'));
  assert.equal(received.headers.authorization, 'Bearer sk-test-secret');
  assert.equal(received.headers['accept-encoding'], 'identity');
  assert.equal(received.headers['openai-organization'], 'org-1');
  for (const name of ['cookie', 'x-forwarded-for']) assert.equal(received.headers[name], undefined, name);
  await hearth.stop();
  upstream.stop();
});

test('usage is always requested; its chunk is removed if the client did not request it', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const ask = async (extra) => events(await hearth.post('/v1/chat/completions', { model: 'openai/gpt-5.5', stream: true, messages: [{ role: 'user', content: 'hi' }], ...extra }));
  const hidden = await ask({});
  assert.ok(!hidden.some((e) => e.includes('prompt_tokens')));
  assert.equal(JSON.parse((await upstream.log())[0].raw).stream_options.include_usage, true);
  const shown = await ask({ stream_options: { include_usage: true } });
  assert.ok(shown.some((e) => e.includes('prompt_tokens')));
  const entries = await hearth.ledger();
  // gpt-5.5 in the catalogue: $5.00 input, $0.50 cached, $30 output per million: 600 x 5000 + 400 x 500 + 2 x 30000.
  for (const entry of entries) assert.equal(entry.cost_nano_usd, 600 * 5000 + 400 * 500 + 2 * 30000);
  await hearth.stop();
  upstream.stop();
});

test('policy: --offline, a denied provider and a missing key are refused with the reason, and nothing is sent', async () => {
  const upstream = await startUpstream();
  const ask = async (hearth, model = 'openai/gpt-5.5') => {
    const response = await hearth.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] });
    return { status: response.status, error: (await response.json()).error };
  };
  const offline = await startHearth({ env: openai(upstream), args: ['--offline'] });
  let refusal = await ask(offline);
  assert.equal(refusal.status, 403);
  assert.match(refusal.error.message, /offline/);
  const [refused] = await offline.ledger();
  assert.equal(refused.status, 'refused');
  await offline.stop();
  const denied = await startHearth({ env: openai(upstream), config: '[providers.openai]\npolicy = "deny"\n' });
  refusal = await ask(denied);
  assert.equal(refusal.status, 403);
  assert.match(refusal.error.message, /openai/);
  await denied.stop();
  const keyless = await startHearth({});
  refusal = await ask(keyless);
  assert.equal(refusal.status, 401);
  assert.match(refusal.error.message, /OPENAI_API_KEY/);
  refusal = await ask(keyless, 'gpt-5.55-nano');
  assert.equal(refusal.status, 404);
  await keyless.stop();
  assert.equal((await upstream.log()).length, 0);
  upstream.stop();
});

test('keys do not appear in logs, the ledger or the status page', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream), config: '[log]\nlevel = "debug"\n' });
  await upstream.script({ mode: 'status', status: 401 });
  await (await hearth.post('/v1/chat/completions', { model: 'openai/gpt-5.5', messages: [{ role: 'user', content: 'hi' }] })).text();
  const status = await (await fetch(`${hearth.base}/hearth/v1/status`)).text();
  const ledger = JSON.stringify(await hearth.ledger());
  const metrics = await (await fetch(`${hearth.base}/metrics`)).text();
  for (const text of [status, ledger, metrics, hearth.child.output]) assert.ok(!text.includes('sk-test-secret'));
  assert.match(metrics, /hearth_requests_total\{kind="chat",place="cloud",status="error"\} 1/);
  await hearth.stop();
  upstream.stop();
});
