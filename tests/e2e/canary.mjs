// compatcanary, a scanner of OpenAI-compatible servers, unmodified: no probe may fail or warn.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { test, assert } from './lib/runner.mjs';
import { endShared, shared, withProviders } from './lib/translation.mjs';
import { endOffline, offline } from './lib/local.mjs';

const id = withProviders('canary');
const program = path.join(process.env.HEARTH_SDK, 'node_modules/compatcanary/src/cli.js');

async function scan(base, model) {
  const child = spawn(process.execPath, [program, 'scan', '--base-url', `${base}/v1`, '--model', model, '--profile', 'modern', '--fail-on', 'any',
    '--format', 'json'], { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => { output += piece; });
  const code = await new Promise((done) => child.on('close', done));
  assert.equal(code, 0, output);
  const { compatible, summary, results } = JSON.parse(output);
  const bad = results.filter((result) => result.status !== 'pass').map((result) => `${result.id}: ${result.summary}`);
  assert.deepEqual(bad, []);
  assert.ok(compatible && summary.passes === summary.total && summary.total >= 7, JSON.stringify(summary));
}

test('canary: the built-in model passes', async () => scan((await offline()).base, 'local'), { timeout: 120_000 });

for (const wire of ['chat', 'responses', 'anthropic', 'gemini']) {
  test(`canary: a cloud provider with ${wire} passes`, async () => {
    const { hearth, vendor } = await shared();
    await vendor.script({ text: 'CANARY_OK', obedient: true });
    await scan(hearth.base, `${id(wire)}/scripted-1`);
    const log = await vendor.log();
    assert.ok(log.every((entry) => entry.wire === wire && entry.refused === null), JSON.stringify(log.map(({ wire: w, refused }) => [w, refused])));
  });
}

// Runs after all tests that share the two Hearths: after hundreds of requests they must still shut down cleanly.
test('canary, sdk: both shared Hearths shut down cleanly', async () => {
  await endShared();
  await endOffline();
});
