// The `ai` package (Vercel's) with its providers, unmodified: against the built-in model, and with vendors of every dialect.
import { test, assert } from './lib/runner.mjs';
import { ai, askOf, failure, providers } from './lib/ai.mjs';
import { translationTests } from './lib/translation.mjs';
import { cancelled, cities, city, offline } from './lib/local.mjs';

const chatWords = (needed, limit) => `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${needed} tokens.`;
const can = { think: true, schema: true, choice: true, filter: true, cached: true, status: true, retryAfter: true };
const kinds = {
  openai: { can: { ...can, resultImage: true }, tooLong: chatWords },
  anthropic: { can: { ...can, resultImage: true }, tooLong: (needed, limit) => `prompt is too long: ${needed} tokens > ${limit} maximum` },
  google: { can: { ...can, resultImage: true },
    tooLong: (needed, limit) => `The input token count (${needed}) exceeds the maximum number of tokens allowed (${limit}).` },
  compatible: { can, hiddenThinking: ['responses'], tooLong: chatWords },
};
for (const [name, kind] of Object.entries(kinds)) translationTests({ id: `ai-${name}`, ask: askOf(name), failure, ...kind });

test('sdk ai: text, stream, a forced tool and an object with every provider, against the built-in model', async () => {
  const hearth = await offline();
  for (const provider of Object.keys(providers)) {
    const model = providers[provider](hearth.base)('local');
    const { text, usage } = await ai.generateText({ model, prompt: 'hello', maxOutputTokens: 16, maxRetries: 0 });
    assert.ok(text.length > 0, provider);
    assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0, provider);
    let streamed = '';
    for await (const piece of ai.streamText({ model, prompt: 'hello', maxOutputTokens: 16, maxRetries: 0 }).textStream) streamed += piece;
    assert.ok(streamed.length > 0, provider);
    const called = await ai.generateText({ model, prompt: 'weather?', maxRetries: 0, toolChoice: 'required',
      tools: { get_weather: ai.tool({ description: 'Weather', inputSchema: ai.jsonSchema(city) }) } });
    assert.ok(cities.includes(called.toolCalls[0].input.city), provider);
    const { output } = await ai.generateText({ model, prompt: 'where?', maxRetries: 0, output: ai.Output.object({ schema: ai.jsonSchema(city) }) });
    assert.ok(cities.includes(output.city), provider);
  }
}, { timeout: 120_000 });

test('sdk ai: embeddings, error classes and abort, against the built-in model', async () => {
  const hearth = await offline();
  for (const provider of ['openai', 'google', 'compatible']) {
    const made = providers[provider](hearth.base);
    const { embeddings } = await ai.embedMany({ model: made.embeddingModel('local'), values: ['a', 'b'], maxRetries: 0 });
    assert.equal(embeddings.length, 2);
    assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-3, provider);
  }
  for (const provider of Object.keys(providers)) {
    const unknown = await ai.generateText({ model: providers[provider](hearth.base)('no-such-model'), prompt: 'x', maxRetries: 0 }).catch((error) => error);
    assert.ok(ai.APICallError.isInstance(unknown), `${provider}: ${unknown}`);
    assert.equal(unknown.statusCode, 404);
    assert.match(unknown.message, /no-such-model/, `${provider} reads the message`);
    const control = new AbortController();
    await assert.rejects(askOf(provider)(hearth.base, { model: 'local', text: 'hello', stream: true, max: 50_000, signal: control.signal, onText: () => control.abort() }),
      { name: 'AbortError' });
    await cancelled(hearth);
  }
}, { timeout: 120_000 });
