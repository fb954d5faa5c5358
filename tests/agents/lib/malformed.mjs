// Requests that the scripted model must reject: one valid request for each wire, and invalid variants of it. A reader that
// accepts one of these cannot detect wrong translations.
import { sign } from './strict.mjs';

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] };
const long = 'x'.repeat(65);

const chat = {
  path: '/v1/chat/completions', headers: {},
  good: () => ({ model: 'm', stream: true, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } }] },
    { role: 'tool', tool_call_id: 'c1', content: 'text' }], tools: [{ type: 'function', function: { name: 'read', parameters } }] }),
  wrong: {
    'no messages': (b) => { b.messages = []; },
    'unknown role': (b) => { b.messages[1].role = 'human'; },
    'unknown part': (b) => { b.messages[1].content[0].type = 'input_text'; },
    'tool result without call': (b) => { b.messages.splice(2, 1); },
    'call without result': (b) => { b.messages.pop(); },
    'user between call and result': (b) => { b.messages.splice(3, 0, { role: 'user', content: 'wait' }); },
    'result for another call': (b) => { b.messages[3].tool_call_id = 'c2'; },
    'call used twice': (b) => { b.messages.push(b.messages[2], b.messages[3]); },
    'arguments as an object': (b) => { b.messages[2].tool_calls[0].function.arguments = { path: 'a' }; },
    'truncated arguments': (b) => { b.messages[2].tool_calls[0].function.arguments = '{"path":'; },
    'tool of another dialect': (b) => { b.tools = [{ name: 'read', input_schema: parameters }]; },
    'flat tool': (b) => { b.tools = [{ type: 'function', name: 'read', parameters }]; },
    'tools as an object': (b) => { b.tools = { read: parameters }; },
    'no tools in the list': (b) => { b.tools = []; },
    'same tool twice': (b) => { b.tools.push(b.tools[0]); },
    'long tool name': (b) => { b.tools[0].function.name = long; },
    'cache mark': (b) => { b.messages[1].content[0].cache_control = { type: 'ephemeral' }; },
    'field of another dialect': (b) => { b.max_output_tokens = 100; },
    'choice without tools': (b) => { delete b.tools; b.tool_choice = 'auto'; },
    'capitals in a schema': (b) => { b.tools[0].function.parameters = { type: 'object', properties: { path: { type: 'STRING' } } }; },
    'capitals in the answer\'s schema': (b) => { b.response_format = { type: 'json_schema', json_schema: { name: 'r', schema: { type: 'OBJECT' } } }; },
    'sealed state': (b) => { b.messages[0].content = 'hearth:1:x:y'; },
  },
};

const responses = {
  path: '/v1/responses', headers: {},
  good: () => ({ model: 'm', stream: true, store: false, reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'],
    input: [{ role: 'developer', content: 'Be brief.' }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: sign('responses', 'thought') },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'read', arguments: '{"path":"a"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'text' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] }, { role: 'user', content: 'go on' }],
    tools: [{ type: 'function', name: 'read', parameters }, { type: 'custom', name: 'patch' }] }),
  wrong: {
    'unknown item': (b) => { b.input[1].type = 'tool_result'; },
    'part of another dialect': (b) => { b.input[1].content[0].type = 'text'; },
    'input part from the assistant': (b) => { b.input[5].content[0].type = 'input_text'; },
    'output without call': (b) => { b.input.splice(2, 2); },
    'call without output': (b) => { b.input.splice(4, 1); },
    'custom output for a function': (b) => { b.input[4].type = 'custom_tool_call_output'; },
    'reasoning without its call': (b) => { b.input.splice(3, 3); },
    'foreign reasoning': (b) => { b.input[2].encrypted_content = sign('anthropic', 'thought'); },
    'reasoning without its state': (b) => { delete b.input[2].encrypted_content; },
    'id of another kind': (b) => { b.input[3].id = 'call_1'; },
    'nested tool': (b) => { b.tools = [{ type: 'function', function: { name: 'read', parameters } }]; },
    'unknown tool': (b) => { b.tools[0].type = 'web_search_20250305'; },
    'capitals in the answer\'s schema': (b) => { b.text = { format: { type: 'json_schema', name: 'r', schema: { type: 'OBJECT' } } }; },
    'strict without closed schema': (b) => { b.tools[0].strict = true; },
    'field of another dialect': (b) => { b.max_tokens = 100; },
    'messages instead of input': (b) => { b.messages = b.input; delete b.input; },
    'earlier response': (b) => { b.previous_response_id = 'resp_1'; },
    'sealed state': (b) => { b.input[2].encrypted_content = 'hearth:1:x:y'; },
  },
};

const anthropic = {
  path: '/v1/messages', headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
  good: () => ({ model: 'm', stream: true, max_tokens: 4096, system: [{ type: 'text', text: 'Be brief.' }], thinking: { type: 'enabled', budget_tokens: 1024 },
    messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'thought', signature: sign('anthropic', 'thought') },
      { type: 'tool_use', id: 't1', name: 'read', input: { path: 'a' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'text' }] }, { type: 'text', text: 'go on' }] }],
    tools: [{ name: 'read', input_schema: parameters }] }),
  wrong: {
    'no max_tokens': (b) => { delete b.max_tokens; },
    'system role': (b) => { b.messages.unshift({ role: 'system', content: 'x' }); },
    'tool role': (b) => { b.messages[2].role = 'tool'; },
    'assistant first': (b) => { b.messages.shift(); },
    'empty text': (b) => { b.messages[2].content[1].text = ''; },
    'empty content': (b) => { b.messages[0].content = []; },
    'result without call': (b) => { b.messages.splice(1, 1); },
    'result for another call': (b) => { b.messages[2].content[0].tool_use_id = 't2'; },
    'call without result': (b) => { b.messages[2].content.shift(); },
    'result after text': (b) => { b.messages[2].content.reverse(); },
    'prefill': (b) => { b.messages.pop(); b.messages[1].content.pop(); },
    'input as text': (b) => { b.messages[1].content[1].input = '{"path":"a"}'; },
    'id with a dot': (b) => { b.messages[1].content[1].id = 't.1'; b.messages[2].content[0].tool_use_id = 't.1'; },
    'changed thinking': (b) => { b.messages[1].content[0].thinking = 'another'; },
    'foreign signature': (b) => { b.messages[1].content[0].signature = sign('gemini', 'thought'); },
    'no thinking before the call': (b) => { b.messages[1].content.shift(); },
    'tool of another dialect': (b) => { b.tools = [{ type: 'function', function: { name: 'read', parameters } }]; },
    'parameters instead of input_schema': (b) => { b.tools = [{ name: 'read', parameters }]; },
    'capitals in the answer\'s schema': (b) => { b.output_config = { format: { type: 'json_schema', schema: { type: 'OBJECT' } } }; },
    'schema without type': (b) => { b.tools[0].input_schema = {}; },
    'same tool twice': (b) => { b.tools.push(b.tools[0]); },
    'budget above the limit': (b) => { b.thinking.budget_tokens = 5000; },
    'no tools for calls': (b) => { delete b.tools; },
    'field of another dialect': (b) => { b.reasoning_effort = 'low'; },
    'sealed state': (b) => { b.messages[1].content[0].signature = 'hearth:1:x:y'; },
  },
};

const gemini = {
  path: '/v1beta/models/gemini-3-test:streamGenerateContent?alt=sse', headers: { 'x-goog-api-key': 'k' },
  good: () => ({ systemInstruction: { parts: [{ text: 'Be brief.' }] }, contents: [{ role: 'user', parts: [{ text: 'hi' }] },
    { role: 'model', parts: [{ functionCall: { name: 'read', args: { path: 'a' } }, thoughtSignature: sign('gemini', 'thought') }] },
    { role: 'user', parts: [{ functionResponse: { name: 'read', response: { output: 'text' } } }] }],
    tools: [{ functionDeclarations: [{ name: 'read', parameters }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } }),
  wrong: {
    'assistant role': (b) => { b.contents[1].role = 'assistant'; },
    'system role': (b) => { b.contents[0].role = 'system'; },
    'no parts': (b) => { b.contents[0].parts = []; },
    'empty part': (b) => { b.contents[0].parts = [{}]; },
    'two things in a part': (b) => { b.contents[1].parts[0].text = 'x'; },
    'part of another dialect': (b) => { b.contents[0].parts[0].type = 'text'; },
    'response without call': (b) => { b.contents.splice(1, 1); },
    'call without response': (b) => { b.contents.pop(); },
    'response of another function': (b) => { b.contents[2].parts[0].functionResponse.name = 'write'; },
    'response as text': (b) => { b.contents[2].parts[0].functionResponse.response = 'text'; },
    'args as text': (b) => { b.contents[1].parts[0].functionCall.args = '{"path":"a"}'; },
    'no signature': (b) => { delete b.contents[1].parts[0].thoughtSignature; },
    'foreign signature': (b) => { b.contents[1].parts[0].thoughtSignature = sign('anthropic', 'thought'); },
    'schema beyond the subset': (b) => { b.tools[0].functionDeclarations[0].parameters = { ...parameters, additionalProperties: false }; },
    'list of types': (b) => { b.tools[0].functionDeclarations[0].parameters = { type: 'object', properties: { path: { type: ['string', 'null'] } } }; },
    'array without items': (b) => { b.tools[0].functionDeclarations[0].parameters = { type: 'object', properties: { path: { type: 'array' } } }; },
    'tool of another dialect': (b) => { b.tools = [{ type: 'function', function: { name: 'read', parameters } }]; },
    'name with a space': (b) => { b.tools[0].functionDeclarations[0].name = 'read file'; },
    'field of another dialect': (b) => { b.max_tokens = 100; },
    'streaming by field': (b) => { b.stream = true; },
    'sealed state': (b) => { b.contents[1].parts[0].thoughtSignature = 'hearth:1:x:y'; },
  },
};

// For a worker: fields with default values are omitted; a turn's default role is user, a tool's default kind function.
const engine = {
  path: '/engine/submit', headers: {},
  good: () => ({ type: 'submit', id: 1, affinity: 'a', request: { model: 'm', dialect: 'responses', sampling: {}, body: { type: 'chat', reasoning_effort: 'low',
    turns: [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }, { parts: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'thought', opaque: {} }, { type: 'tool_call', id: 'c1', name: 'read', arguments: '{"path":"a"}', opaque: {} }] },
      { role: 'tool', tool_call_id: 'c1', parts: [{ type: 'text', text: 'text' }] }, { parts: [{ type: 'text', text: 'go on' }] }],
    tools: [{ name: 'read', parameters: JSON.stringify(parameters) }, { name: 'now' }] } } }),
  wrong: {
    'another message': (b) => { b.type = 'load'; },
    'no id': (b) => { delete b.id; },
    'not a chat': (b) => { b.request.body = { type: 'completion', prompts: ['hi'] }; },
    'unknown field': (b) => { b.request.extra = [{ key: 'top_a', json: '1' }]; },
    'marks on a part': (b) => { b.request.body.turns[1].parts[0].extra = [{ key: 'cache_control', json: '{}' }]; },
    'second system message': (b) => { b.request.body.turns.splice(4, 0, { role: 'system', parts: [{ type: 'text', text: 'x' }] }); },
    'developer': (b) => { b.request.body.turns[0].role = 'developer'; },
    'the user twice': (b) => { b.request.body.turns.push(b.request.body.turns[1]); },
    'picture': (b) => { b.request.body.turns[1].parts = [{ type: 'image', data: 'AA==' }]; },
    'foreign part': (b) => { b.request.body.turns[1].parts = [{ type: 'foreign', type_name: 'video', json: '{}' }]; },
    'tool reference': (b) => { b.request.body.turns[3].parts = [{ type: 'tool_reference', name: 'read' }]; },
    'empty turn': (b) => { b.request.body.turns[1].parts = []; },
    'the assistant last': (b) => { b.request.body.turns.push({ role: 'assistant', parts: [{ type: 'text', text: 'so' }] }); },
    'result without call': (b) => { b.request.body.turns.splice(2, 1); },
    'call without result': (b) => { b.request.body.turns.splice(3, 1); },
    'result marked as an error': (b) => { b.request.body.turns[3].is_error = true; },
    'custom call': (b) => { b.request.body.turns[2].parts[1].custom = true; },
    'truncated arguments': (b) => { b.request.body.turns[2].parts[1].arguments = '{"path":'; },
    'signed thinking': (b) => { b.request.body.turns[2].parts[0].opaque = { data: sign('anthropic', 'thought') }; },
    'custom tool': (b) => { b.request.body.tools[0].kind = 'custom'; },
    'hosted tool': (b) => { b.request.body.tools[1] = { kind: 'hosted', name: 'web_search', raw: '{}' }; },
    'deferred tool': (b) => { b.request.body.tools[0].deferred = true; },
    'same tool twice': (b) => { b.request.body.tools.push(b.request.body.tools[0]); },
    'schema as an object': (b) => { b.request.body.tools[0].parameters = parameters; },
    'types in capitals': (b) => { b.request.body.tools[0].parameters = JSON.stringify({ type: 'OBJECT', properties: { path: { type: 'STRING' } } }); },
    'capitals in the answer\'s schema': (b) => { b.request.body.response_format = { kind: 'json_schema', schema: '{"type":"OBJECT"}' }; },
    'choice of no tool': (b) => { b.request.body.tool_choice = { mode: 'named', name: 'write' }; },
    'sealed state': (b) => { b.request.body.turns[1].parts[0].text = 'hearth:1:x:y'; },
  },
};

// Sends all requests; returns a message for each that was not rejected as expected, and the number of requests.
export async function ask(base) {
  const faults = [];
  let sent = 0;
  for (const [wire, { path, headers, good, wrong }] of Object.entries({ chat, responses, anthropic, gemini, engine })) {
    for (const [title, change] of [['good', () => {}], ...Object.entries(wrong)]) {
      const body = good();
      change(body);
      const response = await fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
      const text = await response.text();
      sent += 1;
      if (response.status !== (title === 'good' ? 200 : 400)) faults.push(`${wire}, ${title}: ${response.status} ${text.slice(0, 200)}`);
    }
  }
  return { faults, sent };
}
