// The vectors as files: NAME.json (or a stream) is an input, NAME.TARGET.snap the expected output behind a YAML head.
import fs from 'node:fs';
import path from 'node:path';

// Names of the vectors' dialects and ours.
const ingress = { completions: ['openai', 'chat'], messages: ['anthropic', 'chat'], responses: ['responses', 'chat'],
  gemini: ['gemini', 'chat'], embeddings: ['openai', 'embedding'], rerank: ['openai', 'rerank'], 'count-tokens': ['anthropic', 'count'] };
const egress = { completions: 'openai', anthropic: 'anthropic', responses: 'responses', 'vertex-gemini': 'gemini',
  'gemini-native': 'gemini', gemini: 'openai', openai: 'openai', cohere: 'openai' };
const upstreams = { anthropic: 'anthropic', completions: 'openai', responses: 'responses', 'vertex-gemini': 'gemini', openai: 'openai' };
const clients = { completions: 'openai', messages: 'anthropic', responses: 'responses', native: 'gemini' };

// What stands behind the head: a JSON value with `request` or `response`, or a stream and then a JSON value.
export function expected(file) {
  const text = fs.readFileSync(file, 'utf8');
  const body = text.slice(text.indexOf('\n---\n', 4) + 5);
  if (/^(event|data|:)/.test(body.trimStart())) {
    const end = body.search(/\n\n\n*\{\n/);
    return { stream: end < 0 ? body : body.slice(0, end + 1) };
  }
  return { json: JSON.parse(body) };
}

function requestCase(folder, file, root, out) {
  const [, name, target] = /^(.+?)\.([^.]+)\.snap$/.exec(file) ?? [];
  if (!name || !ingress[folder] || !egress[target]) return;
  const [from, kind] = ingress[folder];
  out.push({ what: 'request', from, to: egress[target], kind, name: `requests/${folder}/${file}`,
    input: path.join(root, 'requests', folder, `${name}.json`), snap: path.join(root, 'requests', folder, file) });
}

function answerCase(folder, file, root, out) {
  const [, name, rest] = /^(.+?)\.([^.]+)\.snap$/.exec(file) ?? [];
  if (!name || !upstreams[folder]) return;
  const stream = rest.endsWith('-streaming');
  const client = clients[rest.replace(/-streaming$/, '').split('-').pop()];
  const kind = /embeddings/.test(name) ? 'embedding' : name === 'count_tokens' ? 'count' : 'chat';
  const to = kind === 'embedding' ? 'openai' : kind === 'count' ? 'anthropic' : client;
  if (!to) return;
  out.push({ what: stream ? 'stream' : 'answer', from: upstreams[folder], to, kind, name: `response/${folder}/${file}`,
    input: path.join(root, 'response', folder, `${name}.json`), snap: path.join(root, 'response', folder, file) });
}

// Every vector file: those that are cases, and the names of the others.
export function readVectors(root) {
  const cases = [], files = [];
  for (const [side, make] of [['requests', requestCase], ['response', answerCase]]) {
    for (const folder of fs.readdirSync(path.join(root, side))) {
      for (const file of fs.readdirSync(path.join(root, side, folder))) {
        if (!file.endsWith('.snap')) continue;
        files.push(`${side}/${folder}/${file}`);
        make(folder, file, root, cases);
      }
    }
  }
  return { cases, files };
}
