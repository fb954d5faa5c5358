// Invalid input: each gets a clear error, and the server continues.
import net from 'node:net';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { test, assert, sleep } from './lib/runner.mjs';
import { startHearth, makeHome, cli, cleanEnv, bin } from './lib/processes.mjs';

// Sends raw bytes over a socket; resolves to everything received until the server closes or sends nothing for a while.
const raw = (hearth, bytes, quiet = 1500) => new Promise((done) => {
  const [host, port] = hearth.address.split(':');
  const socket = net.connect(Number(port), host, () => socket.write(bytes));
  let text = '';
  socket.setTimeout(quiet, () => socket.destroy());
  socket.on('data', (piece) => { text += piece; });
  socket.on('error', () => {});
  socket.on('close', () => done(text));
});
const head = (lines, body = '') => `${lines.join('\r\n')}\r\n\r\n${body}`;
const chat = (extra) => ({ model: 'local', messages: [{ role: 'user', content: 'hi' }], ...extra });

test('invalid bodies: 400 with the reason, the position and the field', async () => {
  const hearth = await startHearth();
  const cases = [
    ['{"model":"local",', /line 1|byte|end/i],
    ['{"model":"a","model":"b","messages":[]}', /already|duplicate/],
    [`{"model":"local","messages":${'['.repeat(3000)}`, /deep|nest/i],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
    ['[]', /object/],
    ['', /empty|end|JSON/i],
    [JSON.stringify(chat({ messages: 'hi' })), /messages/],
    [JSON.stringify(chat({ temperature: 'hot' })), /temperature/],
    [JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] }), /model/],
    [JSON.stringify(chat({ messages: [] })), /messages/],
  ];
  for (const [body, pattern] of cases) {
    const response = await fetch(`${hearth.base}/v1/chat/completions`, { method: 'POST', body });
    const { error } = await response.json();
    assert.equal(response.status, 400, String(body).slice(0, 60));
    assert.equal(error.type, 'invalid_request_error');
    assert.match(error.message, pattern);
  }
  const unknown = await hearth.post('/v1/chat/completions', chat({ model: 'sparkk' }));
  assert.equal(unknown.status, 404);
  assert.match((await unknown.json()).error.message, /spark/);
  assert.equal((await fetch(`${hearth.base}/v1/nothing`)).status, 404);
  assert.equal((await fetch(`${hearth.base}/v1/chat/completions`)).status, 405);
  assert.equal((await fetch(`${hearth.base}/healthz`)).status, 200);
  const refused = (await hearth.ledger()).filter((e) => e.status === 'refused');
  assert.equal(refused.length, cases.length + 1, 'refused requests are in the ledger too');
  await hearth.stop();
});

test('too large: 413 with the limit, and the server continues', async () => {
  const hearth = await startHearth({ config: '[server]\nmax_body_mb = 1\n' });
  const response = await fetch(`${hearth.base}/v1/chat/completions`, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }).catch((e) => e);
  if (response instanceof Response) assert.equal(response.status, 413);
  const declared = await raw(hearth, head(['POST /v1/chat/completions HTTP/1.1', 'Host: localhost', 'Content-Length: 99999999']));
  assert.match(declared, /^HTTP\/1.1 413/);
  const headers = await raw(hearth, head(['GET /healthz HTTP/1.1', 'Host: localhost', `X: ${'y'.repeat(80_000)}`]));
  assert.match(headers, /^HTTP\/1.1 431/);
  assert.equal((await fetch(`${hearth.base}/healthz`)).status, 200);
  await hearth.stop();
});

test('request smuggling is rejected and the connection closed', async () => {
  const hearth = await startHearth();
  const cases = [
    ['Content-Length: 4', 'Transfer-Encoding: chunked'], ['Transfer-Encoding: xchunked'], ['Transfer-Encoding: chunked, gzip'],
    ['Content-Length: +5'], ['Content-Length: 5', 'Content-Length: 6'], ['Content-Length : 5'], ['Host: evil'],
  ];
  for (const lines of cases) {
    const text = await raw(hearth, head(['POST /v1/chat/completions HTTP/1.1', 'Host: localhost', ...lines], '0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    assert.match(text, /^HTTP\/1.1 (400|501)/, lines.join());
    assert.ok(!text.includes('"status":"ok"'), 'the smuggled request was answered');
  }
  await hearth.stop();
});

test('Host and Origin: DNS rebinding and cross-site posts are refused', async () => {
  const hearth = await startHearth();
  assert.match(await raw(hearth, head(['GET /v1/models HTTP/1.1', 'Host: evil.example', 'Connection: close'])), /^HTTP\/1.1 403/);
  assert.match(await raw(hearth, head(['GET /v1/models HTTP/1.1', 'Host: localhost:1', 'Connection: close'])), /^HTTP\/1.1 200/);
  const cross = await hearth.post('/v1/chat/completions', chat(), { origin: 'https://evil.example' });
  assert.equal(cross.status, 403);
  const page = await fetch(`${hearth.base}/v1/models`, { headers: { origin: 'http://localhost:3000' } });
  assert.equal(page.headers.get('access-control-allow-origin'), 'http://localhost:3000');
  await hearth.stop();
});

test('hops: a request over the hop limit gets 508', async () => {
  const hearth = await startHearth();
  const response = await hearth.post('/v1/chat/completions', chat(), { 'x-hearth-hop': '3' });
  assert.equal(response.status, 508);
  await hearth.stop();
});

test('slow and disconnecting senders do not block the server', async () => {
  const hearth = await startHearth({ config: '[server]\nhead_timeout_s = 1\n' });
  const text = await raw(hearth, 'POST /v1/chat/completions HTTP/1.1\r\nHost: loc', 4000);
  assert.match(text, /^HTTP\/1.1 408|^$/);
  for (let i = 0; i < 20; i += 1) {
    const [host, port] = hearth.address.split(':');
    const socket = net.connect(Number(port), host, () => socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"mo', () => socket.destroy()));
  }
  await sleep(300);
  assert.equal((await fetch(`${hearth.base}/healthz`)).status, 200);
  await hearth.stop();
});

test('keys: non-loopback addresses need a key to start, and requests without one get 401', async () => {
  const home = makeHome();
  const bare = spawnSync(path.join(bin, 'hearth'), ['serve', '--listen', '0.0.0.0:0'], { env: cleanEnv(home), encoding: 'utf8', timeout: 20_000 });
  assert.notEqual(bare.status, 0);
  assert.match(bare.stderr, /hearth key add/);
  const added = JSON.parse(cli(home, ['key', 'add', 'laptop', '--json']).stdout);
  const key = added.key ?? added.secret;
  assert.match(key, /^hk_/);
  assert.ok(!fs.readFileSync(path.join(home, 'keys'), 'utf8').includes(key), 'the key itself is stored');
  const hearth = await startHearth({ home: makeHomeWith(home), config: '' });
  assert.equal((await fetch(`${hearth.base}/v1/models`)).status, 401);
  assert.equal((await fetch(`${hearth.base}/v1/models`, { headers: { authorization: 'Bearer hk_wrong' } })).status, 401);
  assert.equal((await fetch(`${hearth.base}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status, 200);
  hearth.child.kill('SIGTERM');
  await hearth.child.ended;
});
function makeHomeWith(home) {
  fs.writeFileSync(path.join(home, 'hearth.toml'), '[server]\nrequire_keys = true\n');
  return home;
}

test('start-up errors: port in use, invalid configuration, a second daemon', async () => {
  const hearth = await startHearth();
  const second = spawnSync(path.join(bin, 'hearth'), ['serve', '--listen', hearth.address], { env: cleanEnv(makeHome()), encoding: 'utf8', timeout: 20_000 });
  assert.notEqual(second.status, 0);
  assert.match(second.stderr, new RegExp(hearth.address.split(':')[1]));
  const same = spawnSync(path.join(bin, 'hearth'), ['serve', '--listen', '127.0.0.1:0'], { env: cleanEnv(hearth.home), encoding: 'utf8', timeout: 20_000 });
  assert.notEqual(same.status, 0);
  assert.match(same.stderr, /already|running/i);
  const bad = cli(makeHome('[server]\nlisen = ["x"]\n'), ['config', 'check']);
  assert.notEqual(bad.status, 0);
  assert.match(bad.stdout + bad.stderr, /hearth\.toml:2:\d+.*lisen.*listen/s);
  await hearth.stop();
});
