// Answers of Anthropic Messages: every event in the vendor's order, with its name.
// Source: docs.anthropic.com/en/docs/build-with-claude/streaming.
import { finishOf, sign, tokens } from '../strict.mjs';

// input_tokens excludes cached tokens.
const usageOf = (answer) => {
  const { input, cached, output } = tokens(answer);
  return { input_tokens: input - cached, cache_creation_input_tokens: 0, cache_read_input_tokens: cached, output_tokens: output };
};
const stops = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', content_filter: 'refusal' };

function blocksOf(answer, body) {
  const blocks = [];
  const { thinking } = body;
  if (answer.thinking && thinking && thinking.type !== 'disabled') {
    blocks.push({ type: 'thinking', thinking: thinking.display === 'omitted' ? '' : answer.thinking, signature: sign('anthropic', answer.thinking) });
  }
  if (answer.text) blocks.push({ type: 'text', text: answer.text });
  for (const call of answer.calls) {
    blocks.push({ type: 'tool_use', id: call.id.replace(/^call/, 'toolu'), name: call.tool.name, input: JSON.parse(call.arguments) });
  }
  return blocks;
}

const message = (content, { body, id }, rest) =>
  ({ id: `msg_${id}`, type: 'message', role: 'assistant', model: body.model, content, stop_reason: null, stop_sequence: null, ...rest });

export const whole = (answer, context) =>
  message(blocksOf(answer, context.body), context, { stop_reason: stops[finishOf(answer)], usage: usageOf(answer) });

function* deltas(block, pieces) {
  if (block.type === 'thinking') {
    for (const piece of pieces(block.thinking)) yield { type: 'thinking_delta', thinking: piece };
    yield { type: 'signature_delta', signature: block.signature };
  } else if (block.type === 'text') {
    for (const piece of pieces(block.text)) yield { type: 'text_delta', text: piece };
  } else {
    yield { type: 'input_json_delta', partial_json: '' };
    for (const piece of pieces(JSON.stringify(block.input))) yield { type: 'input_json_delta', partial_json: piece };
  }
}
const started = { thinking: (b) => ({ ...b, thinking: '', signature: '' }), text: (b) => ({ ...b, text: '' }), tool_use: (b) => ({ ...b, input: {} }) };

export function* stream(answer, context) {
  const event = (type, value) => `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
  yield event('message_start', { message: message([], context, { usage: { ...usageOf(answer), output_tokens: 1 } }) });
  let index = 0;
  for (const block of blocksOf(answer, context.body)) {
    yield event('content_block_start', { index, content_block: started[block.type](block) });
    if (index === 0) yield event('ping', {});
    for (const delta of deltas(block, context.pieces)) yield event('content_block_delta', { index, delta });
    yield event('content_block_stop', { index });
    index += 1;
  }
  yield event('message_delta', { delta: { stop_reason: stops[finishOf(answer)], stop_sequence: null }, usage: usageOf(answer) });
  yield event('message_stop', {});
}
