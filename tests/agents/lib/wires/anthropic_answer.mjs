// Answers of Anthropic Messages: every event in the vendor's order, with its name.
// Source: docs.anthropic.com/en/docs/build-with-claude/streaming.
import { sign } from '../strict.mjs';

const usage = { input_tokens: 200, cache_creation_input_tokens: 0, cache_read_input_tokens: 1000, output_tokens: 40 };

function blocksOf(answer, body) {
  const blocks = [];
  const { thinking } = body;
  if (answer.thinking && thinking && thinking.type !== 'disabled') {
    blocks.push({ type: 'thinking', thinking: thinking.display === 'omitted' ? '' : answer.thinking, signature: sign('anthropic', answer.thinking) });
  }
  if (answer.text) blocks.push({ type: 'text', text: answer.text });
  if (answer.call) blocks.push({ type: 'tool_use', id: answer.call.id.replace(/^call/, 'toolu'), name: answer.call.tool.name, input: JSON.parse(answer.call.arguments) });
  return blocks;
}

const message = (content, { body, id }, rest) =>
  ({ id: `msg_${id}`, type: 'message', role: 'assistant', model: body.model, content, stop_reason: null, stop_sequence: null, ...rest });

export const whole = (answer, context) =>
  message(blocksOf(answer, context.body), context, { stop_reason: answer.call ? 'tool_use' : 'end_turn', usage });

function* deltas(block, text, pieces) {
  if (block.type === 'thinking') {
    for (const piece of pieces(block.thinking)) yield { type: 'thinking_delta', thinking: piece };
    yield { type: 'signature_delta', signature: block.signature };
  } else if (block.type === 'text') {
    for (const piece of pieces(block.text)) yield { type: 'text_delta', text: piece };
  } else {
    yield { type: 'input_json_delta', partial_json: '' };
    for (const piece of pieces(text)) yield { type: 'input_json_delta', partial_json: piece };
  }
}
const started = { thinking: (b) => ({ ...b, thinking: '', signature: '' }), text: (b) => ({ ...b, text: '' }), tool_use: (b) => ({ ...b, input: {} }) };

export function* stream(answer, context) {
  const event = (type, value) => `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
  yield event('message_start', { message: message([], context, { usage: { ...usage, output_tokens: 1 } }) });
  let index = 0;
  for (const block of blocksOf(answer, context.body)) {
    yield event('content_block_start', { index, content_block: started[block.type](block) });
    if (index === 0) yield event('ping', {});
    for (const delta of deltas(block, answer.call?.arguments, context.pieces)) yield event('content_block_delta', { index, delta });
    yield event('content_block_stop', { index });
    index += 1;
  }
  yield event('message_delta', { delta: { stop_reason: answer.call ? 'tool_use' : 'end_turn', stop_sequence: null }, usage });
  yield event('message_stop', {});
}
