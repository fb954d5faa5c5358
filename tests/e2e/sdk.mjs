// The unmodified openai npm SDK against Hearth.
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert } from './lib/runner.mjs';
import { startHearth, startUpstream } from './lib/processes.mjs';

const require = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'));
const OpenAI = require('openai');
const client = (hearth, options = {}) => new OpenAI({ baseURL: `${hearth.base}/v1`, apiKey: 'any', maxRetries: 0, ...options });

async function withLocal(body) {
  const hearth = await startHearth({ args: ['--offline'] });
  try {
    await body(client(hearth), hearth);
  } finally {
    await hearth.stop();
  }
}

test('sdk: chat, stream, models, embeddings against the built-in model', () => withLocal(async (openai) => {
  const question = { model: 'local', max_tokens: 8, messages: [{ role: 'user', content: 'hello' }] };
  const answer = await openai.chat.completions.create(question);
  assert.equal(answer.choices[0].message.role, 'assistant');
  let words = 0, finish;
  for await (const part of await openai.chat.completions.create({ ...question, stream: true })) {
    if (part.choices[0]?.delta.content) words += 1;
    finish = part.choices[0]?.finish_reason ?? finish;
  }
  assert.ok(words > 0);
  assert.ok(['stop', 'length'].includes(finish));
  const names = [];
  for await (const model of openai.models.list()) names.push(model.id);
  assert.ok(names.includes('spark') && names.includes('auto'));
  assert.equal((await openai.models.retrieve('spark')).id, 'spark');
  const vectors = await openai.embeddings.create({ model: 'local', input: ['a', 'b'] });
  assert.equal(vectors.data.length, 2);
  assert.ok(Math.abs(Math.hypot(...vectors.data[0].embedding) - 1) < 1e-3);
  const text = await openai.completions.create({ model: 'local', prompt: 'int main(', max_tokens: 4 });
  assert.equal(text.object, 'text_completion');
}), { timeout: 120_000 });

test('sdk: abort stops the generation; errors are the SDK\'s own classes', () => withLocal(async (openai, hearth) => {
  const stream = await openai.chat.completions.create({ model: 'local', stream: true, max_tokens: 50_000, messages: [{ role: 'user', content: 'hello' }], ignore_eos: true });
  for await (const part of stream) {
    assert.ok(part.id);
    stream.controller.abort();
    break;
  }
  await assert.rejects(openai.chat.completions.create({ model: 'no-such-model', messages: [] }), OpenAI.BadRequestError);
  await assert.rejects(openai.chat.completions.create({ model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] }), OpenAI.NotFoundError);
  const error = await openai.chat.completions.create({ model: 'no-such-model', messages: [{ role: 'user', content: 'x' }] }).catch((e) => e);
  assert.equal(error.code, 'model_not_found');
  assert.ok(hearth.child.exitCode === null);
}), { timeout: 120_000 });

test('sdk: tools, streamed and not, with a scripted cloud provider', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: { OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${upstream.base}/v1` } });
  const openai = client(hearth);
  await upstream.script({ mode: 'tools' });
  const tools = [{ type: 'function', function: { name: 'read_file', parameters: { type: 'object', properties: { path: { type: 'string' } } } } }];
  const question = { model: 'openai/gpt-5.5', messages: [{ role: 'user', content: 'read a.txt' }], tools };
  const answer = await openai.chat.completions.create(question);
  assert.equal(answer.choices[0].message.tool_calls[0].function.name, 'read_file');
  assert.equal(answer.choices[0].finish_reason, 'tool_calls');
  const final = await openai.chat.completions.stream({ ...question, stream: true }).finalChatCompletion();
  assert.deepEqual(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments), { path: 'a.txt' });
  const seen = await upstream.log();
  assert.deepEqual(JSON.parse(seen[0].raw).tools, tools);
  await upstream.script({ mode: 'cut' });
  await assert.rejects(async () => {
    for await (const part of await openai.chat.completions.create({ ...question, stream: true })) assert.ok(part.id);
  }, 'a truncated stream must throw');
  await upstream.script({ mode: 'status', status: 429, retry_after: 2 });
  const limited = await openai.chat.completions.create(question).catch((e) => e);
  assert.ok(limited instanceof OpenAI.RateLimitError);
  await hearth.stop();
  upstream.stop();
});

test('sdk: the local engine enforces a forced tool', () => withLocal(async (openai) => {
  const tools = [{ type: 'function', function: { name: 'get_weather', strict: true, parameters: { type: 'object', properties: { city: { type: 'string', enum: ['Oslo', 'Rome'] } }, required: ['city'], additionalProperties: false } } }];
  const question = { model: 'spark', messages: [{ role: 'user', content: 'weather?' }], tools };
  const answer = await openai.chat.completions.create({ ...question, tool_choice: 'required' });
  const [call] = answer.choices[0].message.tool_calls;
  assert.equal(call.function.name, 'get_weather');
  assert.ok(['Oslo', 'Rome'].includes(JSON.parse(call.function.arguments).city));
  // spark does not support optional tool calls: the request is rejected with the reason.
  const error = await openai.chat.completions.create(question).catch((e) => e);
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.match(error.message, /tools/);
}), { timeout: 120_000 });
