// The @anthropic-ai/sdk, unmodified: against the built-in model, and with vendors of every dialect.
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert } from './lib/runner.mjs';
import { translationTests } from './lib/translation.mjs';
import { cancelled, cities, city, offline } from './lib/local.mjs';

const Anthropic = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'))('@anthropic-ai/sdk');
const clientOf = (base) => new Anthropic({ baseURL: base, apiKey: 'any', maxRetries: 0 });
const picture = (data) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } });

function messagesOf({ text, image, png, done = [] }) {
  const messages = [{ role: 'user', content: image ? [picture(image), { type: 'text', text }] : text }];
  for (const { answer, results } of done) {
    const content = results.map((result) => ({ type: 'tool_result', tool_use_id: result.call.id,
      content: result.image ? [{ type: 'text', text: result.text }, picture(png)] : result.text }));
    messages.push({ role: 'assistant', content: answer.raw }, { role: 'user', content });
  }
  return messages;
}

const bodyOf = (q) => ({
  model: q.model, messages: messagesOf(q), max_tokens: q.max ?? 1024,
  ...(q.system ? { system: q.system } : {}),
  ...(q.think ? { thinking: { type: 'enabled', budget_tokens: 2048 } } : {}),
  ...(q.tools ? { tools: q.tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })) } : {}),
  ...(q.choice ? { tool_choice: { type: 'tool', name: q.choice } } : {}),
  ...(q.schema ? { output_config: { format: { type: 'json_schema', schema: q.schema } } } : {}),
});

async function askStream(client, q) {
  const stream = client.messages.stream(bodyOf(q), { signal: q.signal });
  if (q.onText) stream.on('text', q.onText);
  return stream.finalMessage();
}

const finishes = { end_turn: 'stop', max_tokens: 'length', tool_use: 'tool_calls', refusal: 'content_filter' };
async function ask(base, q) {
  const message = q.stream ? await askStream(clientOf(base), q) : await clientOf(base).messages.create(bodyOf(q), { signal: q.signal });
  const { content, usage } = message;
  const of = (type) => content.filter((block) => block.type === type);
  return {
    text: of('text').map((block) => block.text).join(''), thinking: of('thinking').map((block) => block.thinking).join(''),
    calls: of('tool_use').map(({ id, name, input }) => ({ id, name, arguments: input })),
    usage: { input: usage.input_tokens + usage.cache_read_input_tokens + (usage.cache_creation_input_tokens ?? 0), cached: usage.cache_read_input_tokens,
      output: usage.output_tokens },
    finish: finishes[message.stop_reason] ?? message.stop_reason, raw: content,
  };
}

translationTests({
  id: 'anthropic', ask,
  can: { resultImage: true, think: true, schema: true, choice: true, filter: true, cached: true, status: true, retryAfter: true },
  failure: (error) => ({ own: error instanceof Anthropic.AnthropicError, status: error.status, message: error.message, retryAfter: error.headers?.get('retry-after') }),
  tooLong: (needed, limit) => `prompt is too long: ${needed} tokens > ${limit} maximum`,
});

const question = { model: 'local', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] };

test('sdk anthropic: answers, streams, counts and models, against the built-in model', async () => {
  const client = clientOf((await offline()).base);
  const answer = await client.messages.create(question);
  assert.equal(answer.type, 'message');
  assert.match(answer.id, /^msg_/);
  assert.ok(answer.content[0].text.length > 0);
  assert.ok(answer.usage.input_tokens + (answer.usage.cache_read_input_tokens ?? 0) > 0 && answer.usage.output_tokens > 0);
  assert.ok(['end_turn', 'max_tokens'].includes(answer.stop_reason));
  const types = [];
  const stream = client.messages.stream(question);
  stream.on('streamEvent', (event) => types.push(event.type));
  const final = await stream.finalMessage();
  assert.ok(final.content[0].text.length > 0);
  assert.deepEqual(types.filter((type, i) => type !== types[i - 1] && type !== 'ping'),
    ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
  const count = await client.messages.countTokens({ model: 'local', messages: question.messages });
  assert.ok(count.input_tokens > 0 && count.input_tokens < 100);
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.includes('spark'), names.join());
  assert.equal((await client.models.retrieve('spark')).type, 'model');
}, { timeout: 120_000 });

test('sdk anthropic: a forced tool and an answer with a schema, against the built-in model', async () => {
  const client = clientOf((await offline()).base);
  const tools = [{ name: 'get_weather', description: 'Weather', input_schema: city }];
  for (const tool_choice of [{ type: 'tool', name: 'get_weather' }, { type: 'any' }]) {
    const called = await client.messages.create({ ...question, max_tokens: 256, tools, tool_choice });
    assert.equal(called.stop_reason, 'tool_use');
    const use = called.content.find((block) => block.type === 'tool_use');
    assert.ok(cities.includes(use.input.city));
  }
  const schema = await client.messages.create({ ...question, max_tokens: 256, output_config: { format: { type: 'json_schema', schema: city } } });
  assert.ok(cities.includes(JSON.parse(schema.content[0].text).city));
}, { timeout: 120_000 });

test('sdk anthropic: errors are the SDK\'s own classes, abort stops the generation, against the built-in model', async () => {
  const hearth = await offline();
  const client = clientOf(hearth.base);
  const unknown = await client.messages.create({ ...question, model: 'no-such-model' }).catch((error) => error);
  assert.ok(unknown instanceof Anthropic.NotFoundError, unknown);
  assert.equal(unknown.error.error.type, 'not_found_error');
  await assert.rejects(client.messages.create({ ...question, messages: [{ role: 'no-such-role', content: 'x' }] }), Anthropic.BadRequestError);
  const long = await client.messages.create({ ...question, messages: [{ role: 'user', content: 'word '.repeat(20_000) }] }).catch((error) => error);
  assert.ok(long instanceof Anthropic.BadRequestError);
  assert.match(long.message, /prompt is too long: \d+ tokens > \d+ maximum/);
  const stream = client.messages.stream({ ...question, max_tokens: 50_000 });
  stream.once('text', () => stream.abort());
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  await cancelled(hearth);
}, { timeout: 120_000 });
