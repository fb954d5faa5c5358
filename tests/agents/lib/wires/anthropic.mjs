// Anthropic Messages, as a strict server reads them. Source: docs.anthropic.com/en/api/messages and .../errors.
import { array, isObject, isText, need, number, object, oneOf, onlyKeys, optional, Refused, schema, schemaTypes, string, verify, whole as integer } from '../strict.mjs';
export { whole, stream } from './anthropic_answer.mjs';

export const name = 'anthropic';
export function route(method, path) {
  if (method === 'POST' && path === '/v1/messages') return { kind: 'turn' };
  if (method === 'POST' && path === '/v1/messages/count_tokens') return { kind: 'count' };
  if (method === 'GET' && path === '/v1/models') return { kind: 'models' };
  return undefined;
}
export const count = () => ({ input_tokens: 1200 });
export const models = (names) => ({ first_id: names[0], last_id: names.at(-1), has_more: false,
  data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' })) });
export const refusal = (status, message) => ({ type: 'error', request_id: 'req_scripted',
  error: { type: { 401: 'authentication_error', 404: 'not_found_error', 500: 'api_error' }[status] ?? 'invalid_request_error', message } });

const topLevel = ['model', 'messages', 'max_tokens', 'system', 'stream', 'tools', 'tool_choice', 'temperature', 'top_p', 'top_k', 'stop_sequences',
  'metadata', 'thinking', 'service_tier', 'container', 'mcp_servers', 'cache_control'];
// Only with a beta header.
const betaFields = ['context_management', 'output_config', 'output_format', 'speed', 'diagnostics'];
const blockKeys = {
  text: ['text', 'citations'], image: ['source'], document: ['source', 'title', 'context', 'citations'], thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'], tool_use: ['id', 'name', 'input', 'caller'], tool_result: ['tool_use_id', 'content', 'is_error'],
  tool_reference: ['tool_name'],
};
const inRole = { user: ['text', 'image', 'document', 'tool_result'], assistant: ['text', 'thinking', 'redacted_thinking', 'tool_use'], system: ['text'] };

function block(value, allowed, at) {
  const type = oneOf(object(value, at).type, allowed, `${at}.type`);
  onlyKeys(value, ['type', 'cache_control', ...blockKeys[type]], at);
  if (type === 'text') {
    need(isText(value.text), `${at}.text: Input should be a valid string`, at);
    need(value.text.trim() !== '', `${at}: text content blocks must contain non-whitespace text`, at);
  }
  if (type === 'image') oneOf(value.source?.type, ['base64', 'url', 'file'], `${at}.source.type`);
  if (type === 'thinking') verify('anthropic', value.signature, value.thinking, `${at}.signature`);
  if (type === 'redacted_thinking') verify('anthropic', value.data, undefined, `${at}.data`);
  return type === 'text' ? value.text : '';
}

const blocksOf = (content, at) => (isText(content) ? [{ type: 'text', text: content }] : array(content, at));

function result(value, at) {
  string(value.tool_use_id, `${at}.tool_use_id`);
  if (value.content === undefined || isText(value.content)) return value.content ?? '';
  return array(value.content, `${at}.content`).map((part, i) => block(part, ['text', 'image', 'document', 'tool_reference'], `${at}.content.${i}`)).join('');
}

// One turn after joining consecutive messages of one role, as the vendor does.
function turn({ role, blocks }, before, conversation, thinking) {
  const pending = before?.blocks.filter(({ value }) => value.type === 'tool_use').map(({ value }) => value.id) ?? [];
  const results = blocks.filter(({ value }) => value.type === 'tool_result');
  if (role === 'user') {
    for (const { value, at } of results) {
      need(pending.includes(value.tool_use_id), `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${value.tool_use_id}. Each \`tool_result\` `
        + 'block must have a corresponding `tool_use` block in the previous message.', at);
      conversation.calls.find((call) => call.id === value.tool_use_id).result = result(value, at);
    }
  }
  const missing = pending.filter((id) => !results.some(({ value }) => value.tool_use_id === id));
  need(missing.length === 0, `${blocks[0].at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}.`);
  if (pending.length > 0) {
    const firstOther = blocks.findIndex(({ value }) => value.type !== 'tool_result');
    need(firstOther < 0 || firstOther >= results.length, `${blocks[0].at}: tool_result blocks must come first in the content of their message.`);
  }
  let text = '';
  for (const { value, at } of blocks) {
    text += block(value, inRole[role], at);
    if (value.type !== 'tool_use') continue;
    need(/^[a-zA-Z0-9_-]+$/.test(value.id ?? ''), `${at}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`, at);
    need(!conversation.calls.some((call) => call.id === value.id), `${at}: \`tool_use\` ids must be unique`, at);
    conversation.calls.push({ id: value.id, tool: string(value.name, `${at}.name`), text: JSON.stringify(object(value.input, `${at}.input`)), result: undefined });
  }
  if (role === 'assistant' && thinking && blocks.some(({ value }) => value.type === 'tool_use')) {
    need(/thinking$/.test(blocks[0].value.type), `${blocks[0].at}.type: Expected \`thinking\` or \`redacted_thinking\`, but found `
      + `\`${blocks[0].value.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`);
  }
  (role === 'user' ? conversation.users : conversation.answers).push(text);
}

function messages(list, conversation, { beta, thinking }) {
  need(array(list, 'messages').length > 0, 'messages: at least one message is required', 'messages');
  const turns = [];
  list.forEach((message, i) => {
    const at = `messages.${i}`;
    object(message, at);
    const role = oneOf(message.role, beta ? ['user', 'assistant', 'system'] : ['user', 'assistant'], `${at}.role`);
    onlyKeys(message, ['role', 'content', ...(beta ? ['output_config'] : [])], at);
    const blocks = blocksOf(message.content, `${at}.content`).map((value, b) => ({ value, at: `${at}.content.${b}` }));
    need(blocks.length > 0, `${at}: all messages must have non-empty content except for the optional final assistant message`, at);
    if (role === 'system') return void blocks.forEach(({ value, at: where }) => block(value, inRole.system, where));
    if (turns.at(-1)?.role === role) turns.at(-1).blocks.push(...blocks);
    else turns.push({ role, blocks });
  });
  need(turns[0]?.role === 'user', 'messages: first message must use the "user" role', 'messages');
  const lastAssistant = turns.findLastIndex(({ role }) => role === 'assistant');
  turns.forEach((one, i) => turn(one, turns[i - 1], conversation, thinking && i === lastAssistant));
  const last = turns.at(-1);
  need(last.role === 'user', 'This model does not support assistant message prefill. The conversation must end with a user message.', 'messages');
}

function tools(list, beta) {
  const seen = new Set();
  return array(list, 'tools').flatMap((tool, i) => {
    const at = `tools.${i}`;
    object(tool, at);
    if (tool.type && tool.type !== 'custom') {
      // A server's own tool ("web_search_20250305").
      need(/^[a-z_]+_\d{8}$/.test(tool.type), `${at}: Input tag '${tool.type}' found using 'type' does not match any of the expected tags`, at);
      return [];
    }
    onlyKeys(tool, ['type', 'name', 'description', 'input_schema', 'cache_control', 'strict', 'eager_input_streaming', 'input_examples', 'allowed_callers',
      ...(beta ? ['defer_loading'] : [])], at);
    need(/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name ?? ''), `${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`, at);
    need(!seen.has(tool.name), 'tools: Tool names must be unique.', at);
    seen.add(tool.name);
    need(tool.input_schema !== undefined, `${at}.custom.input_schema: Field required`, at);
    schema(tool.input_schema, `${at}.custom.input_schema`);
    return tool.defer_loading ? [] : [{ name: tool.name, description: tool.description ?? '', schema: tool.input_schema, custom: false }];
  });
}

function thinkingOf(body) {
  const { thinking } = body;
  if (!thinking) return false;
  oneOf(object(thinking, 'thinking').type, ['enabled', 'disabled', 'adaptive'], 'thinking.type');
  if (thinking.type === 'disabled') return false;
  if (thinking.type === 'enabled') {
    integer(thinking.budget_tokens, 1024, 'thinking.budget_tokens');
    need(thinking.budget_tokens < body.max_tokens, '`max_tokens` must be greater than `thinking.budget_tokens`.', 'max_tokens');
  }
  need((body.temperature ?? 1) === 1, '`temperature` may only be set to 1 when thinking is enabled.', 'temperature');
  need(!body.tool_choice || ['auto', 'none'].includes(body.tool_choice.type), 'Thinking may not be enabled when tool_choice forces tool use.', 'tool_choice');
  return true;
}

export function parse(body, { headers, raw, direct }) {
  // Bearer tokens are for the vendor's own logins: a gateway must send its key as x-api-key. (Qwen Code sends a bearer token to
  // hosts other than the vendor's.)
  if (!headers['x-api-key'] && !(direct && headers.authorization)) throw new Refused('x-api-key header is required', { status: 401 });
  need(headers['anthropic-version'] === '2023-06-01', 'anthropic-version: header is required');
  const beta = Boolean(headers['anthropic-beta']);
  onlyKeys(body, beta ? [...topLevel, ...betaFields] : [...topLevel, 'output_config'], '');
  string(body.model, 'model');
  need(body.max_tokens !== undefined, 'max_tokens: Field required', 'max_tokens');
  integer(body.max_tokens, 1, 'max_tokens');
  optional(body.system, (system) => blocksOf(system, 'system').forEach((value, i) => block(value, ['text'], `system.${i}`)));
  optional(body.temperature, (v) => number(v, 'temperature'));
  optional(body.metadata, (v) => onlyKeys(v, ['user_id'], 'metadata'));
  optional(body.stop_sequences, (list) => array(list, 'stop_sequences').forEach((s, i) => string(s, `stop_sequences.${i}`)));
  const marks = raw.match(/"cache_control":\s*\{/g)?.length ?? 0;
  need(marks <= 4, `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
  const conversation = { users: [], answers: [], calls: [], tools: [] };
  conversation.thinks = thinkingOf(body);
  messages(body.messages, conversation, { beta, thinking: body.thinking?.type === 'enabled' });
  optional(body.tools, (list) => { conversation.tools = tools(list, beta); });
  optional(body.tool_choice, (choice) => {
    need(body.tools?.length > 0, 'tool_choice may only be specified while providing tools.', 'tool_choice');
    oneOf(object(choice, 'tool_choice').type, ['auto', 'any', 'tool', 'none'], 'tool_choice.type');
    if (choice.type === 'none') conversation.tools = [];
  });
  if (conversation.calls.length > 0 && !body.tools) throw new Refused('Requests which have `tool_use` or `tool_result` blocks in `messages` must define tools.');
  const format = body.output_config?.format ?? body.output_format;
  if (isObject(format?.schema)) {
    schemaTypes(format.schema, 'output_config.format.schema');
    conversation.answerSchema = format.schema;
  }
  return conversation;
}
