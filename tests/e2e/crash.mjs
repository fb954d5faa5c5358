// kill -9 under load: every answer that a client received completely has its settled row, none is partial, and start-up recovers
// automatically. HEARTH_CRASHES sets how often (10 in ./dev test, 100 in ./dev test soak).
import { test, assert, sleep } from './lib/runner.mjs';
import { startHearth, startUpstream, makeHome } from './lib/processes.mjs';

const rounds = Number(process.env.HEARTH_CRASHES ?? 10);

// Clients send requests in a closed loop until the server is killed; complete answers are recorded by request id.
async function load(hearth, whole) {
  const question = (stream) => JSON.stringify({ model: 'openai/gpt-5.5', stream, messages: [{ role: 'user', content: 'hi' }] });
  const client = async (stream) => {
    for (;;) {
      try {
        const response = await fetch(`${hearth.base}/v1/chat/completions`, { method: 'POST', body: question(stream) });
        const text = await response.text();
        if (response.status === 200 && (!stream || text.includes('[DONE]'))) whole.push(response.headers.get('x-hearth-request-id'));
      } catch {
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, i) => client(i % 2 === 0)));
}

test(`kill -9 under load, ${rounds} times`, async () => {
  const upstream = await startUpstream();
  const home = makeHome();
  const env = { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${upstream.base}/v1` };
  const whole = [];
  for (let round = 0; round < rounds; round += 1) {
    const hearth = await startHearth({ home, env });
    const loaded = load(hearth, whole);
    await sleep(300 + Math.random() * 500);
    await hearth.kill();
    await loaded;
  }
  assert.ok(whole.length > rounds * 10, `only ${whole.length} answers`);
  const hearth = await startHearth({ home, env });
  const rows = new Map();
  let before = 0;
  for (;;) {
    const page = (await (await fetch(`${hearth.base}/hearth/v1/ledger?limit=1000${before ? `&before=${before}` : ''}`)).json()).entries;
    page.forEach((entry) => rows.set(entry.request_id, entry));
    if (page.length < 1000) break;
    before = page.at(-1).id;
  }
  for (const id of whole) {
    const row = rows.get(id);
    assert.ok(row, `no row for ${id}`);
    assert.equal(row.status, 'ok');
    assert.equal(row.output_tokens, 2);
  }
  const running = [...rows.values()].filter((row) => row.status === 'running');
  assert.equal(running.length, 0, 'start-up leaves no entry open');
  console.log(`       ${whole.length} answers received whole, ${rows.size} rows, ${[...rows.values()].filter((r) => r.status === 'interrupted').length} interrupted`);
  await hearth.stop();
  upstream.stop();
}, { timeout: 60_000 + rounds * 15_000 });
