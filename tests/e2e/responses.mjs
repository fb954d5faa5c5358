// Stateful parts of the Responses dialect: previous_response_id, compaction, and turns over a WebSocket.
import { test, assert } from './lib/runner.mjs';
import { startHearth, startUpstream, events } from './lib/processes.mjs';

const openai = (upstream) => ({ OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: `${upstream.base}/v1` });
const get = async (hearth, where, method = 'GET') => {
  const response = await fetch(`${hearth.base}${where}`, { method });
  return { status: response.status, body: await response.json() };
};

test('responses: previous_response_id works over a stateless provider', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const model = 'openai/gpt-5.5';
  const first = await (await hearth.post('/v1/responses', { model, input: 'hello' })).json();
  assert.equal(first.status, 'completed');
  assert.equal(first.output[0].content[0].text, 'Hello world');
  const stream = await events(await hearth.post('/v1/responses', { model, stream: true, previous_response_id: first.id,
    input: [{ role: 'user', content: 'and now?' }] }).then((r) => new Response(r.body.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TransformStream({ transform: (text, out) => out.enqueue(text.replace(/^event: .*\n/gm, '')) }))
    .pipeThrough(new TextEncoderStream()))));
  const second = JSON.parse(stream.at(-1)).response;
  assert.equal(second.status, 'completed');
  const seen = (await upstream.log()).map((entry) => JSON.parse(entry.raw).messages);
  assert.deepEqual(seen[1].map(({ role, content }) => [role, content]),
    [['user', 'hello'], ['assistant', 'Hello world'], ['user', 'and now?']]);
  const kept = await get(hearth, `/v1/responses/${second.id}`);
  assert.equal(kept.body.id, second.id);
  const items = await get(hearth, `/v1/responses/${second.id}/input_items`);
  assert.equal(items.body.data.length, 3);
  assert.deepEqual((await get(hearth, `/v1/responses/${first.id}`, 'DELETE')).body, { id: first.id, object: 'response.deleted', deleted: true });
  const gone = await get(hearth, `/v1/responses/${first.id}`);
  assert.equal(gone.status, 404);
  const lost = await hearth.post('/v1/responses', { model, input: 'x', previous_response_id: first.id });
  assert.equal(lost.status, 404);
  assert.match((await lost.json()).error.message, /Previous response with id/);
  const unkept = await (await hearth.post('/v1/responses', { model, input: 'hello', store: false })).json();
  assert.equal((await get(hearth, `/v1/responses/${unkept.id}`)).status, 404);
  await hearth.stop();
  upstream.stop();
});

test('responses: stored on disk if configured, and available after a restart', async () => {
  const first = await startHearth({ args: ['--offline'], config: '[responses]\non_disk = true\n' });
  const made = await (await first.post('/v1/responses', { model: 'spark', input: 'hello', max_output_tokens: 4 })).json();
  await first.stop();
  const again = await startHearth({ args: ['--offline'], home: first.home });
  assert.equal((await get(again, `/v1/responses/${made.id}`)).body.id, made.id);
  assert.equal((await get(again, '/v1/responses/..%2f..%2fkeys')).status, 404);
  await again.stop();
}, { timeout: 120_000 });

test('responses: a conversation is compacted by a model of another dialect and continues', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const model = 'openai/gpt-5.5';
  const input = [{ role: 'user', content: 'first' }, { role: 'assistant', content: 'done' }];
  const compacted = await (await hearth.post('/v1/responses/compact', { model, input })).json();
  assert.equal(compacted.object, 'response.compaction');
  assert.deepEqual(compacted.output.map((item) => item.type), ['compaction']);
  const on = await (await hearth.post('/v1/responses', { model, input: [...compacted.output, { role: 'user', content: 'go on' }] })).json();
  assert.equal(on.status, 'completed');
  // The same with an item in the conversation, streamed, as Codex does.
  const stream = await hearth.post('/v1/responses', { model, stream: true, input: [...input, { type: 'compaction_trigger' }] });
  const items = (await stream.text()).split('\n').filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)))
    .filter((event) => event.type === 'response.output_item.done').map((event) => event.item);
  assert.deepEqual(items.map((item) => item.type), ['compaction']);
  assert.equal(items[0].encrypted_content, compacted.output[0].encrypted_content, 'both answers of the upstream are equal');
  const [summaryRequest, later] = (await upstream.log()).map((entry) => JSON.parse(entry.raw).messages);
  assert.match(summaryRequest.at(-1).content, /Write a summary/);
  assert.deepEqual(later.map(({ role, content }) => [role, content]),
    [['user', 'Summary of the conversation so far:\nHello world'], ['user', 'go on']]);
  // An empty summary must not replace the conversation.
  await upstream.script({ mode: 'tools' });
  const failed = await hearth.post('/v1/responses/compact', { model, input });
  assert.equal(failed.status, 502);
  assert.match((await failed.json()).error.message, /no summary/);
  await hearth.stop();
  upstream.stop();
});

// Sends one message; resolves to the events of its answer.
function turn(socket, message) {
  return new Promise((done, failed) => {
    const events = [];
    socket.onmessage = ({ data }) => {
      events.push(JSON.parse(data));
      if (/^response\.(completed|incomplete|failed)$|^error$/.test(events.at(-1).type)) done(events);
    };
    socket.onclose = ({ code }) => failed(new Error(`closed with ${code}`));
    socket.send(JSON.stringify({ type: 'response.create', ...message }));
  });
}

test('responses over a WebSocket: warm-up, incremental turns, errors that keep the connection open', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const socket = new WebSocket(`ws://${hearth.address}/v1/responses`);
  await new Promise((open, failed) => { socket.onopen = open; socket.onerror = () => failed(new Error('no socket')); });
  const model = 'openai/gpt-5.5', store = false;
  const warm = await turn(socket, { model, store, generate: false, input: [{ role: 'user', content: 'context' }] });
  assert.deepEqual(warm.map((event) => event.type), ['response.created', 'response.in_progress', 'response.completed']);
  assert.equal((await upstream.log()).length, 0);
  const first = await turn(socket, { model, store, previous_response_id: warm.at(-1).response.id, input: [{ role: 'user', content: 'one' }] });
  assert.equal(first.at(-1).type, 'response.completed');
  assert.equal(first.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join(''), 'Hello world');
  const refused = await turn(socket, { model, store, previous_response_id: 'resp_unknown', input: 'x' });
  assert.equal(refused[0].type, 'error');
  assert.equal(refused[0].status, 404);
  const second = await turn(socket, { model, store, previous_response_id: first.at(-1).response.id, input: [{ role: 'user', content: 'two' }] });
  assert.equal(second.at(-1).type, 'response.completed');
  const last = JSON.parse((await upstream.log()).at(-1).raw).messages;
  assert.deepEqual(last.map(({ content }) => content), ['context', 'one', 'Hello world', 'two']);
  const entries = await hearth.ledger();
  assert.equal(entries.filter((entry) => entry.dialect === 'responses' && entry.status === 'ok').length, 2);
  const closed = new Promise((done) => { socket.onclose = done; });
  socket.close(1000, 'bye');
  assert.equal((await closed).code, 1000);
  const other = new WebSocket(`ws://${hearth.address}/v1/responses`);
  await new Promise((open) => { other.onopen = open; });
  const left = new Promise((done) => { other.onclose = done; });
  await hearth.stop();
  assert.equal((await left).code, 1001, 'Hearth stops at once despite an open socket, with close code 1001');
  upstream.stop();
});

test('responses over a WebSocket: an invalid handshake, and a client disconnect during an answer', async () => {
  const upstream = await startUpstream();
  const hearth = await startHearth({ env: openai(upstream) });
  const bad = await fetch(`${hearth.base}/v1/responses`);
  assert.equal(bad.status, 405);
  await upstream.script({ mode: 'flood' });
  const socket = new WebSocket(`ws://${hearth.address}/v1/responses`);
  await new Promise((open) => { socket.onopen = open; });
  const some = new Promise((done) => { let count = 0; socket.onmessage = () => { count += 1; if (count === 20) done(); }; });
  socket.send(JSON.stringify({ type: 'response.create', model: 'openai/gpt-5.5', input: 'go on' }));
  await some;
  socket.close();
  for (let i = 0; i < 100 && !(await upstream.log())[0].closed; i += 1) await new Promise((done) => setTimeout(done, 50));
  assert.ok((await upstream.log())[0].closed, 'the upstream request is cancelled when the client disconnects');
  await hearth.stop();
  upstream.stop();
});
