// OpenAI's chat completions, as a strict server reads and writes them.
// Source: platform.openai.com/docs/api-reference/chat; reasoning_content as in DeepSeek and llama.cpp.
import { argumentsObject, array, bool, finishOf, isText, need, number, object, onlyKeys, oneOf, optional, Refused, schema, schemaTypes, string, tokens, whole as integer }
  from '../strict.mjs';

export const name = 'chat';
export function route(method, path) {
  if (method === 'POST' && path === '/v1/chat/completions') return { kind: 'turn' };
  if (method === 'GET' && path === '/v1/models') return { kind: 'models' };
  return undefined;
}
export const models = (names) => ({ object: 'list', data: names.map((id) => ({ id, object: 'model', created: 1, owned_by: 'scripted' })) });
export const refusal = (status, message, param) =>
  ({ error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param, code: null } });

const topLevel = ['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_tokens',
  'max_completion_tokens', 'temperature', 'top_p', 'n', 'stop', 'seed', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'logprobs',
  'top_logprobs', 'user', 'response_format', 'reasoning_effort', 'verbosity', 'metadata', 'store', 'service_tier', 'prompt_cache_key',
  'prompt_cache_retention', 'safety_identifier', 'modalities', 'prediction', 'web_search_options'];
const partTypes = { system: ['text'], developer: ['text'], user: ['text', 'image_url', 'input_audio', 'file'], assistant: ['text', 'refusal'], tool: ['text'] };

function content(value, role, where) {
  if (isText(value)) return value;
  need(array(value, where).length > 0, `${where}: expected at least one part.`, where);
  return value.map((part, i) => {
    const at = `${where}[${i}]`;
    oneOf(object(part, at).type, partTypes[role], `${at}.type`);
    if (part.type === 'text') {
      onlyKeys(part, ['type', 'text'], at);
      need(isText(part.text), `${at}.text: a string was expected.`, at);
    }
    if (part.type === 'image_url') string(part.image_url?.url, `${at}.image_url.url`);
    return part.text ?? '';
  }).join('');
}

function assistant(message, where, calls) {
  onlyKeys(message, ['role', 'content', 'name', 'refusal', 'tool_calls', 'audio', 'reasoning_content'], where);
  const text = message.content === null || message.content === undefined ? '' : content(message.content, 'assistant', `${where}.content`);
  need(message.tool_calls?.length > 0 || isText(message.content) || Array.isArray(message.content),
    `Invalid value for 'content': expected a string, got null at ${where}.`, `${where}.content`);
  optional(message.tool_calls, (list) => {
    need(array(list, `${where}.tool_calls`).length > 0, `${where}.tool_calls: [] is too short.`, where);
    list.forEach((call, i) => {
      const at = `${where}.tool_calls[${i}]`;
      onlyKeys(call, ['id', 'type', 'function', 'custom', 'index'], at);
      string(call.id, `${at}.id`);
      need(call.id.length <= 64, `${at}.id: string too long, at most 64.`, at);
      need(!calls.some((c) => c.id === call.id), `${at}.id: the id was used before.`, at);
      oneOf(call.type, ['function', 'custom'], `${at}.type`);
      const body = object(call[call.type], `${at}.${call.type}`);
      string(body.name, `${at}.${call.type}.name`);
      if (call.type === 'function') argumentsObject(body.arguments, `${at}.function.arguments`);
      calls.push({ id: call.id, tool: body.name, text: body.arguments ?? body.input, result: undefined });
    });
  });
  return text;
}

function messages(list, conversation) {
  need(array(list, 'messages').length > 0, "[] is too short - 'messages'", 'messages');
  const open = () => conversation.calls.filter((call) => call.result === undefined);
  list.forEach((message, i) => {
    const at = `messages[${i}]`;
    const role = oneOf(object(message, at).role, ['system', 'developer', 'user', 'assistant', 'tool'], `${at}.role`);
    if (role === 'tool') {
      onlyKeys(message, ['role', 'content', 'tool_call_id', 'name'], at);
      const call = open().find((c) => c.id === string(message.tool_call_id, `${at}.tool_call_id`));
      need(call, `${at}: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`, at);
      call.result = content(message.content, role, `${at}.content`);
      return;
    }
    need(open().length === 0, `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. `
      + `Not answered: ${open().map((c) => c.id).join(', ')} before ${at}.`, at);
    if (role === 'assistant') return void conversation.answers.push(assistant(message, at, conversation.calls));
    onlyKeys(message, ['role', 'content', 'name'], at);
    const text = content(message.content, role, `${at}.content`);
    if (role === 'user') conversation.users.push(text);
  });
  need(open().length === 0, `The last tool calls were not answered: ${open().map((c) => c.id).join(', ')}.`, 'messages');
}

function tools(list) {
  need(array(list, 'tools').length > 0, "[] is too short - 'tools'", 'tools');
  need(list.length <= 128, "'tools' is too long, at most 128", 'tools');
  const seen = new Set();
  return list.map((tool, i) => {
    const at = `tools[${i}]`;
    oneOf(object(tool, at).type, ['function', 'custom'], `${at}.type`);
    const body = object(tool[tool.type], `${at}.${tool.type}`);
    onlyKeys(tool, ['type', tool.type], at);
    onlyKeys(body, ['name', 'description', 'parameters', 'strict', 'format'], `${at}.${tool.type}`);
    need(/^[a-zA-Z0-9_-]{1,64}$/.test(body.name), `${at}: '${body.name}' does not match '^[a-zA-Z0-9_-]{1,64}$'.`, at);
    need(!seen.has(body.name), `${at}: tool names must be unique: ${body.name}.`, at);
    seen.add(body.name);
    optional(body.parameters, (p) => schema(p, `${at}.function.parameters`));
    return { name: body.name, description: body.description ?? '', schema: body.parameters, custom: tool.type === 'custom' };
  });
}

export function parse(body) {
  onlyKeys(body, topLevel, '');
  string(body.model, 'model');
  const conversation = { users: [], answers: [], calls: [], tools: [] };
  messages(body.messages, conversation);
  optional(body.tools, (list) => { conversation.tools = tools(list); });
  need(body.tools || (body.tool_choice ?? 'none') === 'none', "'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  need(body.tools || body.parallel_tool_calls === undefined, "'parallel_tool_calls' is only allowed when 'tools' are specified.", 'parallel_tool_calls');
  optional(body.tool_choice, (choice) => (isText(choice) ? oneOf(choice, ['none', 'auto', 'required'], 'tool_choice') : object(choice, 'tool_choice')));
  optional(body.stream, (v) => bool(v, 'stream'));
  need(body.stream || !body.stream_options, "'stream_options' is only allowed when 'stream' is enabled.", 'stream_options');
  optional(body.temperature, (v) => number(v, 'temperature'));
  optional(body.max_tokens, (v) => integer(v, 1, 'max_tokens'));
  optional(body.max_completion_tokens, (v) => integer(v, 1, 'max_completion_tokens'));
  need(!(body.max_tokens && body.max_completion_tokens), "'max_tokens' and 'max_completion_tokens' exclude each other.", 'max_tokens');
  optional(body.reasoning_effort, (v) => oneOf(v, ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], 'reasoning_effort'));
  optional(body.response_format, (format) => {
    oneOf(object(format, 'response_format').type, ['text', 'json_object', 'json_schema'], 'response_format.type');
    if (format.type !== 'json_schema') return;
    conversation.answerSchema = object(format.json_schema?.schema, 'response_format.json_schema.schema');
    schemaTypes(conversation.answerSchema, 'response_format.json_schema.schema');
  });
  if (body.tool_choice === 'none') conversation.tools = [];
  return conversation;
}

const usageOf = (answer) => {
  const { input, cached, output, reasoning } = tokens(answer);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output, prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning } };
};
const callOf = (call) => ({ id: call.id, type: 'function', function: { name: call.tool.name, arguments: call.arguments } });
const guard = (answer) => {
  // Custom tools on chat are not used by these clients and are not supported here.
  if (answer.calls.some((call) => call.input !== undefined)) throw new Refused('The scripted chat wire has no custom calls.', { status: 500 });
};

export function whole(answer, { body, id }) {
  guard(answer);
  const message = { role: 'assistant', content: answer.text || null, refusal: null };
  if (answer.thinking) message.reasoning_content = answer.thinking;
  if (answer.calls.length > 0) message.tool_calls = answer.calls.map(callOf);
  return { id: `chatcmpl-${id}`, object: 'chat.completion', created: 1_790_000_000, model: body.model, usage: usageOf(answer),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(answer) }] };
}

export function* stream(answer, { body, id, pieces }) {
  guard(answer);
  const event = (value) => `data: ${JSON.stringify({ id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: 1_790_000_000, model: body.model, ...value })}\n\n`;
  const chunk = (delta, finish = null) => event({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  yield chunk({ role: 'assistant', content: '' });
  for (const piece of pieces(answer.thinking)) yield chunk({ reasoning_content: piece });
  for (const piece of pieces(answer.text)) yield chunk({ content: piece });
  for (const [index, call] of answer.calls.entries()) {
    const { function: { name: tool, arguments: text }, ...rest } = callOf(call);
    yield chunk({ tool_calls: [{ index, ...rest, function: { name: tool, arguments: '' } }] });
    for (const piece of pieces(text)) yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield chunk({}, finishOf(answer));
  if (body.stream_options?.include_usage) yield event({ choices: [], usage: usageOf(answer) });
  yield 'data: [DONE]\n\n';
}
