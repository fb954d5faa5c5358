// Answers of Responses: items, and the whole sequence of events for each of them, numbered.
// Source: platform.openai.com/docs/api-reference/responses-streaming.
import { finishOf, sign, tokens } from '../strict.mjs';

const usageOf = (answer) => {
  const { input, cached, output, reasoning } = tokens(answer);
  return { input_tokens: input, input_tokens_details: { cached_tokens: cached }, output_tokens: output, output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output };
};
// The vendor's details of an incomplete answer.
const cuts = { length: 'max_output_tokens', content_filter: 'content_filter' };

function itemsOf(answer, { body, id }) {
  const items = [];
  if (answer.thinking && body.reasoning) {
    const shown = body.reasoning.summary ? [{ type: 'summary_text', text: answer.thinking }] : [];
    items.push({ id: `rs_${id}`, type: 'reasoning', summary: shown,
      ...(body.include?.includes('reasoning.encrypted_content') ? { encrypted_content: sign('responses', answer.thinking) } : {}) });
  }
  if (answer.text) {
    items.push({ id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant',
      content: [{ type: 'output_text', text: answer.text, annotations: [], logprobs: [] }] });
  }
  for (const [i, { id: call_id, tool, arguments: text, input }] of answer.calls.entries()) {
    const common = { status: 'completed', call_id, name: tool.name, ...(tool.space ? { namespace: tool.space } : {}) };
    const own = i === 0 ? id : `${id}${i}`;
    items.push(tool.custom ? { id: `ctc_${own}`, type: 'custom_tool_call', ...common, input } : { id: `fc_${own}`, type: 'function_call', ...common, arguments: text });
  }
  return items;
}

const response = (body, id, status, output, answer) => ({ id: `resp_${id}`, object: 'response', created_at: 1_790_000_000, status, background: false, error: null,
  incomplete_details: status === 'incomplete' ? { reason: cuts[finishOf(answer)] } : null, instructions: null, max_output_tokens: body.max_output_tokens ?? null, metadata: {}, model: body.model, output,
  parallel_tool_calls: body.parallel_tool_calls ?? true, previous_response_id: null, reasoning: { effort: null, summary: null }, service_tier: 'default',
  store: body.store ?? true, temperature: 1, text: { format: { type: 'text' }, verbosity: 'medium' }, tool_choice: 'auto', tools: [], top_p: 1,
  truncation: 'disabled', usage: status === 'in_progress' ? null : usageOf(answer), user: null });

const statusOf = (answer) => (cuts[finishOf(answer)] ? 'incomplete' : 'completed');
export const whole = (answer, context) => response(context.body, context.id, statusOf(answer), itemsOf(answer, context), answer);

function* eventsOf(item, output_index, pieces) {
  const place = { item_id: item.id, output_index };
  const open = { reasoning: { ...item, summary: [] }, message: { ...item, status: 'in_progress', content: [] },
    function_call: { ...item, status: 'in_progress', arguments: '' }, custom_tool_call: { ...item, status: 'in_progress', input: '' } }[item.type];
  yield ['response.output_item.added', { output_index, item: open }];
  if (item.type === 'reasoning' && item.summary.length > 0) {
    const part = item.summary[0], at = { ...place, summary_index: 0 };
    yield ['response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }];
    for (const delta of pieces(part.text)) yield ['response.reasoning_summary_text.delta', { ...at, delta }];
    yield ['response.reasoning_summary_text.done', { ...at, text: part.text }];
    yield ['response.reasoning_summary_part.done', { ...at, part }];
  } else if (item.type === 'message') {
    const part = item.content[0], at = { ...place, content_index: 0 };
    yield ['response.content_part.added', { ...at, part: { ...part, text: '' } }];
    for (const delta of pieces(part.text)) yield ['response.output_text.delta', { ...at, delta, logprobs: [] }];
    yield ['response.output_text.done', { ...at, text: part.text, logprobs: [] }];
    yield ['response.content_part.done', { ...at, part }];
  } else if (item.type === 'function_call') {
    for (const delta of pieces(item.arguments)) yield ['response.function_call_arguments.delta', { ...place, delta }];
    yield ['response.function_call_arguments.done', { ...place, name: item.name, arguments: item.arguments }];
  } else if (item.type === 'custom_tool_call') {
    for (const delta of pieces(item.input)) yield ['response.custom_tool_call_input.delta', { ...place, delta }];
    yield ['response.custom_tool_call_input.done', { ...place, input: item.input }];
  }
  yield ['response.output_item.done', { output_index, item }];
}

export function* events(answer, context) {
  const { body, id, pieces } = context;
  let sequence_number = -1;
  const numbered = ([type, value]) => ({ type, sequence_number: sequence_number += 1, ...value });
  yield numbered(['response.created', { response: response(body, id, 'in_progress', [], answer) }]);
  yield numbered(['response.in_progress', { response: response(body, id, 'in_progress', [], answer) }]);
  const items = itemsOf(answer, context);
  for (const [index, item] of items.entries()) for (const one of eventsOf(item, index, pieces)) yield numbered(one);
  yield numbered([`response.${statusOf(answer)}`, { response: response(body, id, statusOf(answer), items, answer) }]);
}

export function* stream(answer, context) {
  for (const event of events(answer, context)) yield `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
