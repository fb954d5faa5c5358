// A home that an earlier commit left (homes/make.mjs) opens with all its data: after a clean stop, and after kill -9 in
// the middle of a stream.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { test, assert } from './lib/runner.mjs';
import { cli, makeHome, startHearth } from './lib/processes.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'homes', 'schema-2');
const expected = JSON.parse(fs.readFileSync(path.join(folder, 'expected.json'), 'utf8'));
const env = { FIRST_KEY: 'sk-first', OPENAI_API_KEY: 'sk-x' };

function copyOf(name) {
  const home = makeHome();
  fs.cpSync(path.join(folder, name), home, { recursive: true });
  for (const entry of fs.readdirSync(home, { recursive: true })) {
    const file = path.join(home, entry);
    fs.chmodSync(file, fs.statSync(file).isDirectory() ? 0o700 : 0o600); // git keeps no modes
  }
  return home;
}

function json(home, ...args) {
  const { status, stdout, stderr } = cli(home, [...args, '--json'], { env });
  assert.equal(status, 0, stdout + stderr);
  return JSON.parse(stdout);
}

// Every value that the earlier program showed; the current one may show more beside them.
function assertShows(now, before, where = 'entry') {
  if (before === null || typeof before !== 'object') return assert.deepEqual(now, before, where);
  if (Array.isArray(before)) assert.equal(now?.length, before.length, where);
  for (const [name, value] of Object.entries(before)) assertShows(now?.[name], value, `${where}.${name}`);
}

async function opens(name, rows) {
  const home = copyOf(name);
  assert.equal(json(home, 'config', 'check').ok, true);
  assertShows(json(home, 'ledger', '--limit', '1000').entries, rows, 'ledger before the first start');

  // A start settles what the killed process left open; nothing else changes.
  const settled = rows.map((row) => (row.status === 'running' ? { ...row, status: 'interrupted', error: 'interrupted' } : row));
  const hearth = await startHearth({ home, env });
  try {
    assertShows(await hearth.ledger(1000), settled, 'ledger of the daemon');
    assertShows(json(home, 'list').models.filter((model) => model.origin === 'hearth'), expected.models, 'models');
    const { models } = await (await fetch(`${hearth.base}/hearth/v1/models`)).json();
    assert.ok(models.some((model) => model.name === 'small' && model.bytes === 480), 'the model is served');

    const ask = (key) => hearth.post('/v1/chat/completions', { model: 'openai/gpt-5.5', messages: [{ role: 'user', content: 'hi' }] },
      { authorization: `Bearer ${key}` });
    assert.equal((await ask(expected.key)).status, 403, 'the project of the key may not use clouds');
    const [denied] = await hearth.ledger(1);
    assert.equal(denied.id, rows[0].id + 1, 'ids go on');
    assert.equal(denied.key, rows.find((row) => row.project === 'private').key);
    assert.equal(denied.project, 'private');
    // On this machine an unknown key is taken for none: the request is allowed and finds the provider gone.
    assert.equal((await ask(`${expected.key.slice(0, -1)}_`)).status, 502);
    assert.equal((await hearth.ledger(1))[0].key, null);
  } finally {
    await hearth.stop();
  }
  assertShows(json(home, 'ledger', '--limit', '1000').entries.slice(2), settled, 'ledger after the upgrade');
}

test('a home of an earlier commit, stopped: configuration, ledger, key and models', () => {
  assert.ok(expected.stopped.some((row) => row.attempts.length === 1 && row.cost_nano_usd > 0), 'a failover with a cost');
  assert.ok(expected.stopped.some((row) => row.warnings.length > 0), 'a row with warnings');
  return opens('stopped', expected.stopped);
});

test('a home of an earlier commit, killed in a stream: the same, and the open row is interrupted', () => {
  assert.equal(expected.killed.filter((row) => row.status === 'running').length, 1);
  return opens('killed', expected.killed);
});
