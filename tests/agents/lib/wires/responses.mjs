// OpenAI's Responses, as a strict server reads them. Source: platform.openai.com/docs/api-reference/responses.
import { argumentsObject, array, bool, isText, need, object, oneOf, onlyKeys, optional, schema, schemaTypes, string, verify, whole as integer } from '../strict.mjs';
export { whole, stream } from './responses_answer.mjs';

export const name = 'responses';
export function route(method, path) {
  if (method === 'POST' && path === '/v1/responses') return { kind: 'turn' };
  if (method === 'GET' && path === '/v1/models') return { kind: 'models' };
  return undefined;
}
export { models, refusal } from './chat.mjs';

const topLevel = ['model', 'input', 'instructions', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_output_tokens',
  'max_tool_calls', 'temperature', 'top_p', 'top_logprobs', 'reasoning', 'include', 'store', 'text', 'truncation', 'metadata', 'user',
  'previous_response_id', 'conversation', 'prompt', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier', 'service_tier', 'background',
  'client_metadata', 'context_management'];
const partTypes = { system: ['input_text'], developer: ['input_text', 'input_image'], user: ['input_text', 'input_image', 'input_file'],
  assistant: ['output_text', 'refusal'] };

function content(value, allowed, where) {
  if (isText(value)) return value;
  return array(value, where).map((part, i) => {
    const at = `${where}[${i}]`;
    oneOf(object(part, at).type, allowed, `${at}.type`);
    if (!/text$/.test(part.type)) return '';
    onlyKeys(part, part.type === 'output_text' ? ['type', 'text', 'annotations', 'logprobs'] : ['type', 'text'], at);
    need(isText(part.text), `${at}.text: a string was expected.`, at);
    return part.text;
  }).join('');
}

const id = (item, prefix, at) => optional(item.id, (value) =>
  need(isText(value) && value.startsWith(prefix), `Invalid '${at}.id': '${value}'. Expected an ID that begins with '${prefix}'.`, `${at}.id`));

function call(item, at, conversation, text) {
  string(item.call_id, `${at}.call_id`);
  need(item.call_id.length <= 64, `${at}.call_id: string too long, at most 64.`, at);
  need(!conversation.calls.some((c) => c.id === item.call_id), `${at}.call_id: the id was used before.`, at);
  need(/^[a-zA-Z0-9_-]+$/.test(item.name ?? ''), `${at}.name: string does not match pattern '^[a-zA-Z0-9_-]+$'.`, at);
  conversation.calls.push({ id: item.call_id, custom: item.type === 'custom_tool_call', tool: item.name, text, result: undefined });
}
function output(item, at, conversation) {
  const custom = item.type === 'custom_tool_call_output';
  const found = conversation.calls.find((c) => c.id === string(item.call_id, `${at}.call_id`) && c.result === undefined && c.custom === custom);
  need(found, `No tool call found for ${custom ? 'custom tool' : 'function'} call output with call_id ${item.call_id}.`, at);
  found.result = content(item.output, ['input_text', 'input_image', 'input_file'], `${at}.output`);
}

// A kind of item -> how it is checked and what it adds.
const items = {
  message(item, at, conversation) {
    onlyKeys(item, ['type', 'role', 'content', 'id', 'status', 'phase'], at);
    const role = oneOf(item.role, ['system', 'developer', 'user', 'assistant'], `${at}.role`);
    if (role === 'assistant') id(item, 'msg', at);
    const text = content(item.content, partTypes[role], `${at}.content`);
    if (role === 'user') conversation.users.push(text);
    if (role === 'assistant') conversation.answers.push(text);
  },
  reasoning(item, at) {
    onlyKeys(item, ['type', 'id', 'summary', 'content', 'encrypted_content', 'status'], at);
    id(item, 'rs', at);
    const summary = array(item.summary, `${at}.summary`).map((part) => oneOf(part.type, ['summary_text'], `${at}.summary`) && part.text).join('');
    string(item.encrypted_content, `${at}.encrypted_content (nothing was stored)`);
    verify('responses', item.encrypted_content, summary, `${at}.encrypted_content`);
  },
  function_call(item, at, conversation) {
    onlyKeys(item, ['type', 'id', 'call_id', 'name', 'arguments', 'status', 'namespace'], at);
    id(item, 'fc', at);
    argumentsObject(item.arguments, `${at}.arguments`);
    call(item, at, conversation, item.arguments);
  },
  custom_tool_call(item, at, conversation) {
    onlyKeys(item, ['type', 'id', 'call_id', 'name', 'input', 'status', 'namespace'], at);
    id(item, 'ctc', at);
    need(isText(item.input), `${at}.input: a string was expected.`, at);
    call(item, at, conversation, item.input);
  },
  function_call_output(item, at, conversation) {
    onlyKeys(item, ['type', 'id', 'call_id', 'output', 'status'], at);
    output(item, at, conversation);
  },
  custom_tool_call_output(item, at, conversation) {
    onlyKeys(item, ['type', 'id', 'call_id', 'output', 'status', 'name'], at);
    output(item, at, conversation);
  },
  // Codex' newest models: the tools are in the input.
  additional_tools(item, at, conversation) {
    conversation.tools.push(...tools(item.tools, `${at}.tools`));
  },
};

function input(list, conversation) {
  if (isText(list)) return void conversation.users.push(list);
  need(array(list, 'input').length > 0, 'input: at least one item is required.', 'input');
  list.forEach((item, i) => {
    const at = `input[${i}]`;
    const type = object(item, at).type ?? (item.role ? 'message' : undefined);
    oneOf(type, Object.keys(items), `${at}.type`);
    const before = list[i - 1];
    const model = type === 'reasoning' || /_call$/.test(type) || item.role === 'assistant';
    need(before?.type !== 'reasoning' || model, `Item '${before?.id}' of type 'reasoning' was provided without its required following item.`, at);
    items[type](item, at, conversation);
  });
  need(list.at(-1).type !== 'reasoning', "The last item of type 'reasoning' was provided without its required following item.", 'input');
  const open = conversation.calls.filter((c) => c.result === undefined);
  need(open.length === 0, `No tool output found for function call ${open[0]?.id}.`, 'input');
}

const hosted = ['web_search', 'web_search_preview', 'file_search', 'image_generation', 'code_interpreter', 'computer_use_preview', 'mcp', 'local_shell',
  'shell', 'apply_patch', 'tool_search'];

function tools(list, where, space) {
  const seen = new Set();
  return array(list, where).flatMap((tool, i) => {
    const at = `${where}[${i}]`;
    oneOf(object(tool, at).type, ['function', 'custom', 'namespace', ...hosted], `${at}.type`);
    if (hosted.includes(tool.type)) return [];
    need(isText(tool.name), `Missing required parameter: '${at}.name'.`, `${at}.name`);
    need(/^[a-zA-Z0-9_-]{1,64}$/.test(tool.name), `${at}.name: '${tool.name}' does not match '^[a-zA-Z0-9_-]{1,64}$'.`, at);
    need(!seen.has(tool.name), `${at}: tool names must be unique: ${tool.name}.`, at);
    seen.add(tool.name);
    if (tool.type === 'namespace') return tools(tool.tools, `${at}.tools`, tool.name);
    if (tool.type === 'custom') onlyKeys(tool, ['type', 'name', 'description', 'format', 'defer_loading'], at);
    else {
      onlyKeys(tool, ['type', 'name', 'description', 'parameters', 'strict', 'defer_loading', 'output_schema'], at);
      optional(tool.parameters, (p) => schema(p, `${at}.parameters`));
      optional(tool.strict, (v) => bool(v, `${at}.strict`));
      if (tool.strict) {
        need(tool.parameters?.additionalProperties === false, `Invalid schema for function '${tool.name}': 'additionalProperties' is required to be false.`, at);
      }
    }
    return [{ name: tool.name, description: tool.description ?? '', schema: tool.parameters, custom: tool.type === 'custom', space }];
  });
}

export function parse(body) {
  onlyKeys(body, topLevel, '');
  string(body.model, 'model');
  const conversation = { users: [], answers: [], calls: [], tools: [] };
  need(body.previous_response_id === undefined || body.previous_response_id === null, 'Previous response was not found: nothing is stored here.', 'previous_response_id');
  input(body.input, conversation);
  optional(body.instructions, (v) => need(isText(v), 'instructions: a string was expected.', 'instructions'));
  optional(body.tools, (list) => conversation.tools.push(...tools(list, 'tools')));
  need(conversation.tools.length > 0 || !body.tool_choice || isText(body.tool_choice), 'tool_choice names a tool, and there is none.', 'tool_choice');
  if (isText(body.tool_choice)) oneOf(body.tool_choice, ['none', 'auto', 'required'], 'tool_choice');
  optional(body.stream, (v) => bool(v, 'stream'));
  optional(body.store, (v) => bool(v, 'store'));
  optional(body.max_output_tokens, (v) => integer(v, 16, 'max_output_tokens'));
  optional(body.include, (list) => array(list, 'include').forEach((v, i) => oneOf(v, ['reasoning.encrypted_content', 'web_search_call.action.sources',
    'web_search_call.results', 'file_search_call.results', 'message.output_text.logprobs', 'code_interpreter_call.outputs'], `include[${i}]`)));
  optional(body.reasoning, (v) => onlyKeys(v, ['effort', 'summary', 'generate_summary', 'context', 'mode'], 'reasoning'));
  optional(body.reasoning?.effort, (v) => oneOf(v, ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], 'reasoning.effort'));
  optional(body.text?.format, (format) => {
    oneOf(object(format, 'text.format').type, ['text', 'json_object', 'json_schema'], 'text.format.type');
    if (format.type !== 'json_schema') return;
    string(format.name, 'text.format.name');
    conversation.answerSchema = object(format.schema, 'text.format.schema');
    schemaTypes(conversation.answerSchema, 'text.format.schema');
  });
  if (body.tool_choice === 'none') conversation.tools = [];
  return conversation;
}
