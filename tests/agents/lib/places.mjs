// The two possible targets of an agent: the scripted model, and Hearth in front of it. The wires are the protocols between
// Hearth and the model; `engine` is the protocol of its own workers.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHearth } from '../../e2e/lib/processes.mjs';
import { until } from '../../e2e/lib/runner.mjs';
import { startLocal } from './local_engine.mjs';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'model_server.mjs');
export const wires = ['chat', 'responses', 'anthropic', 'gemini', 'engine'];

export async function startModel(wire) {
  const child = spawn(process.execPath, [program, wire], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => child.kill('SIGKILL');
  process.once('exit', stop);
  let output = '';
  child.stdout.on('data', (piece) => { output += piece; });
  const port = await until('the scripted model', () => output.includes('\n') && output.trim());
  const base = `http://127.0.0.1:${port}`;
  return {
    base, wire,
    script: (mode) => fetch(`${base}/__script`, { method: 'POST', body: JSON.stringify({ mode }) }),
    log: async () => (await fetch(`${base}/__log`)).json(),
    stop: () => {
      process.removeListener('exit', stop);
      stop();
    },
  };
}

// Hearth's name of each wire, and its base path.
const dialects = { chat: ['openai', '/v1'], responses: ['responses', '/v1'], anthropic: ['anthropic', '/v1'], gemini: ['gemini', '/v1beta'] };

// All names that the agents request belong to this one provider; other providers with the same names are disabled, so that
// they are not used.
const config = (model, names) => `[providers.scripted]
base_url = "${model.base}${dialects[model.wire][1]}"
dialect = "${dialects[model.wire][0]}"
place = "loopback"
key_env = "SCRIPTED_KEY"
models = ${JSON.stringify(names)}

[providers.openai]
enabled = false

[client]
watch_local_servers = false
`;

export const startGateway = (model, names) => (model.wire === 'engine' ? startLocal(model, names)
  : startHearth({ config: config(model, names), env: { SCRIPTED_KEY: 'sk-scripted' } }));
