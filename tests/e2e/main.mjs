// node main.mjs [part of a test's name]
import { runAll } from './lib/runner.mjs';

for (const file of ['failover', 'cloud', 'providers', 'door', 'local', 'sdk', 'machine', 'trouble', 'crash']) await import(`./${file}.mjs`);
const { passed, failed } = await runAll(process.argv[2]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
