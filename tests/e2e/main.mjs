// node main.mjs [part of a test's name]
import { runAll } from './lib/runner.mjs';

const files = ['failover', 'heartbeat', 'cloud', 'providers', 'bad_input', 'local', 'sdk', 'sdk_openai', 'sdk_responses', 'sdk_anthropic', 'sdk_google',
  'sdk_ollama', 'sdk_ai', 'canary', 'responses', 'files', 'native', 'machine', 'resilience', 'crash', 'earlier_home', 'stores'];
for (const file of files) await import(`./${file}.mjs`);
const { passed, failed } = await runAll(process.argv[2]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
