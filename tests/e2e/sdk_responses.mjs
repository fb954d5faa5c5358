// The openai npm SDK's Responses, unmodified: against the built-in model, and with vendors of every dialect.
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert } from './lib/runner.mjs';
import { translationTests } from './lib/translation.mjs';
import { cancelled, cities, city, offline } from './lib/local.mjs';

const OpenAI = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'))('openai');
const clientOf = (base) => new OpenAI({ baseURL: `${base}/v1`, apiKey: 'any', maxRetries: 0 });
const picture = (data) => ({ type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${data}` });

function inputOf({ text, image, png, done = [] }) {
  const input = [{ role: 'user', content: image ? [{ type: 'input_text', text }, picture(image)] : text }];
  for (const { answer, results } of done) {
    input.push(...answer.raw, ...results.map((result) => ({ type: 'function_call_output', call_id: result.call.id,
      output: result.image ? [{ type: 'input_text', text: result.text }, picture(png)] : result.text })));
  }
  return input;
}

const bodyOf = (q) => ({
  model: q.model, input: inputOf(q), store: false,
  ...(q.system ? { instructions: q.system } : {}), ...(q.max ? { max_output_tokens: q.max } : {}),
  ...(q.think ? { reasoning: { effort: 'medium', summary: 'auto' }, include: ['reasoning.encrypted_content'] } : {}),
  ...(q.tools ? { tools: q.tools.map((tool) => ({ type: 'function', strict: false, ...tool })) } : {}),
  ...(q.choice ? { tool_choice: { type: 'function', name: q.choice } } : {}),
  ...(q.schema ? { text: { format: { type: 'json_schema', name: 'answer', strict: true, schema: q.schema } } } : {}),
});

async function askStream(client, q) {
  const stream = client.responses.stream(bodyOf(q), { signal: q.signal });
  if (q.onText) stream.on('response.output_text.delta', q.onText);
  return stream.finalResponse();
}

// Without fields that the SDK's helpers add: the vendor rejects them in requests.
const asInput = (items) => JSON.parse(JSON.stringify(items, (key, value) => (key === 'parsed' || key === 'parsed_arguments' ? undefined : value)));

async function ask(base, q) {
  const response = q.stream ? await askStream(clientOf(base), q) : await clientOf(base).responses.create(bodyOf(q), { signal: q.signal });
  // The SDK returns a failed response without throwing.
  if (response.status === 'failed') throw new OpenAI.OpenAIError(response.error.message);
  const { output, usage, incomplete_details: cut } = response;
  const calls = output.filter((item) => item.type === 'function_call');
  return {
    text: response.output_text, raw: asInput(output),
    thinking: output.filter((item) => item.type === 'reasoning').flatMap((item) => item.summary.map((part) => part.text)).join(''),
    calls: calls.map((item) => ({ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) })),
    usage: { input: usage.input_tokens, cached: usage.input_tokens_details.cached_tokens, output: usage.output_tokens },
    finish: cut ? { max_output_tokens: 'length' }[cut.reason] ?? cut.reason : calls.length > 0 ? 'tool_calls' : 'stop',
  };
}

translationTests({
  id: 'responses', ask,
  can: { resultImage: true, think: true, schema: true, choice: true, filter: true, cached: true, status: true, retryAfter: true },
  failure: (error) => ({ own: error instanceof OpenAI.OpenAIError, status: error.status, message: error.message, retryAfter: error.headers?.get('retry-after') }),
  tooLong: (needed, limit) => `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${needed} tokens.`,
});

test('sdk responses: answers, streams, continued conversations, against the built-in model', async () => {
  const openai = clientOf((await offline()).base);
  const first = await openai.responses.create({ model: 'local', input: 'hello', max_output_tokens: 16 });
  assert.equal(first.object, 'response');
  assert.ok(first.output_text.length > 0);
  assert.ok(first.usage.input_tokens > 0 && first.usage.output_tokens > 0);
  const types = [];
  let text = '';
  const stream = await openai.responses.create({ model: 'local', previous_response_id: first.id, input: 'and now?', max_output_tokens: 16, stream: true });
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  assert.equal(types[0], 'response.created');
  assert.ok(['response.completed', 'response.incomplete'].includes(types.at(-1)));
  assert.ok(text.length > 0);
  const kept = await openai.responses.retrieve(first.id);
  assert.equal(kept.output_text, first.output_text);
  const items = [];
  for await (const item of openai.responses.inputItems.list(first.id)) items.push(item);
  assert.equal(items[0].role, 'user');
  await openai.responses.delete(first.id);
  await assert.rejects(openai.responses.retrieve(first.id), OpenAI.NotFoundError);
  await assert.rejects(openai.responses.create({ model: 'local', previous_response_id: first.id, input: 'x' }), OpenAI.NotFoundError);
  assert.equal((await openai.responses.inputTokens.count({ model: 'local', input: 'hello' })).object, 'response.input_tokens');
}, { timeout: 120_000 });

test('sdk responses: a forced tool, its result, an answer with a schema, errors and abort, against the built-in model', async () => {
  const hearth = await offline();
  const openai = clientOf(hearth.base);
  const tools = [{ type: 'function', name: 'get_weather', strict: true, parameters: city }];
  const called = await openai.responses.create({ model: 'spark', input: 'weather?', tools, tool_choice: { type: 'function', name: 'get_weather' } });
  const call = called.output.find((item) => item.type === 'function_call');
  assert.ok(cities.includes(JSON.parse(call.arguments).city));
  const after = await openai.responses.create({ model: 'spark', previous_response_id: called.id, max_output_tokens: 16,
    input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }] });
  assert.ok(after.output_text.length > 0);
  const parsed = await openai.responses.parse({ model: 'spark', input: 'where?', text: { format: { type: 'json_schema', name: 'city', strict: true, schema: city } } });
  assert.ok(cities.includes(parsed.output_parsed.city));
  await assert.rejects(openai.responses.create({ model: 'no-such-model', input: 'x' }), OpenAI.NotFoundError);
  await assert.rejects(openai.responses.create({ model: 'spark', input: [{ role: 'no-such-role', content: 'x' }] }), OpenAI.BadRequestError);
  const stream = openai.responses.stream({ model: 'spark', input: 'hello', max_output_tokens: 50_000 });
  stream.once('response.output_text.delta', () => stream.abort());
  await assert.rejects(stream.finalResponse(), OpenAI.APIUserAbortError);
  await cancelled(hearth);
}, { timeout: 120_000 });
