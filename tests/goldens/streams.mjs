// A stream folded into what its client would hold at the end: the vectors' chunks are cut otherwise than ours.
const events = (text) => text.split(/\r?\n\r?\n/).map((block) => {
  const data = block.split(/\r?\n/).filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
  return data && data !== '[DONE]' ? JSON.parse(data) : null;
}).filter(Boolean);

function openai(text) {
  const out = { text: '', reasoning: '', refusal: '', calls: [], finish: null, usage: null };
  for (const chunk of events(text)) {
    if (chunk.usage) out.usage = chunk.usage;
    for (const choice of chunk.choices ?? []) {
      const delta = choice.delta ?? {};
      out.text += delta.content ?? '';
      out.reasoning += delta.reasoning_content ?? '';
      out.refusal += delta.refusal ?? '';
      for (const call of delta.tool_calls ?? []) {
        const at = out.calls[call.index] ??= { name: '', arguments: '' };
        at.name += call.function?.name ?? '';
        at.arguments += call.function?.arguments ?? '';
      }
      out.finish = choice.finish_reason ?? out.finish;
    }
  }
  return out;
}

function anthropic(text) {
  const out = { blocks: [], stop: null, usage: {} };
  for (const event of events(text)) {
    if (event.type === 'message_start') out.usage = { ...event.message.usage };
    if (event.type === 'content_block_start') out.blocks[event.index] = structuredClone(event.content_block);
    const block = out.blocks[event.index];
    const delta = event.delta ?? {};
    if (delta.type === 'text_delta') block.text += delta.text;
    if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
    if (delta.type === 'signature_delta') block.signature = delta.signature;
    if (delta.type === 'input_json_delta') block.partial = (block.partial ?? '') + delta.partial_json;
    if (event.type === 'message_delta') {
      out.stop = delta.stop_reason;
      out.usage = { ...out.usage, ...event.usage };
    }
  }
  for (const block of out.blocks) {
    if (block?.type === 'tool_use') block.input = block.partial ? JSON.parse(block.partial) : {};
    delete block?.partial;
  }
  out.blocks = out.blocks.filter((block) => block && !(block.type === 'text' && !block.text));
  return out;
}

function responses(text) {
  let last = null;
  const items = [], texts = [];
  for (const event of events(text)) {
    if (event.type === 'response.output_text.delta') texts[event.output_index] = (texts[event.output_index] ?? '') + event.delta;
    if (event.type === 'response.output_item.done') {
      const item = items[event.output_index] = event.item;
      if (item.type === 'message' && !item.content?.length) item.content = [{ type: 'output_text', text: texts[event.output_index] }];
    }
    if (/^response\.(completed|incomplete|failed)$/.test(event.type)) last = event.response;
  }
  return { items: items.filter(Boolean), status: last?.status, incomplete: last?.incomplete_details?.reason ?? null, usage: last?.usage };
}

export const fold = { openai, anthropic, responses };
