// Resilience: a full disk, a damaged ledger, shutdown with open streams, slow readers, kill -9.
import fs from 'node:fs';
import path from 'node:path';
import net from 'node:net';
import { spawnSync } from 'node:child_process';
import { test, assert, sleep, until } from './lib/runner.mjs';
import { startHearth, startUpstream, makeHome, cleanEnv, bin } from './lib/processes.mjs';

const openai = (upstream) => ({ OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${upstream.base}/v1` });
const cloud = (stream = false) => ({ model: 'openai/gpt-5.5', stream, messages: [{ role: 'user', content: 'hi' }] });
const local = { model: 'spark', max_tokens: 4, messages: [{ role: 'user', content: 'hi' }] };

test('full disk: cloud requests get 503, local ones are served and recorded later, and it recovers', async () => {
  const upstream = await startUpstream();
  const home = makeHome();
  // A separate file system of two megabytes, if mounting is permitted; otherwise the test is skipped.
  const disk = path.join(home, 'disk');
  fs.mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status !== 0) {
    console.log('       skipped: mounting a small disk is not permitted on this machine');
    upstream.stop();
    return;
  }
  try {
    fs.writeFileSync(path.join(home, 'hearth.toml'), `[ledger]\npath = "${disk}/ledger.db"\n`);
    const hearth = await startHearth({ home, env: openai(upstream) });
    assert.equal((await hearth.post('/v1/chat/completions', cloud())).status, 200);
    const fill = fs.openSync(path.join(disk, 'fill'), 'w');
    try {
      for (;;) fs.writeSync(fill, Buffer.alloc(4096));
    } catch { /* full */ }
    fs.closeSync(fill);
    const refused = await until('a refusal', async () => {
      const response = await hearth.post('/v1/chat/completions', cloud());
      await response.text();
      return response.status === 503 && response;
    });
    assert.equal(refused.status, 503);
    const arrived = (await upstream.log()).length;
    const refusal = await hearth.post('/v1/chat/completions', cloud());
    assert.equal(refusal.status, 503);
    assert.match((await refusal.json()).error.message, /ledger|disk/i);
    assert.equal((await upstream.log()).length, arrived, 'a request was sent without a ledger entry');
    assert.equal((await hearth.post('/v1/chat/completions', local)).status, 200);
    assert.equal((await fetch(`${hearth.base}/readyz`)).status, 503);
    assert.match(await (await fetch(`${hearth.base}/metrics`)).text(), /hearth_ledger_backlog [1-9]/);
    fs.unlinkSync(path.join(disk, 'fill'));
    await until('the ledger to recover', async () => (await fetch(`${hearth.base}/readyz`)).status === 200);
    assert.equal((await hearth.post('/v1/chat/completions', cloud())).status, 200);
    const entries = await hearth.ledger();
    assert.ok(entries.some((e) => e.model === 'spark' && e.status === 'ok'), 'the backlog was lost');
    await hearth.stop();
  } finally {
    spawnSync('umount', ['-l', disk]);
    upstream.stop();
  }
}, { timeout: 120_000 });

test('a damaged ledger: start-up fails with a remedy, and the file is kept', async () => {
  const home = makeHome();
  fs.writeFileSync(path.join(home, 'ledger.db'), Buffer.alloc(8192, 'garbage '));
  const start = spawnSync(path.join(bin, 'hearth'), ['serve', '--listen', '127.0.0.1:0'], { env: cleanEnv(home), encoding: 'utf8', timeout: 30_000 });
  assert.notEqual(start.status, 0);
  assert.match(start.stderr, /ledger\.db/);
  assert.equal(fs.statSync(path.join(home, 'ledger.db')).size, 8192);
});

test('shutdown waits for an open stream', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  await (await hearth.post('/v1/chat/completions', local)).text();
  const response = await hearth.post('/v1/chat/completions', { ...local, stream: true, max_tokens: 60, ignore_eos: true });
  const reader = response.body.getReader();
  let text = Buffer.from((await reader.read()).value).toString();
  hearth.child.kill('SIGTERM');
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  assert.ok(text.includes('[DONE]'), 'the stream was truncated');
  assert.equal((await hearth.child.ended).code, 0);
}, { timeout: 120_000 });

test('clients that do not read use little memory and do not block others', async () => {
  const upstream = await startUpstream();
  await upstream.script({ mode: 'flood' });
  const hearth = await startHearth({ env: openai(upstream) });
  const [host, port] = hearth.address.split(':');
  const body = JSON.stringify(cloud(true));
  const sockets = Array.from({ length: 8 }, () => {
    const socket = net.connect(Number(port), host, () => socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`));
    socket.on('error', () => {});
    socket.pause();
    return socket;
  });
  await sleep(1500);
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${hearth.child.pid}/status`, 'utf8'))[1]);
  const limit = process.env.HEARTH_BIN.includes('asan') ? 600_000 : 60_000;
  assert.ok(kilobytes < limit, `${kilobytes} KB resident`);
  assert.equal((await hearth.post('/v1/chat/completions', local)).status, 200);
  sockets.forEach((socket) => socket.destroy());
  await hearth.stop();
  upstream.stop();
}, { timeout: 120_000 });

test('workers exit after kill -9 of the gateway', async () => {
  const hearth = await startHearth({ args: ['--offline'] });
  await (await hearth.post('/v1/chat/completions', local)).text();
  const [{ pid }] = (await (await fetch(`${hearth.base}/hearth/v1/ps`)).json()).workers;
  await hearth.kill();
  await until('the worker to end', () => !fs.existsSync(`/proc/${pid}`) || fs.readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
}, { timeout: 120_000 });
