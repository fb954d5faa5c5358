// Vendor specifics: URLs, authentication, and answers to an OpenAI client.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test, assert } from './lib/runner.mjs';
import { startHearth, startUpstream, makeHome } from './lib/processes.mjs';

const chat = (model, more = {}) => ({ model, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }], ...more });
const completion = { id: 'c', object: 'chat.completion', created: 1, model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } };
const claude = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5', stop_reason: 'end_turn',
  stop_sequence: null, content: [{ type: 'text', text: 'Hello' }], usage: { input_tokens: 3, output_tokens: 1 } };
const gemini = { candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 }, modelVersion: 'gemini-3.5-flash' };

// Sends one request and resolves to the received one.
async function ask(hearth, upstream, paths, body) {
  await upstream.script({ mode: 'paths', paths });
  const response = await hearth.post('/v1/chat/completions', body);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.equal(answer.choices[0].message.content, 'Hello');
  return upstream.log();
}

test('anthropic: x-api-key and version header, max_tokens from the catalogue', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { ANTHROPIC_API_KEY: 'ka', ANTHROPIC_BASE_URL: upstream.base } });
  const [received] = await ask(hearth, upstream, { '/v1/messages': { body: claude } },
    { model: 'anthropic/claude-sonnet-5', messages: [{ role: 'user', content: 'hi' }] });
  assert.equal(received.headers['x-api-key'], 'ka');
  assert.equal(received.headers.authorization, undefined);
  assert.equal(received.headers['anthropic-version'], '2023-06-01');
  assert.equal(JSON.parse(received.raw).max_tokens, 128000);
  await upstream.script({ mode: 'status', status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 211000 tokens > 200000 maximum' } } });
  const long = await (await hearth.post('/v1/chat/completions', chat('anthropic/claude-sonnet-5'))).json();
  assert.equal(long.error.code, 'context_length_exceeded');
  assert.match(long.error.message, /200000 tokens.*211000 tokens/);
  await hearth.stop();
  upstream.stop();
});

test('google: x-goog-api-key, the model in the path', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { GEMINI_API_KEY: 'kg', GOOGLE_GEMINI_BASE_URL: upstream.base } });
  const [received] = await ask(hearth, upstream, { '/v1beta/models/gemini-3.5-flash:generateContent': { body: gemini } }, chat('google/gemini-3.5-flash'));
  assert.equal(received.headers['x-goog-api-key'], 'kg');
  assert.equal(JSON.parse(received.raw).model, undefined);
  await hearth.stop();
  upstream.stop();
});

test('azure-openai: api-key, at the configured endpoint', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { AZURE_OPENAI_API_KEY: 'kz', AZURE_OPENAI_ENDPOINT: `${upstream.base}/` } });
  const [received] = await ask(hearth, upstream, { '/openai/v1/chat/completions': { body: completion } }, chat('azure-openai/my-deployment'));
  assert.equal(received.headers['api-key'], 'kz');
  assert.equal(JSON.parse(received.raw).model, 'my-deployment');
  assert.equal(JSON.parse(received.raw).max_completion_tokens, 5);
  await hearth.stop();
  upstream.stop();
});

// The expected signature, computed from the received request.
function signature(received, secret, host, region, service) {
  const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest();
  const hash = (text) => crypto.createHash('sha256').update(text).digest('hex');
  const date = received.headers['x-amz-date'], day = date.slice(0, 8);
  const names = /SignedHeaders=([^,]+)/.exec(received.headers.authorization)[1];
  const lines = names.split(';').map((name) => `${name}:${name === 'host' ? host : received.headers[name]}\n`).join('');
  const canonical = [received.method, received.url, '', lines, names, hash(received.raw)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce(hmac, `AWS4${secret}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, `${day}/${region}/${service}/aws4_request`, hash(canonical)].join('\n')).toString('hex');
}

test('bedrock: requests are signed including the body, or have a bearer token', async () => {
  const upstream = await startUpstream();
  const config = `[providers.bedrock]\nbase_url = "${upstream.base}/openai/v1"\n`;
  const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'hidden', AWS_SESSION_TOKEN: 'session' };
  const hearth = await startHearth({ config, env });
  for (const text of ['one', 'two']) {
    const [received] = await ask(hearth, upstream, { '/openai/v1/chat/completions': { body: completion } }, chat('bedrock/openai.gpt-oss-120b-1:0', { user: text }));
    assert.equal(received.headers['x-amz-security-token'], 'session');
    assert.match(received.headers.authorization, /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/bedrock\/aws4_request, /);
    assert.equal(/Signature=(\w+)$/.exec(received.headers.authorization)[1], signature(received, 'hidden', `127.0.0.1:${upstream.port}`, 'us-east-1', 'bedrock'));
  }
  await hearth.stop();
  const bearer = await startHearth({ config, env: { ...env, AWS_BEARER_TOKEN_BEDROCK: 'kb' } });
  const [received] = await ask(bearer, upstream, { '/openai/v1/chat/completions': { body: completion } }, chat('bedrock/openai.gpt-oss-120b-1:0'));
  assert.equal(received.headers.authorization, 'Bearer kb');
  assert.equal(received.headers['x-amz-date'], undefined);
  await bearer.stop();
  upstream.stop();
});

function serviceAccount(home, upstream) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const file = path.join(home, 'account.json');
  fs.writeFileSync(file, JSON.stringify({ type: 'service_account', project_id: 'p-1', private_key_id: 'kid', private_key: privateKey,
    client_email: 'hearth@p-1.example', token_uri: `${upstream.base}/token` }), { mode: 0o600 });
  return { file, publicKey };
}

test('vertex: concurrent requests share one token from a signed assertion, recorded in the ledger', async () => {
  const upstream = await startUpstream();
  const base = '/v1/projects/p-1/locations/global/publishers';
  const home = makeHome(`[providers.vertex]\nbase_url = "${upstream.base}${base}/google"\n[providers.vertex-anthropic]\nbase_url = "${upstream.base}${base}/anthropic"\n`);
  const { file, publicKey } = serviceAccount(home, upstream);
  const hearth = await startHearth({ home, env: { GOOGLE_APPLICATION_CREDENTIALS: file } });
  const paths = { '/token': { body: { access_token: 'ya29.one', expires_in: 3599, token_type: 'Bearer' } },
    [`${base}/google/models/gemini-3.5-flash:generateContent`]: { body: gemini },
    [`${base}/anthropic/models/claude-sonnet-5@default:rawPredict`]: { body: claude } };
  await upstream.script({ mode: 'paths', paths });
  const both = await Promise.all([1, 2].map(() => hearth.post('/v1/chat/completions', chat('vertex/gemini-3.5-flash'))));
  for (const response of both) assert.equal(response.status, 200, await response.text());
  const log = await upstream.log();
  const fetched = log.filter((received) => received.url === '/token');
  assert.equal(fetched.length, 1);
  const form = new URLSearchParams(fetched[0].raw);
  assert.equal(form.get('grant_type'), 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header, claims, proof] = form.get('assertion').split('.');
  assert.ok(crypto.verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(proof, 'base64url')));
  assert.equal(JSON.parse(Buffer.from(claims, 'base64url')).iss, 'hearth@p-1.example');
  for (const received of log.filter((one) => one.url !== '/token')) assert.equal(received.headers.authorization, 'Bearer ya29.one');
  const line = (await hearth.ledger()).find((entry) => entry.kind === 'token');
  assert.equal(line?.status, 'ok', JSON.stringify(await hearth.ledger()));
  const anthropicLog = await ask(hearth, upstream, paths, chat('vertex-anthropic/claude-sonnet-5@default'));
  const messages = anthropicLog.find((received) => received.url !== '/token');
  assert.equal(JSON.parse(messages.raw).anthropic_version, 'vertex-2023-10-16');
  assert.equal(JSON.parse(messages.raw).model, undefined);
  for (const secret of ['ya29.one', 'PRIVATE KEY']) assert.ok(!hearth.child.output.includes(secret));
  await hearth.stop();
  upstream.stop();
});

test('vertex: a rejected assertion is reported, and no request is sent', async () => {
  const upstream = await startUpstream();
  const home = makeHome(`[providers.vertex]\nbase_url = "${upstream.base}/v1/publishers/google"\n`);
  const { file } = serviceAccount(home, upstream);
  const hearth = await startHearth({ home, env: { GOOGLE_APPLICATION_CREDENTIALS: file } });
  await upstream.script({ mode: 'paths', paths: { '/token': { status: 400, body: { error: 'invalid_grant', error_description: 'hearth@p-1.example is unknown' } } } });
  const response = await hearth.post('/v1/chat/completions', chat('vertex/gemini-3.5-flash'));
  assert.equal(response.status, 502);
  const { error } = await response.json();
  assert.match(error.message, /No access token for vertex .*400 \(invalid_grant\)/);
  assert.ok(!error.message.includes('unknown'));
  assert.ok((await upstream.log()).every((received) => received.url === '/token'));
  await hearth.stop();
  upstream.stop();
});

test('mistral: completions with a suffix use the FIM endpoint and are returned as completions', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { MISTRAL_API_KEY: 'km', MISTRAL_BASE_URL: `${upstream.base}/v1` } });
  await upstream.script({ mode: 'paths', paths: { '/v1/fim/completions': { body: completion } } });
  const middle = await hearth.post('/v1/completions', { model: 'mistral/codestral-latest', prompt: 'a(', suffix: ')', max_tokens: 4 });
  const answer = await middle.json();
  assert.equal(answer.choices?.[0].text, 'Hello', JSON.stringify(answer));
  const [received] = await upstream.log();
  assert.deepEqual(JSON.parse(received.raw), { model: 'codestral-latest', prompt: 'a(', suffix: ')', max_tokens: 4 });
  // Mistral's own endpoint: bytes are relayed unchanged in both directions.
  const own = await (await hearth.post('/v1/fim/completions', { model: 'mistral/codestral-latest', prompt: 'a(', min_tokens: 1 })).json();
  assert.equal(own.choices[0].message.content, 'Hello');
  assert.equal(JSON.parse((await upstream.log())[1].raw).min_tokens, 1);
  const many = await hearth.post('/v1/completions', { model: 'mistral/codestral-latest', prompt: ['a', 'b'] });
  assert.equal(many.status, 501, await many.text());
  await hearth.stop();
  upstream.stop();
});

test('cohere: reranking uses its own URL beside the compatible endpoints', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { COHERE_API_KEY: 'kc', COHERE_BASE_URL: `${upstream.base}/compatibility/v1` } });
  await upstream.script({ mode: 'paths', paths: { '/v2/rerank': { body: { id: 'r', results: [{ index: 1, relevance_score: 0.9 }, { index: 0, relevance_score: 0.1 }] } } } });
  const response = await hearth.post('/v1/rerank', { model: 'cohere/rerank-v3.5', query: 'q', documents: ['a', 'b'] });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  assert.deepEqual(answer.results.map((result) => result.index), [1, 0]);
  await hearth.stop();
  upstream.stop();
});
