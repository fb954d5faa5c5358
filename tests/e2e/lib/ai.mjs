// The `ai` package with one of its providers, as an adapter of translation.mjs.
import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.join(process.env.HEARTH_SDK, 'package.json'));
// Some of these packages are ES modules only.
const load = (name) => import(pathToFileURL(require.resolve(name)));
export const ai = await load('ai');
// Suppresses warnings about unknown model names.
globalThis.AI_SDK_LOG_WARNINGS = false;
const { createOpenAI } = await load('@ai-sdk/openai');
const { createAnthropic } = await load('@ai-sdk/anthropic');
const { createGoogle, createGoogleGenerativeAI } = await load('@ai-sdk/google');
const { createOpenAICompatible } = await load('@ai-sdk/openai-compatible');

// base -> the provider, which creates models by name.
export const providers = {
  openai: (base) => createOpenAI({ baseURL: `${base}/v1`, apiKey: 'any' }),
  anthropic: (base) => createAnthropic({ baseURL: `${base}/v1`, apiKey: 'any' }),
  google: (base) => (createGoogle ?? createGoogleGenerativeAI)({ baseURL: `${base}/v1beta`, apiKey: 'any' }),
  compatible: (base) => createOpenAICompatible({ name: 'hearth', baseURL: `${base}/v1`, apiKey: 'any', includeUsage: true, supportsStructuredOutputs: true }),
};
const thinking = {
  openai: { openai: { reasoningEffort: 'medium', reasoningSummary: 'auto', forceReasoning: true, store: false, include: ['reasoning.encrypted_content'] } },
  anthropic: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2048 } } },
  google: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } },
  compatible: { hearth: { reasoningEffort: 'medium' } },
};
// By default it uses a tool call instead of a response schema for unknown Claude models.
const plain = { openai: { openai: { store: false } }, anthropic: { anthropic: { structuredOutputMode: 'outputFormat' } } };

const picture = (data) => ({ type: 'file', mediaType: 'image/png', data: { type: 'data', data } });
function messagesOf({ text, image, png, done = [] }) {
  const messages = [{ role: 'user', content: image ? [{ type: 'text', text }, picture(image)] : text }];
  for (const { answer, results } of done) {
    messages.push(...answer.raw, { role: 'tool', content: results.map(({ call, text, image }) => ({ type: 'tool-result', toolCallId: call.id, toolName: call.name,
      output: image ? { type: 'content', value: [{ type: 'text', text }, picture(png)] } : { type: 'text', value: text } })) });
  }
  return messages;
}

async function finished(result) {
  const [text, reasoning, toolCalls, usage, finishReason, response] = await Promise.all(
    [result.text, result.reasoningText, result.toolCalls, result.usage, result.finishReason, result.response]);
  return { text, reasoningText: reasoning, toolCalls, usage, finishReason, response };
}

export const askOf = (name) => async (base, q) => {
  const request = {
    model: providers[name](base)(q.model), messages: messagesOf(q), maxRetries: 0, abortSignal: q.signal,
    providerOptions: q.think ? thinking[name] : plain[name],
    ...(q.system ? { instructions: q.system } : {}), ...(q.max ? { maxOutputTokens: q.max } : {}),
    ...(q.tools ? { tools: Object.fromEntries(q.tools.map((tool) => [tool.name, ai.tool({ description: tool.description, inputSchema: ai.jsonSchema(tool.parameters) })])) } : {}),
    ...(q.choice ? { toolChoice: { type: 'tool', toolName: q.choice } } : {}),
    ...(q.schema ? { output: ai.Output.object({ schema: ai.jsonSchema(q.schema) }) } : {}),
  };
  let answer, failed;
  if (q.stream) {
    const result = ai.streamText({ ...request, onError: ({ error }) => { failed = error; } });
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') q.onText?.();
      if (part.type === 'error') failed ??= part.error;
      if (part.type === 'abort') throw new DOMException('aborted', 'AbortError');
    }
    if (failed) throw failed;
    answer = await finished(result);
  } else {
    answer = await ai.generateText(request);
  }
  const { usage } = answer;
  return {
    text: answer.text, thinking: answer.reasoningText ?? '', raw: answer.response.messages,
    calls: answer.toolCalls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, arguments: input })),
    usage: { input: usage.inputTokens, cached: usage.inputTokenDetails.cacheReadTokens, output: usage.outputTokens },
    finish: answer.finishReason.replace('-', '_'),
  };
};

export const failure = (error) => ({ own: ai.AISDKError.isInstance(error), status: error.statusCode, message: error.message,
  retryAfter: error.responseHeaders?.['retry-after'] });
