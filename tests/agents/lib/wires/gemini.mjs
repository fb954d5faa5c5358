// Gemini's generateContent, as a strict server reads and writes it. Source: ai.google.dev/api/generate-content and
// .../api/caching#Schema. Both spellings of a field (camelCase, snake_case) are the same field, as in protobuf's JSON.
import { array, finishOf, isObject, isText, need, object, oneOf, optional, Refused, sign, string, tokens, verify } from '../strict.mjs';

export const name = 'gemini';
export function route(method, path) {
  const found = /^\/v1(?:beta)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/.exec(path);
  if (method === 'POST' && found) {
    return { kind: found[2] === 'countTokens' ? 'count' : 'turn', model: found[1], stream: found[2] === 'streamGenerateContent' };
  }
  return method === 'GET' && /^\/v1(beta)?\/models$/.test(path) ? { kind: 'models' } : undefined;
}
export const count = () => ({ totalTokens: 1200 });
export const models = (names) => ({ models: names.map((id) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods: ['generateContent'] })) });
export const refusal = (status, message) =>
  ({ error: { code: status, message, status: { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND' }[status] ?? 'INTERNAL' } });

const camel = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
// The object with its names in camelCase; rejects names that the vendor's protocol message does not have.
function known(value, allowed, where) {
  const result = {};
  for (const [key, inner] of Object.entries(object(value, where))) {
    need(allowed.includes(camel(key)), `Invalid JSON payload received. Unknown name "${key}" at '${where}': Cannot find field.`);
    result[camel(key)] = inner;
  }
  return result;
}

const partKeys = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode', 'codeExecutionResult', 'thought',
  'thoughtSignature', 'videoMetadata', 'mediaResolution', 'partMetadata'];
const kinds = partKeys.slice(0, 7);
// The value that the vendor accepts as a signature of another model's calls (ai.google.dev/gemini-api/docs/thought-signatures).
const unsigned = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

function contentOf(value, where) {
  const content = known(value, ['role', 'parts'], where);
  need(array(content.parts, `${where}.parts`).length > 0, `* GenerateContentRequest.${where}.parts: contents.parts must not be empty.`);
  const parts = content.parts.map((part, i) => {
    const at = `${where}.parts[${i}]`;
    const one = known(part, partKeys, at);
    const set = kinds.filter((kind) => one[kind] !== undefined);
    need(set.length === 1, `${at}: required oneof field 'data' must have one initialized field, has ${set.length}.`);
    optional(one.text, (v) => need(isText(v), `Invalid value at '${at}.text' (TYPE_STRING).`));
    // The vendor signs a call, or the text beside it; clients may omit signatures, but not invent or change them.
    optional(one.thoughtSignature, (v) => unsigned.includes(v) || verify('gemini', v, undefined, `${at}.thought_signature`));
    return one;
  });
  return { role: content.role, parts };
}

function history(list, conversation, model) {
  need(array(list, 'contents').length > 0, '* GenerateContentRequest.contents: contents is not specified');
  const turns = list.map((value, i) => contentOf(value, `contents[${i}]`));
  // The third generation requires its signatures, from the user's last message on.
  const current = model.startsWith('gemini-3') ? turns.findLastIndex(({ role, parts }) => role !== 'model' && !parts.some((part) => part.functionResponse)) : Infinity;
  let pending = [];
  turns.forEach(({ role, parts }, i) => {
    oneOf(role ?? 'user', ['user', 'model'], `contents[${i}].role (Please use a valid role: user, model.)`);
    const calls = parts.filter((part) => part.functionCall), answers = parts.filter((part) => part.functionResponse);
    need(calls.length === 0 || role === 'model', `contents[${i}]: a function call must be in a turn of the model.`);
    need(answers.length === pending.length, 'Please ensure that the number of function response parts is equal to the number of function call parts of the '
      + `function call turn. contents[${i}] has ${answers.length}, expected ${pending.length}.`);
    for (const [n, { functionResponse }] of answers.entries()) {
      const answer = known(functionResponse, ['id', 'name', 'response', 'parts', 'willContinue', 'scheduling'], `contents[${i}].functionResponse`);
      const call = pending.find((c) => (answer.id && c.given ? c.given === answer.id : c.tool === answer.name) && c.result === undefined);
      need(call && call.tool === answer.name, `contents[${i}].parts[${n}]: function_response "${answer.name}" (${answer.id}) answers no function call.`);
      call.result = Object.values(object(answer.response, `contents[${i}].functionResponse.response (a Struct)`)).map((v) => (isText(v) ? v : JSON.stringify(v))).join('\n');
    }
    need(calls.length === 0 || i > 0, 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.');
    need(i < current || calls.length === 0 || calls[0].thoughtSignature, `Function call is missing a thought_signature in functionCall parts: contents[${i}].`);
    pending = calls.map(({ functionCall }) => {
      const call = known(functionCall, ['id', 'name', 'args'], `contents[${i}].functionCall`);
      optional(call.args, (v) => object(v, `contents[${i}].functionCall.args (a Struct)`));
      return { given: call.id, tool: string(call.name, 'functionCall.name'), text: JSON.stringify(call.args ?? {}), result: undefined };
    });
    conversation.calls.push(...pending);
    const text = parts.filter((part) => !part.thought).map((part) => part.text ?? '').join('');
    (role === 'model' ? conversation.answers : conversation.users).push(text);
  });
  need(pending.length === 0, 'Please ensure that the function call turn is followed by its function responses.');
}

// `parameters` is limited to a subset of OpenAPI 3.0. Other schemas need parametersJsonSchema.
const schemaKeys = ['type', 'format', 'title', 'description', 'nullable', 'enum', 'maxItems', 'minItems', 'properties', 'required', 'minProperties',
  'maxProperties', 'minLength', 'maxLength', 'pattern', 'example', 'anyOf', 'propertyOrdering', 'default', 'items', 'minimum', 'maximum'];
function openApi(value, where) {
  const one = known(value, schemaKeys, where);
  need(one.type !== undefined || one.anyOf, `${where}.type: must be specified.`);
  if (one.type !== undefined) oneOf(String(one.type).toUpperCase(), ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'], `${where}.type`);
  optional(one.enum, (list) => need(list.every(isText), `Invalid value at '${where}.enum' (TYPE_STRING).`));
  need(String(one.type).toUpperCase() !== 'ARRAY' || one.items, `${where}.items: missing field.`);
  const properties = one.properties ?? {};
  for (const [key, inner] of Object.entries(properties)) openApi(inner, `${where}.properties.${key}`);
  for (const key of one.required ?? []) need(properties[key], `${where}.required: property "${key}" is not defined`);
  for (const inner of one.anyOf ?? []) openApi(inner, `${where}.any_of`);
  if (one.items) openApi(one.items, `${where}.items`);
}

function tools(list) {
  const seen = new Set();
  return array(list, 'tools').flatMap((value, i) => {
    const tool = known(value, ['functionDeclarations', 'googleSearch', 'googleSearchRetrieval', 'codeExecution', 'urlContext', 'computerUse', 'fileSearch'], `tools[${i}]`);
    return (tool.functionDeclarations ?? []).map((raw, f) => {
      const at = `tools[${i}].function_declarations[${f}]`;
      const one = known(raw, ['name', 'description', 'behavior', 'parameters', 'parametersJsonSchema', 'response', 'responseJsonSchema'], at);
      need(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(one.name ?? ''), `${at}.name: Invalid function name. Must start with a letter or an underscore, at most 64.`);
      need(!seen.has(one.name), `Duplicate function declaration found: ${one.name}`);
      seen.add(one.name);
      need(!(one.parameters && one.parametersJsonSchema), `${at}: parameters and parameters_json_schema exclude each other.`);
      optional(one.parameters, (v) => openApi(v, `${at}.parameters`));
      optional(one.parametersJsonSchema, (v) => object(v, `${at}.parameters_json_schema`));
      return { name: one.name, description: one.description ?? '', schema: one.parameters ?? one.parametersJsonSchema, custom: false };
    });
  });
}

const generationKeys = ['stopSequences', 'responseMimeType', 'responseSchema', 'responseJsonSchema', '_responseJsonSchema', 'responseModalities',
  'candidateCount', 'maxOutputTokens', 'temperature', 'topP', 'topK', 'seed', 'presencePenalty', 'frequencyPenalty', 'responseLogprobs', 'logprobs',
  'thinkingConfig', 'mediaResolution', 'speechConfig', 'imageConfig', 'enableEnhancedCivicAnswers'];

export function parse(value, { headers, url, model = '' }) {
  if (!headers['x-goog-api-key'] && !url.searchParams.get('key')) throw new Refused('Method doesn\'t allow unregistered callers.', { status: 401 });
  const body = known(value, ['contents', 'systemInstruction', 'tools', 'toolConfig', 'safetySettings', 'generationConfig', 'cachedContent', 'model', 'labels', 'serviceTier', 'store'], '');
  const conversation = { users: [], answers: [], calls: [], tools: [] };
  optional(body.systemInstruction, (v) => contentOf(v, 'systemInstruction'));
  history(body.contents, conversation, model);
  optional(body.tools, (list) => { conversation.tools = tools(list); });
  optional(body.toolConfig, (raw) => {
    const calling = known(raw, ['functionCallingConfig', 'retrievalConfig', 'includeServerSideToolInvocations'], 'toolConfig').functionCallingConfig;
    if (calling?.mode) oneOf(calling.mode, ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'], 'toolConfig.functionCallingConfig.mode');
    if (calling?.mode === 'NONE') conversation.tools = [];
  });
  const generation = known(body.generationConfig ?? {}, generationKeys, 'generation_config');
  const thinking = known(generation.thinkingConfig ?? {}, ['includeThoughts', 'thinkingBudget', 'thinkingLevel'], 'generation_config.thinking_config');
  conversation.thinks = thinking.includeThoughts === true;
  const schema = generation.responseSchema ?? generation.responseJsonSchema ?? generation._responseJsonSchema;
  if (isObject(schema)) conversation.answerSchema = schema;
  return conversation;
}

const usageOf = (answer) => {
  const { input, cached, output, reasoning } = tokens(answer);
  return { promptTokenCount: input, cachedContentTokenCount: cached, candidatesTokenCount: output - reasoning, thoughtsTokenCount: reasoning,
    totalTokenCount: input + output };
};
// A call does not change the vendor's reason.
const stops = { stop: 'STOP', length: 'MAX_TOKENS', tool_calls: 'STOP', content_filter: 'SAFETY' };

function* partsOf(answer, { conversation, pieces }) {
  if (answer.thinking && conversation.thinks) for (const text of pieces(answer.thinking)) yield { text, thought: true };
  for (const text of pieces(answer.text)) yield { text };
  // Of several calls at once the first is signed.
  for (const [i, call] of answer.calls.entries()) {
    const functionCall = { name: call.tool.name, args: JSON.parse(call.arguments) };
    yield i === 0 ? { functionCall, thoughtSignature: sign('gemini', answer.thinking ?? '') } : { functionCall };
  }
}
const candidate = (parts, answer, { model, id }, finish) =>
  ({ candidates: [{ content: { parts, role: 'model' }, ...(finish ? { finishReason: stops[finishOf(answer)] } : {}), index: 0 }],
    usageMetadata: usageOf(answer), modelVersion: model, responseId: id });

export const whole = (answer, context) =>
  candidate([...partsOf(answer, { ...context, pieces: (text) => (text ? [text] : []) })], answer, context, true);

// alt=sse as events, otherwise one array that arrives in pieces.
export function* stream(answer, context) {
  const parts = [...partsOf(answer, context)];
  const sse = context.url.searchParams.get('alt') === 'sse';
  for (const [i, part] of parts.entries()) {
    const text = JSON.stringify(candidate([part], answer, context, i === parts.length - 1));
    yield sse ? `data: ${text}\r\n\r\n` : `${i === 0 ? '[' : ',\r\n'}${text}`;
  }
  if (!sse) yield ']';
}
