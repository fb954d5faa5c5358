// Two bodies mean the same: fifteen written rules, and the comparison. A rule says what is made alike on both sides
// before they are compared.
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

// 1. Ids, times and names of what made the answer say nothing of the conversation.
const kNames = new Set(['id', 'created', 'created_at', 'completed_at', 'system_fingerprint', 'sequence_number', 'item_id',
  'responseId', 'service_tier', 'object']);

// 2. A field with the value that its API gives it by default is as good as absent; so is null.
const kDefaults = { stream: false, store: [false, true], strict: false, detail: 'auto', status: ['completed', 'incomplete'],
  temperature: 1, top_p: 1, top_logprobs: 0, truncation: 'disabled', background: false, frequency_penalty: 0,
  presence_penalty: 0, parallel_tool_calls: true, tool_choice: 'auto', verbosity: 'medium', index: 0 };
const isDefault = (key, value) => value === null || [kDefaults[key]].flat().includes(value)
  || (key === 'format' && value.type === 'text');

// 3. Empty lists, empty objects and counts of nothing are as good as absent.
const isEmpty = (key, value) => (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0)
  || (value === 0 && /tokens$/.test(key));

// 4. JSON in a string (a call's arguments) is compared as JSON.
const kJsonText = new Set(['arguments']);
function parsed(text) {
  try { return JSON.parse(text); } catch { return text; }
}

// 5. A schema's name that the client did not give is anybody's. 6. Numbers of a vector are single precision.
function leaf(key, value) {
  if (kJsonText.has(key) && typeof value === 'string') return strip(parsed(value));
  if (typeof value === 'number' && !Number.isInteger(value)) return Math.fround(value);
  return value;
}

function strip(value) {
  if (Array.isArray(value)) return value.map((inner) => (isObject(inner) || Array.isArray(inner) ? strip(inner) : leaf('', inner)));
  if (!isObject(value)) return value;
  const out = {};
  for (const key of Object.keys(value).sort()) {
    const inner = isObject(value[key]) || Array.isArray(value[key]) ? strip(value[key]) : leaf(key, value[key]);
    if (kNames.has(key) || isDefault(key, inner) || isEmpty(key, inner)) continue;
    out[key] = inner;
  }
  if (out.type === 'json_schema' && out.schema) delete out.name;
  if (out.json_schema) delete out.json_schema.name;
  return out;
}

// 7. Content of one text part is that text; several system texts are one, joined by line breaks.
function plain(content) {
  if (!Array.isArray(content) || content.length !== 1) return content;
  const [part] = content;
  return ['text', 'input_text', 'output_text'].includes(part.type) && Object.keys(part).length === 2 ? part.text : content;
}

// 8. OpenAI's roles system and developer are one.
function messages(list) {
  return list?.map((message) => {
    const out = { ...message };
    if ('content' in out) out.content = plain(out.content);
    if (out.role === 'developer') out.role = 'system';
    return out;
  });
}

// 9. Whether a count of input holds what was cached, and one of output what was thought, differs between vendors (and
// gateways): input is compared without, output may be equal with or without; totals follow.
function usage(value) {
  if (!isObject(value)) return value;
  const cached = value.prompt_tokens_details?.cached_tokens ?? value.input_tokens_details?.cached_tokens ?? 0;
  const written = value.prompt_tokens_details?.cache_write_tokens ?? 0;
  const thought = value.completion_tokens_details?.reasoning_tokens ?? value.output_tokens_details?.reasoning_tokens
    ?? value.output_tokens_details?.thinking_tokens ?? 0;
  const out = { ...value };
  for (const key of ['prompt_tokens', 'input_tokens']) if (out[key] > cached + written) out[key] -= cached + written;
  if (thought) out.thought = thought;
  // 10. Details of usage under another vendor's names are left out.
  for (const key of ['total_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_creation',
    'output_tokens_details', 'completion_tokens_details', 'input_tokens_details', 'prompt_tokens_details']) delete out[key];
  return out;
}

// 11. What docs/dialects.md says is lost is left out, if the client was really warned of it.
const kLost = [[/cache_marks: /, ['cache_control', 'prompt_cache_breakpoint']], [/unknown_fields: .*metadata/, ['metadata']],
  [/user: /, ['user']]];
function withoutLost(value, told) {
  const gone = new Set(kLost.filter(([warning]) => warning.test(told)).flatMap(([, keys]) => keys));
  const walk = (inner) => {
    if (Array.isArray(inner)) return inner.map(walk);
    if (!isObject(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).filter(([key]) => !gone.has(key)).map(([key, v]) => [key, walk(v)]));
  };
  return gone.size ? walk(value) : value;
}

export function normalise(value, { what }, told = '') {
  const out = strip(withoutLost(value, told));
  if (!isObject(out)) return out;
  for (const list of ['messages', 'input']) if (Array.isArray(out[list])) out[list] = messages(out[list]);
  if (Array.isArray(out.system)) out.system = out.system.map((block) => block.text).join('\n');
  if ('usage' in out) out.usage = usage(out.usage);
  // 12. Answers: the model's name and a call's id are what either side chose to call them.
  if (what !== 'request') {
    delete out.model;
    for (const item of out.items ?? []) delete item.call_id;
  }
  // 13. Responses' reason for an unfinished answer is max_output_tokens; the vectors write max_tokens.
  if (out.incomplete_details?.reason === 'max_tokens') out.incomplete_details.reason = 'max_output_tokens';
  // 14. A summary of thinking is only shown when asked for, and its encrypted form only told; neither changes the thinking.
  if (isObject(out.reasoning)) delete out.reasoning.summary;
  if (/^reasoning\.encrypted_content$/.test(out.include?.join())) delete out.include;
  // 15. Anthropic's metadata.user_id is OpenAI's user, which gateways write into one field or the other.
  if (out.metadata?.user_id || out.user) {
    delete out.user;
    delete out.metadata?.user_id;
  }
  return strip(out);
}

function sameOutput(want, got) {
  const key = 'output_tokens' in want ? 'output_tokens' : 'completion_tokens';
  const thought = Math.max(want.thought ?? 0, got.thought ?? 0);
  const [a, b] = [want, got].map((side) => {
    const { [key]: count, thought: _, ...rest } = side;
    return { count, rest: JSON.stringify(rest) };
  });
  return a.rest === b.rest && [0, thought, -thought].includes(a.count - b.count);
}

export function differences(want, got, where = '') {
  if (/usage$/.test(where) && isObject(want) && isObject(got) && sameOutput(want, got)) return [];
  if (JSON.stringify(want) === JSON.stringify(got)) return [];
  if (Array.isArray(want) && Array.isArray(got)) {
    const out = want.length === got.length ? [] : [`${where}: ${want.length} elements expected, ${got.length} found`];
    for (let i = 0; i < Math.min(want.length, got.length); i += 1) out.push(...differences(want[i], got[i], `${where}[${i}]`));
    return out;
  }
  if (isObject(want) && isObject(got)) {
    const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
    return [...keys].flatMap((key) => differences(want[key], got[key], where ? `${where}.${key}` : key));
  }
  const show = (v) => (v === undefined ? 'nothing' : JSON.stringify(v)?.slice(0, 160));
  return [`${where}: expected ${show(want)}, found ${show(got)}`];
}
