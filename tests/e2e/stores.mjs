// Where the ledger is kept: [ledger] store.
import fs from 'node:fs';
import path from 'node:path';
import { test, assert } from './lib/runner.mjs';
import { cli, makeHome, startHearth } from './lib/processes.mjs';

test('ledger in memory: requests are recorded, nothing is written, nothing is left after a stop', async () => {
  const home = makeHome('[ledger]\nstore = "memory"\n');
  const hearth = await startHearth({ home });
  assert.match(hearth.child.output, /ledger +in memory, until Hearth stops/);
  const response = await hearth.post('/v1/chat/completions', { model: 'local', max_tokens: 4, messages: [{ role: 'user', content: 'hi' }] });
  assert.equal(response.status, 200);
  await response.text();
  const [entry] = await hearth.ledger();
  assert.equal(entry.id, 1);
  assert.equal(entry.status, 'ok');
  assert.equal(entry.provider, 'engine');
  assert.equal(entry.cost_nano_usd, 0);
  const shown = cli(home, ['ledger', '--json']);
  assert.equal(JSON.parse(shown.stdout).entries[0].request_id, entry.request_id);
  assert.match(cli(home, ['doctor']).stdout, /in memory/);
  await hearth.stop();
  assert.deepEqual(fs.readdirSync(home).filter((name) => name.startsWith('ledger')), []);
  const after = cli(home, ['ledger']);
  assert.notEqual(after.status, 0);
  assert.match(after.stderr, /kept in memory/);
});

test('an unknown store is refused at start, with the known ones', () => {
  const home = makeHome('[ledger]\nstore = "memroy"\n');
  const refused = cli(home, ['serve', '--listen', '127.0.0.1:0']);
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /there is no "memroy"; known are "sqlite", "memory"/);
  assert.ok(!fs.existsSync(path.join(home, 'ledger.db')));
});
