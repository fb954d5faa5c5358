// The ollama npm SDK, unmodified: against the built-in model, and with vendors of every dialect.
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert } from './lib/runner.mjs';
import { translationTests, embeddings } from './lib/translation.mjs';
import { cancelled, cities, city, offline } from './lib/local.mjs';

const { Ollama } = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'))('ollama');
const clientOf = (base) => new Ollama({ host: base });

function messagesOf({ text, system, image, done = [] }) {
  const messages = system ? [{ role: 'system', content: system }] : [];
  messages.push({ role: 'user', content: text, ...(image ? { images: [image] } : {}) });
  for (const { answer, results } of done) {
    messages.push(answer.raw, ...results.map((result) => ({ role: 'tool', tool_name: result.call.name, content: result.text })));
  }
  return messages;
}

const requestOf = (q) => ({
  model: q.model, messages: messagesOf(q),
  ...(q.max ? { options: { num_predict: q.max } } : {}), ...(q.think ? { think: true } : {}),
  ...(q.tools ? { tools: q.tools.map((tool) => ({ type: 'function', function: tool })) } : {}),
  ...(q.schema ? { format: q.schema } : {}),
});

async function askStream(client, q) {
  const stream = await client.chat({ ...requestOf(q), stream: true });
  q.signal?.addEventListener('abort', () => stream.abort());
  const message = { role: 'assistant', content: '', thinking: '', tool_calls: [] };
  let last;
  for await (const part of stream) {
    message.content += part.message.content;
    message.thinking += part.message.thinking ?? '';
    message.tool_calls.push(...(part.message.tool_calls ?? []));
    last = part;
    if (part.message.content) q.onText?.();
  }
  return { ...last, message };
}

async function ask(base, q) {
  const answer = q.stream ? await askStream(clientOf(base), q) : await clientOf(base).chat(requestOf(q));
  const { message } = answer;
  const calls = (message.tool_calls ?? []).map((call) => ({ name: call.function.name, arguments: call.function.arguments }));
  return {
    text: message.content, thinking: message.thinking ?? '', calls, raw: message,
    usage: { input: answer.prompt_eval_count, output: answer.eval_count },
    // The dialect has no finish reason for tool calls.
    finish: answer.done_reason === 'stop' && calls.length > 0 ? 'tool_calls' : answer.done_reason,
  };
}

translationTests({
  id: 'ollama', ask,
  can: { think: true, schema: true, status: true },
  // The SDK's class is not exported, and an error within a stream is a plain Error.
  failure: (error) => ({ own: error.name === 'ResponseError' || (error.constructor === Error && error.message.length > 0), status: error.status_code,
    message: error.message }),
  tooLong: (needed, limit) => `the input length exceeds the context length: prompt is too long: ${needed} tokens > ${limit} maximum`,
});

embeddings('ollama', async (base, model, input) => (await clientOf(base).embed({ model, input })).embeddings);

const question = { model: 'local', messages: [{ role: 'user', content: 'hello' }], options: { num_predict: 16 } };

test('sdk ollama: chat, generate, streams and embeddings, against the built-in model', async () => {
  const client = clientOf((await offline()).base);
  const answer = await client.chat(question);
  assert.equal(answer.message.role, 'assistant');
  assert.ok(answer.message.content.length > 0);
  assert.ok(answer.done && answer.prompt_eval_count > 0 && answer.eval_count > 0);
  let text = '', last;
  for await (const part of await client.chat({ ...question, stream: true })) {
    text += part.message.content;
    last = part;
  }
  assert.ok(text.length > 0 && last.done);
  assert.ok(['stop', 'length'].includes(last.done_reason));
  const generated = await client.generate({ model: 'local', prompt: 'int main(', options: { num_predict: 8 } });
  assert.ok(generated.response.length > 0);
  let pieces = 0;
  for await (const part of await client.generate({ model: 'local', prompt: 'hello', stream: true, options: { num_predict: 8 } })) pieces += part.response ? 1 : 0;
  assert.ok(pieces > 0);
  const { embeddings } = await client.embed({ model: 'local', input: ['a', 'b'] });
  assert.equal(embeddings.length, 2);
  assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-3);
  assert.equal((await client.embeddings({ model: 'local', prompt: 'a' })).embedding.length, embeddings[0].length);
}, { timeout: 120_000 });

test('sdk ollama: models, and an answer with a schema, against the built-in model', async () => {
  const client = clientOf((await offline()).base);
  const { models } = await client.list();
  assert.ok(models.some(({ name }) => name.startsWith('spark')), JSON.stringify(models));
  const shown = await client.show({ model: 'spark' });
  assert.ok(shown.capabilities.includes('completion'));
  assert.ok(Object.keys(shown.model_info).some((key) => key.endsWith('.context_length')), 'clients read the context size there');
  assert.ok(Array.isArray((await client.ps()).models));
  assert.match((await client.version()).version, /^\d+\.\d+/);
  const answer = await client.chat({ model: 'local', messages: question.messages, format: city });
  assert.ok(cities.includes(JSON.parse(answer.message.content).city));
  assert.equal(typeof JSON.parse((await client.generate({ model: 'local', prompt: 'x', format: city })).response).city, 'string');
}, { timeout: 120_000 });

test('sdk ollama: errors and abort, against the built-in model', async () => {
  const hearth = await offline();
  const client = clientOf(hearth.base);
  const unknown = await client.chat({ ...question, model: 'no-such-model' }).catch((error) => error);
  assert.equal(unknown.name, 'ResponseError');
  assert.equal(unknown.status_code, 404);
  assert.match(unknown.error, /no-such-model/);
  const stream = await client.chat({ ...question, stream: true, options: { num_predict: 50_000 } });
  await assert.rejects(async () => {
    for await (const part of stream) if (part.message.content) stream.abort();
  }, { name: 'AbortError' });
  await cancelled(hearth);
}, { timeout: 120_000 });
