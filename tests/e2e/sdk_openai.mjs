// The openai npm SDK's chat completions with vendors of every dialect. (The SDK against the built-in model: sdk.mjs.)
import path from 'node:path';
import { createRequire } from 'node:module';
import { translationTests, embeddings } from './lib/translation.mjs';

const OpenAI = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'))('openai');

function messagesOf({ text, system, image, done = [] }) {
  const messages = system ? [{ role: 'system', content: system }] : [];
  messages.push({ role: 'user', content: image ? [{ type: 'text', text }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] : text });
  for (const { answer, results } of done) {
    messages.push(answer.raw, ...results.map((result) => ({ role: 'tool', tool_call_id: result.call.id, content: result.text })));
  }
  return messages;
}

const bodyOf = (q) => ({
  model: q.model, messages: messagesOf(q),
  ...(q.max ? { max_completion_tokens: q.max } : {}), ...(q.think ? { reasoning_effort: 'medium' } : {}),
  ...(q.tools ? { tools: q.tools.map((tool) => ({ type: 'function', function: tool })) } : {}),
  ...(q.choice ? { tool_choice: { type: 'function', function: { name: q.choice } } } : {}),
  ...(q.schema ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: q.schema } } } : {}),
});

async function askStream(client, q) {
  const stream = client.chat.completions.stream({ ...bodyOf(q), stream: true, stream_options: { include_usage: true } }, { signal: q.signal });
  // The helper does not support reasoning_content, so its pieces are collected here.
  let thinking = '';
  stream.on('chunk', (chunk) => { thinking += chunk.choices[0]?.delta.reasoning_content ?? ''; });
  if (q.onText) stream.on('content', q.onText);
  const whole = await stream.finalChatCompletion();
  return { ...whole, choices: [{ ...whole.choices[0], message: { ...whole.choices[0].message, reasoning_content: thinking } }] };
}

async function ask(base, q) {
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: 'any', maxRetries: 0 });
  const { choices: [{ message, finish_reason: finish }], usage } = q.stream ? await askStream(client, q)
    : await client.chat.completions.create(bodyOf(q), { signal: q.signal });
  const calls = (message.tool_calls ?? []).map(({ id, type, function: { name, arguments: given } }) => ({ id, type, function: { name, arguments: given } }));
  const thinking = message.reasoning_content ?? '';
  return {
    text: message.content ?? '', thinking, finish,
    calls: calls.map((call) => ({ id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments) })),
    usage: { input: usage.prompt_tokens, cached: usage.prompt_tokens_details?.cached_tokens, output: usage.completion_tokens },
    raw: { role: 'assistant', content: message.content, ...(calls.length > 0 ? { tool_calls: calls } : {}), ...(thinking ? { reasoning_content: thinking } : {}) },
  };
}

translationTests({
  id: 'openai', ask,
  hiddenThinking: ['responses'],
  can: { think: true, schema: true, choice: true, filter: true, cached: true, status: true, retryAfter: true },
  failure: (error) => ({ own: error instanceof OpenAI.OpenAIError, status: error.status, message: error.message, retryAfter: error.headers?.get('retry-after') }),
  tooLong: (needed, limit) => `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${needed} tokens.`,
});

embeddings('openai', async (base, model, input) =>
  (await new OpenAI({ baseURL: `${base}/v1`, apiKey: 'any', maxRetries: 0 }).embeddings.create({ model, input })).data.map(({ embedding }) => embedding));
