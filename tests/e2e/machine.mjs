// Discovery of local servers, pulls from a hub, and the command line.
import http from 'node:http';
import fs from 'node:fs';
import { test, assert, until } from './lib/runner.mjs';
import { startHearth, makeHome, makeModel, cli } from './lib/processes.mjs';

// Like Ollama (its api.md): a local model and one that runs on Ollama's servers.
function startOllama() {
  const requests = [];
  const server = http.createServer((request, response) => {
    const json = (value) => response.end(JSON.stringify(value));
    if (request.url === '/') return void response.end('Ollama is running');
    if (request.url === '/api/version') return json({ version: '0.13.4' });
    if (request.url === '/api/tags') {
      return json({ models: [{ name: 'coder:7b', model: 'coder:7b', size: 4e9, details: { format: 'gguf', family: 'qwen2', context_length: 32768 }, capabilities: ['completion', 'tools'] },
        { name: 'big:120b-cloud', model: 'big:120b-cloud', size: 300, remote_model: 'big:120b', remote_host: 'https://ollama.example', details: {} }] });
    }
    if (request.url === '/api/ps') return json({ models: [] });
    if (request.url === '/v1/chat/completions') {
      requests.push(request.headers);
      response.setHeader('content-type', 'application/json');
      return json({ id: 'o1', object: 'chat.completion', created: 1, model: 'coder:7b', choices: [{ index: 0, message: { role: 'assistant', content: 'from ollama' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
    }
    response.statusCode = 404;
    return json({});
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ port: server.address().port, requests, stop: () => { server.close(); server.closeAllConnections(); } })));
}

test('a local server is discovered and used as loopback; its remote models count as cloud', async () => {
  const ollama = await startOllama();
  const hearth = await startHearth({ args: ['--offline'], config: `[providers.ollama]\nbase_url = "http://127.0.0.1:${ollama.port}/v1"\n` });
  const models = await until('Ollama to be found', async () => {
    const { data } = await (await fetch(`${hearth.base}/v1/models`)).json();
    return data.some((m) => m.id === 'ollama/coder:7b') && data;
  });
  assert.equal(models.find((m) => m.id === 'ollama/coder:7b').place, 'loopback');
  assert.equal(models.find((m) => m.id === 'ollama/big:120b-cloud').place, 'cloud');
  const ask = (model) => hearth.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] });
  const found = await ask('ollama/coder:7b');
  assert.equal((await found.json()).choices[0].message.content, 'from ollama');
  assert.match(found.headers.get('x-hearth-route'), /place=loopback/);
  assert.match((await ask('auto')).headers.get('x-hearth-route'), /^ollama\/coder:7b/, 'auto prefers any capable model to spark');
  const remote = await ask('ollama/big:120b-cloud');
  assert.equal(remote.status, 403, 'offline, and Ollama would forward it');
  const [entry] = (await hearth.ledger()).filter((e) => e.provider === 'ollama');
  assert.equal(entry.cost_nano_usd, 0);
  await hearth.stop();
  ollama.stop();
});

test('pull, list, show, run, rm: the lifecycle of a model from a file', async () => {
  const home = makeHome();
  const file = makeModel(home, 'tiny');
  const pulled = cli(home, ['pull', file, '--name', 'mine']);
  assert.equal(pulled.status, 0, pulled.stderr);
  const listed = JSON.parse(cli(home, ['list', '--json']).stdout);
  assert.ok(listed.models.some((m) => m.name.startsWith('mine')));
  const shown = cli(home, ['show', 'mine']);
  assert.match(shown.stdout, /qwen2/);
  const run = cli(home, ['run', 'spark', 'hello', '--json']);
  assert.equal(run.status, 0, run.stderr);
  assert.equal(JSON.parse(run.stdout).model, 'spark');
  const ps = JSON.parse(cli(home, ['ps', '--json']).stdout);
  assert.equal(ps.workers[0].confinement, 'kernel');
  assert.equal(cli(home, ['rm', 'mine']).status, 0);
  assert.notEqual(cli(home, ['show', 'mine']).status, 0);
  const rows = JSON.parse(cli(home, ['ledger', '--json']).stdout).entries;
  assert.ok(rows.some((row) => row.model === 'spark' && row.status === 'ok'));
  assert.equal(cli(home, ['stop']).status, 0);
  assert.notEqual(cli(home, ['ps']).status, 0, 'ps fails when no daemon runs');
}, { timeout: 120_000 });

test('pull from a hub: verified, resumed, and rejected on a wrong checksum', async () => {
  const home = makeHome();
  const bytes = fs.readFileSync(makeModel(home, 'tiny'));
  const { createHash } = await import('node:crypto');
  const sum = createHash('sha256').update(bytes).digest('hex');
  let cut = true, wrongChecksum = false, ranges = 0;
  const hub = http.createServer((request, response) => {
    if (request.url.endsWith('/refs')) return void response.end(JSON.stringify({ branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: 'abc123' }] }));
    if (request.url.includes('/tree/')) {
      return void response.end(JSON.stringify([{ type: 'file', path: 'tiny-Q4_K_M.gguf', size: bytes.length, oid: 'x', lfs: { oid: wrongChecksum ? 'f'.repeat(64) : sum, size: bytes.length } }]));
    }
    const range = /bytes=(\d+)-/.exec(request.headers.range ?? '');
    const from = range ? Number(range[1]) : 0;
    if (range) ranges += 1;
    response.writeHead(range ? 206 : 200, { 'content-length': bytes.length - from, etag: '"v1"', 'accept-ranges': 'bytes',
      ...(range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}) });
    if (cut) {
      cut = false;
      return void response.write(bytes.subarray(from, from + 500_000), () => setTimeout(() => request.socket.destroy(), 100));
    }
    response.end(bytes.subarray(from));
  });
  await new Promise((done) => hub.listen(0, '127.0.0.1', done));
  const hearth = await startHearth({ home, env: { HF_ENDPOINT: `http://127.0.0.1:${hub.address().port}` } });
  const pull = async (source) => {
    const text = await (await hearth.post('/hearth/v1/pull', { source })).text();
    return JSON.parse(text.trim().split('\n').at(-1));
  };
  let last = await pull('hf:org/tiny:Q4_K_M');
  if (last.error) last = await pull('hf:org/tiny:Q4_K_M');
  assert.equal(last.model, 'hf:org/tiny:Q4_K_M', JSON.stringify(last));
  assert.ok(ranges > 0, 'the interrupted download was not resumed');
  wrongChecksum = true;
  const wrong = await pull('hf:org/other:Q4_K_M');
  assert.match(wrong.error.message, /sum|SHA-256/i);
  const rows = (await hearth.ledger()).filter((e) => e.kind === 'download');
  assert.ok(rows.length >= 2, 'downloads are in the ledger too');
  await hearth.stop();
  hub.close();
  hub.closeAllConnections();
}, { timeout: 120_000 });
