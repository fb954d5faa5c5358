// The protocol between Hearth and a worker of its own engine (src/engine/protocol/message.h), as forwarded by tests/fake_engine.
// Rejected are violations of the guarantees in src/wire/translate/translate.h, and input that a chat template or the
// grammar of a call cannot process.
import { argumentsObject, array, finishOf, isText, json, need, object, oneOf, onlyKeys, optional, schemaTypes, string, tokens, whole as integer }
  from '../strict.mjs';

export const name = 'engine';
export function route(method, path) {
  if (method === 'POST' && path === '/engine/submit') return { kind: 'turn', stream: true };
  if (method === 'POST' && path === '/engine/count') return { kind: 'count' };
  return undefined;
}
export function count(message) {
  conversationOf(message, 'count', ['type', 'id', 'request']);
  return { type: 'counted', id: message.id, tokens: 1200 };
}
export const refusal = (status, message) => ({ message });

// Fields with default values are omitted, so most of these are rare. `extra` is never allowed.
const requestKeys = ['kind', 'dialect', 'model', 'stream', 'include_usage', 'n', 'user', 'sampling', 'body', 'keep_alive_s', 'context_tokens', 'cache_key',
  'store'];
const chatKeys = ['type', 'turns', 'tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'reasoning_effort', 'thinking', 'legacy_functions'];
const partKeys = { text: ['text'], refusal: ['text'], reasoning: ['text', 'opaque'], tool_call: ['id', 'name', 'arguments', 'opaque'] };
const inRole = { system: ['text'], user: ['text'], assistant: ['text', 'refusal', 'reasoning', 'tool_call'], tool: ['text'] };

// llama.cpp converts it to a grammar, for a call or the answer, and supports JSON Schema types only.
function schema(text, where) {
  const value = object(json(string(text, where), where), where);
  schemaTypes(value, where);
  return value;
}

function tools(list) {
  const seen = new Set();
  return array(list, 'tools').map((tool, i) => {
    const at = `tools[${i}]`;
    // No kind: a function. Custom tools have been converted to functions, hosted tools removed.
    onlyKeys(tool, ['name', 'description', 'parameters', 'strict', 'space', 'own_name'], at);
    need(!seen.has(string(tool.name, `${at}.name`)), `${at}: tool names must be unique: ${tool.name}.`, at);
    seen.add(tool.name);
    const parameters = tool.parameters === undefined ? undefined : schema(tool.parameters, `${at}.parameters`);
    return { name: tool.name, description: tool.description ?? '', schema: parameters, custom: false };
  });
}

function part(value, role, at, conversation) {
  const type = oneOf(object(value, at).type, inRole[role], `${at}.type`);
  onlyKeys(value, ['type', ...partKeys[type]], at);
  // A worker has no signatures, so the object is empty.
  optional(value.opaque, (opaque) => onlyKeys(opaque, [], `${at}.opaque`));
  if (type !== 'tool_call') {
    need(isText(value.text ?? ''), `${at}.text: a string was expected.`, at);
    return type === 'reasoning' ? '' : value.text ?? '';
  }
  string(value.name, `${at}.name`);
  need(!conversation.calls.some(({ id }) => id === string(value.id, `${at}.id`)), `${at}.id: the id was used before.`, at);
  if (value.arguments !== undefined) argumentsObject(value.arguments, `${at}.arguments`);
  conversation.calls.push({ id: value.id, tool: value.name, text: value.arguments ?? '{}', result: undefined });
  return '';
}

function turns(list, conversation) {
  let last = '';
  need(array(list, 'turns').length > 0, 'turns: at least one was expected.');
  list.forEach((turn, i) => {
    const at = `turns[${i}]`;
    const role = oneOf(object(turn, at).role ?? 'user', Object.keys(inRole), `${at}.role`);
    onlyKeys(turn, role === 'tool' ? ['role', 'name', 'tool_call_id', 'parts'] : ['role', 'name', 'parts'], at);
    need(role !== 'system' || i === 0, `${at}: a template knows one system message, at the front.`, at);
    need(role !== 'user' || last !== 'user', `${at}: templates require the user's messages to alternate with others.`, at);
    const open = conversation.calls.filter(({ result }) => result === undefined);
    need(role === 'tool' || open.length === 0, `${at}: ${open.map(({ id }) => id).join(', ')} had no result before it.`, at);
    need(role === 'tool' || turn.parts?.length > 0, `${at}: the turn is empty.`, at);
    const text = (turn.parts ?? []).map((value, p) => part(value, role, `${at}.parts[${p}]`, conversation)).join('');
    if (role === 'user') conversation.users.push(text);
    if (role === 'assistant') conversation.answers.push(text);
    if (role === 'tool') {
      const call = open.find(({ id }) => id === turn.tool_call_id);
      need(call, `${at}.tool_call_id: ${turn.tool_call_id} is no open call.`, at);
      call.result = text;
    }
    last = role;
  });
  need(['user', 'tool'].includes(last), 'The conversation must end with the user or a result.');
  need(conversation.calls.every(({ result }) => result !== undefined), 'The last calls had no result.');
}

function conversationOf(message, type, keys) {
  onlyKeys(message, keys, '');
  oneOf(message.type, [type], 'type');
  integer(message.id, 1, 'id');
  const request = object(message.request, 'request');
  onlyKeys(request, requestKeys, 'request');
  const chat = object(request.body, 'request.body');
  oneOf(chat.type, ['chat'], 'request.body.type');
  onlyKeys(chat, chatKeys, 'request.body');
  const conversation = { users: [], answers: [], calls: [], tools: [] };
  turns(chat.turns, conversation);
  optional(chat.tools, (list) => { conversation.tools = tools(list); });
  optional(chat.tool_choice, (choice) => {
    need(conversation.tools.length > 0, 'tool_choice without tools.', 'tool_choice');
    if (choice.mode === 'none') conversation.tools = [];
    if (choice.mode === 'named') need(conversation.tools.some((tool) => tool.name === choice.name), `tool_choice names ${choice.name}, which is not a tool.`);
  });
  optional(chat.response_format, ({ kind, schema: text }) => {
    if (kind === 'json_schema') conversation.answerSchema = schema(text, 'response_format.schema');
  });
  conversation.thinks = chat.reasoning_effort !== 'none';
  return conversation;
}

export const parse = (message) => conversationOf(message, 'submit', ['type', 'id', 'request', 'priority', 'affinity']);

// A worker reuses the evaluated prefix of a conversation: each turn of the task must begin with the previous one, tools
// included, or a local model evaluates everything again. Returns the faults as messages.
export function prefixFaults(log) {
  const bodies = log.filter(({ url, raw }) => String(url).endsWith('/engine/submit') && raw.includes('Work in the folder'))
    .map(({ raw }) => JSON.parse(raw).request.body).filter(({ tools: offered }) => offered);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  return bodies.slice(1).flatMap((body, i) => {
    const before = bodies[i], turn = before.turns.findIndex((one, t) => !same(one, body.turns[t]));
    if (!same(before.tools, body.tools)) return ['the tools changed between two requests of one conversation'];
    return turn < 0 ? [] : [`turns[${turn}] changed between two requests of one conversation`];
  });
}

// As sent by a worker: one message for each step of its scheduler, calls already parsed from the model's text
// (src/engine/worker/chat_stream.h), arguments in pieces.
export function* stream(answer, { body, conversation, id, pieces }) {
  const frame = (...events) => `${JSON.stringify({ type: 'events', events: events.map((event) => ({ id: body.id, event })) })}\n`;
  yield frame({ type: 'started' });
  if (conversation.thinks) for (const text of pieces(answer.thinking)) yield frame({ type: 'reasoning', text });
  for (const text of pieces(answer.text)) yield frame({ type: 'text', text });
  for (const [call, { id: own, tool, arguments: whole }] of answer.calls.entries()) {
    const [first, ...rest] = pieces(whole);
    yield frame({ type: 'tool_call', call, id: own ?? `call_${id}`, name: tool.name, arguments: first });
    for (const piece of rest) yield frame({ type: 'tool_call', call, arguments: piece });
  }
  const { input, cached, output, reasoning } = tokens(answer);
  const timings = { cache_n: cached, prompt_n: input - cached, predicted_n: output, prompt_ms: 10, predicted_ms: 100 };
  yield frame({ type: 'finish', reason: finishOf(answer) }, { type: 'usage', timings,
    usage: { input, cached_input: cached, output, reasoning_output: reasoning } }, { type: 'done' });
}
