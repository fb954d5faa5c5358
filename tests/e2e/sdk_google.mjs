// The @google/genai SDK, unmodified: against the built-in model, and with vendors of every dialect.
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, assert } from './lib/runner.mjs';
import { translationTests, embeddings } from './lib/translation.mjs';
import { cancelled, cities, city, offline } from './lib/local.mjs';

const { GoogleGenAI, ApiError } = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'))('@google/genai');
const clientOf = (base, rest = {}) => new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: base }, ...rest });
const picture = (data) => ({ inlineData: { mimeType: 'image/png', data } });

function contentsOf({ text, image, png, done = [] }) {
  const contents = [{ role: 'user', parts: image ? [{ text }, picture(image)] : [{ text }] }];
  for (const { answer, results } of done) {
    const parts = results.map((result) => ({ functionResponse: { id: result.call.id, name: result.call.name, response: { output: result.text },
      ...(result.image ? { parts: [picture(png)] } : {}) } }));
    contents.push({ role: 'model', parts: answer.raw }, { role: 'user', parts });
  }
  return contents;
}

const requestOf = (q) => ({
  model: q.model, contents: contentsOf(q),
  config: {
    abortSignal: q.signal,
    ...(q.system ? { systemInstruction: q.system } : {}), ...(q.max ? { maxOutputTokens: q.max } : {}),
    ...(q.think ? { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } : {}),
    ...(q.tools ? { tools: [{ functionDeclarations: q.tools.map(({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })) }] } : {}),
    ...(q.choice ? { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [q.choice] } } } : {}),
    ...(q.schema ? { responseMimeType: 'application/json', responseJsonSchema: q.schema } : {}),
  },
});

// All chunks of a stream as one answer; adjacent text of one kind becomes one part, as in an application's history.
async function askStream(client, q) {
  const parts = [];
  let last = {};
  for await (const chunk of await client.models.generateContentStream(requestOf(q))) {
    for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
      const before = parts.at(-1);
      if (part.text !== undefined && before?.text !== undefined && before.thought === part.thought && !before.thoughtSignature) {
        Object.assign(before, part, { text: before.text + part.text });
      } else {
        parts.push({ ...part });
      }
      if (part.text && !part.thought) q.onText?.();
    }
    last = { finish: chunk.candidates?.[0]?.finishReason ?? last.finish, usage: chunk.usageMetadata ?? last.usage };
  }
  return { parts, ...last };
}

async function askWhole(client, q) {
  const answer = await client.models.generateContent(requestOf(q));
  return { parts: answer.candidates[0].content.parts, finish: answer.candidates[0].finishReason, usage: answer.usageMetadata };
}

async function ask(base, q) {
  const { parts, finish, usage } = await (q.stream ? askStream : askWhole)(clientOf(base), q);
  const textOf = (thought) => parts.filter((part) => Boolean(part.thought) === thought).map((part) => part.text ?? '').join('');
  const calls = parts.filter((part) => part.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, arguments: args }));
  return {
    text: textOf(false), thinking: textOf(true), calls, raw: parts,
    usage: { input: usage.promptTokenCount, cached: usage.cachedContentTokenCount, output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0) },
    finish: calls.length > 0 && finish === 'STOP' ? 'tool_calls' : { STOP: 'stop', MAX_TOKENS: 'length', SAFETY: 'content_filter' }[finish] ?? finish,
  };
}

translationTests({
  id: 'google', ask,
  can: { resultImage: true, think: true, schema: true, choice: true, filter: true, cached: true, status: true, retryAfter: true },
  failure: (error) => ({ own: error instanceof ApiError, status: error.status, message: error.message,
    retryAfter: /"retryDelay":"(\d+)s"/.exec(error.message)?.[1] }),
  tooLong: (needed, limit) => `The input token count (${needed}) exceeds the maximum number of tokens allowed (${limit}).`,
});

embeddings('google', async (base, model, contents) =>
  (await clientOf(base).models.embedContent({ model, contents })).embeddings.map(({ values }) => values));

test('sdk google: answers, streams, counts, embeddings and models, against the built-in model', async () => {
  const client = clientOf((await offline()).base);
  const question = { model: 'local', contents: 'hello', config: { maxOutputTokens: 16 } };
  const answer = await client.models.generateContent(question);
  assert.ok(answer.text.length > 0);
  assert.ok(answer.usageMetadata.promptTokenCount > 0 && answer.usageMetadata.candidatesTokenCount > 0);
  assert.ok(['STOP', 'MAX_TOKENS'].includes(answer.candidates[0].finishReason));
  let text = '', finish;
  for await (const chunk of await client.models.generateContentStream(question)) {
    text += chunk.text ?? '';
    finish = chunk.candidates[0].finishReason ?? finish;
  }
  assert.ok(text.length > 0);
  assert.ok(['STOP', 'MAX_TOKENS'].includes(finish));
  const chat = client.chats.create({ model: 'local', config: { maxOutputTokens: 8 } });
  await chat.sendMessage({ message: 'hello' });
  assert.ok((await chat.sendMessage({ message: 'and now?' })).text.length > 0);
  const { totalTokens } = await client.models.countTokens({ model: 'local', contents: 'hello' });
  assert.ok(totalTokens > 0 && totalTokens < 100);
  const { embeddings } = await client.models.embedContent({ model: 'local', contents: ['a', 'b'] });
  assert.equal(embeddings.length, 2);
  assert.ok(Math.abs(Math.hypot(...embeddings[0].values) - 1) < 1e-3);
  const names = [];
  for await (const model of await client.models.list()) names.push(model.name);
  assert.ok(names.includes('models/spark'), names.join());
  assert.equal((await client.models.get({ model: 'spark' })).name, 'models/spark');
}, { timeout: 120_000 });

test('sdk google: a forced tool and an answer with a schema, on both API versions, against the built-in model', async () => {
  for (const apiVersion of ['v1beta', 'v1']) {
    const client = clientOf((await offline()).base, { apiVersion });
    const declaration = { name: 'get_weather', description: 'Weather', parametersJsonSchema: city };
    const called = await client.models.generateContent({ model: 'local', contents: 'weather?',
      config: { tools: [{ functionDeclarations: [declaration] }], toolConfig: { functionCallingConfig: { mode: 'ANY' } } } });
    assert.equal(called.functionCalls[0].name, 'get_weather');
    assert.ok(cities.includes(called.functionCalls[0].args.city));
    const schema = { type: 'OBJECT', properties: { city: { type: 'STRING', enum: cities } }, required: ['city'] };
    const config = apiVersion === 'v1' ? { responseJsonSchema: city } : { responseSchema: schema };
    const answer = await client.models.generateContent({ model: 'local', contents: 'where?', config: { responseMimeType: 'application/json', ...config } });
    assert.ok(cities.includes(JSON.parse(answer.text).city));
  }
}, { timeout: 120_000 });

test('sdk google: errors are the SDK\'s own class, abort stops the generation, against the built-in model', async () => {
  const hearth = await offline();
  const client = clientOf(hearth.base);
  const unknown = await client.models.generateContent({ model: 'no-such-model', contents: 'x' }).catch((error) => error);
  assert.ok(unknown instanceof ApiError, unknown);
  assert.equal(unknown.status, 404);
  assert.equal(JSON.parse(unknown.message).error.status, 'NOT_FOUND');
  const long = await client.models.generateContent({ model: 'spark', contents: 'word '.repeat(20_000) }).catch((error) => error);
  assert.equal(long.status, 400);
  assert.match(long.message, /input token count \(\d+\) exceeds the maximum number of tokens allowed \(\d+\)/);
  const control = new AbortController();
  await assert.rejects(async () => {
    const stream = await client.models.generateContentStream({ model: 'spark', contents: 'hello', config: { maxOutputTokens: 50_000, abortSignal: control.signal } });
    for await (const chunk of stream) if (chunk.text) control.abort();
  }, { name: 'AbortError' });
  await cancelled(hearth);
}, { timeout: 120_000 });
