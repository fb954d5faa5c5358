// Hearth with a local model whose worker is tests/fake_engine: started by the supervisor like any other, with answers of
// the scripted model.
import fs from 'node:fs';
import path from 'node:path';
import { bin, makeHome, startHearth } from '../../e2e/lib/processes.mjs';

// The part of a GGUF file that Hearth reads: a template with tool support, and a large context. Only a worker needs weights.
function gguf() {
  const text = (value) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const u32 = (value) => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value) => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const strings = { 'general.architecture': 'qwen2', 'tokenizer.chat_template': '{% if tools %}{{ tools }}{% endif %}{{ messages }}' };
  const numbers = { 'qwen2.context_length': 131_072 };
  const keys = [...Object.entries(strings).map(([key, value]) => Buffer.concat([text(key), u32(8), text(value)])),
    ...Object.entries(numbers).map(([key, value]) => Buffer.concat([text(key), u32(4), u32(value)]))];
  return Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(keys.length), ...keys]);
}

// A folder with Hearth and the fake worker, since Hearth always starts the hearth-engine beside it.
function programs(home, port) {
  const folder = path.join(home, 'programs'), fake = path.join(bin, '../tests/bin/fake_engine');
  fs.mkdirSync(folder);
  if (!fs.existsSync(fake)) throw new Error(`${fake} is missing`);
  try {
    fs.linkSync(path.join(bin, 'hearth'), path.join(folder, 'hearth'));
  } catch { // another file system
    fs.copyFileSync(path.join(bin, 'hearth'), path.join(folder, 'hearth'));
  }
  const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
  fs.writeFileSync(path.join(folder, 'hearth-engine'), `#!/bin/sh\nexec ${[fake, `ask:${port}`, path.join(home, 'journal')].map(quoted).join(' ')} "$@"\n`,
    { mode: 0o755 });
  return folder;
}

// All names that the agents request are aliases of the one local model, which is in LM Studio's folder.
export async function startLocal(model, names) {
  const home = makeHome(`[route.aliases]\n${names.map((name) => `${JSON.stringify(name)} = "hf:tests/scripted"\n`).join('')}`);
  const place = path.join(home, '.lmstudio/models/tests/scripted');
  fs.mkdirSync(place, { recursive: true });
  fs.writeFileSync(path.join(place, 'scripted.gguf'), gguf());
  return startHearth({ home, folder: programs(home, new URL(model.base).port), args: ['--offline'] });
}
