// Every SDK with every dialect: a client's request must reach a vendor of another dialect completely, and the vendor's
// answer must be returned in the SDK's format. Each SDK has an adapter:
//
//   { id, ask(base, question), failure(error), tooLong(needed, limit), can: { ... } }
//
// question: { model, text, system, stream, image, tools, choice, schema, think, max, done: [{ answer, results: [{ call, text,
//   image }] }], signal, onText }; tools: [{ name, description, parameters }]. done: an earlier answer of ask(), and the
//   tools' results.
// ask() resolves to { text, thinking, calls: [{ id, name, arguments }], usage: { input, cached, output }, finish, raw }; input
//   includes the cached tokens, finish is a value of vendor.mjs, raw is whatever the adapter needs back in `done`.
// failure(error): { own: it is an error class of the SDK, status, message, retryAfter }.
// can: features that the dialect supports, of: resultImage, think, schema, choice, filter, cached,
//   status, retryAfter.
// hiddenThinking: wires whose vendor returns reasoning only on request, which this dialect cannot make.
import { test, assert, until, sleep } from './runner.mjs';
import { startHearth, startVendor } from './processes.mjs';

export const wires = ['chat', 'responses', 'anthropic', 'gemini'];
const dialects = { chat: 'openai', responses: 'responses', anthropic: 'anthropic', gemini: 'gemini' };
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

// A provider for each pair, since failures in one SDK's test must not open the circuit for the next one.
const providerOf = (id, wire) => `x-${id}-${wire}`;
function configOf(ids, vendor) {
  const row = (id, wire) => `[providers.${providerOf(id, wire)}]
base_url = "${vendor.base}/${wire === 'gemini' ? 'v1beta' : 'v1'}"
dialect = "${dialects[wire]}"
place = "cloud"
key_env = "VENDOR_KEY"
models = ["scripted-1"]
${wire === 'gemini' ? `headers = { x-goog-api-key = "k" }\n` : ''}`;
  return ids.flatMap((id) => wires.map((wire) => row(id, wire))).join('\n');
}

const ids = [];
let started;
// Adds a provider for each wire to that Hearth; returns their names by wire. Only before its first test.
export function withProviders(id) {
  ids.push(id);
  return (wire) => providerOf(id, wire);
}
// One Hearth and one vendor for all of them.
export function shared() {
  started ??= (async () => {
    const vendor = await startVendor();
    const hearth = await startHearth({ config: configOf(ids, vendor), env: { VENDOR_KEY: 'vendor-key' } });
    return { hearth, vendor };
  })();
  return started;
}

export async function endShared() {
  const { hearth, vendor } = (await started) ?? {};
  started = undefined;
  vendor?.stop();
  await hearth?.stop();
}

function walk(value, see) {
  if (typeof value !== 'object' || value === null) return;
  see(value);
  Object.values(value).forEach((inner) => walk(inner, see));
}
// The images of a request in its wire's format, as data URLs.
function imagesOf(entry) {
  const found = [];
  walk(JSON.parse(entry.raw), (part) => {
    const inline = part.inlineData ?? part.inline_data;
    if (entry.wire === 'chat' && part.type === 'image_url') found.push(part.image_url.url);
    if (entry.wire === 'responses' && part.type === 'input_image') found.push(part.image_url);
    if (entry.wire === 'anthropic' && part.type === 'image') found.push(`data:${part.source.media_type};base64,${part.source.data}`);
    if (entry.wire === 'gemini' && inline) found.push(`data:${inline.mimeType ?? inline.mime_type};base64,${inline.data}`);
  });
  return found;
}
const forced = {
  chat: (body) => body.tool_choice?.function?.name,
  responses: (body) => body.tool_choice?.name,
  anthropic: (body) => body.tool_choice?.type === 'tool' && body.tool_choice.name,
  gemini: (body) => body.toolConfig?.functionCallingConfig?.allowedFunctionNames?.[0],
};

const tools = [
  { name: 'read_file', description: 'Reads a file.', parameters: { type: 'object', properties: { path: { type: 'string' }, lines: { type: 'array', items: { type: 'integer' } } },
    required: ['path'], additionalProperties: false } },
  { name: 'list_dir', description: 'Lists a folder.', parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'], additionalProperties: false } },
];
const calls = [{ name: 'read_file', arguments: { path: 'ä "quoted".txt', lines: [1, 2] } }, { name: 'list_dir', arguments: { path: '.' } }];
const text = 'Grüße aus der Wolke, 你好!';

// A scenario: (s) => ..., s: { ask, script, last, adapter, wire }.
const scenarios = {
  async 'chat and usage'({ ask, script, last, adapter }) {
    await script({ text, usage: { input: 300, cached: 200, output: 7, reasoning: 3 } });
    for (const stream of [false, true]) {
      const answer = await ask({ text: 'Wie spät ist es?', system: 'You are a clock.', stream });
      assert.equal(answer.text, text);
      assert.equal(answer.finish, 'stop');
      assert.deepEqual(answer.usage, { input: 300, output: 7, ...(adapter.can.cached ? { cached: 200 } : {}) });
      const entry = await last();
      assert.deepEqual(entry.conversation.users, ['Wie spät ist es?']);
      assert.ok(entry.raw.includes('You are a clock.'));
    }
  },
  async 'an answer that ended at its limit'({ ask, script }) {
    await script({ text, finish: 'length' });
    for (const stream of [false, true]) assert.equal((await ask({ text: 'Tell me all', stream, max: 64 })).finish, 'length');
  },
  async 'an answer that was held back'({ ask, script, adapter }) {
    if (!adapter.can.filter) return;
    await script({ text, finish: 'content_filter' });
    for (const stream of [false, true]) assert.equal((await ask({ text: 'Tell me', stream })).finish, 'content_filter');
  },
  async 'parallel tool calls and their results'({ ask, script, last, adapter }) {
    for (const stream of [false, true]) {
      await script({ text: 'I look.', calls });
      const first = await ask({ text: 'What is there?', tools, stream });
      assert.deepEqual(first.calls.map(({ name, arguments: given }) => ({ name, arguments: given })), calls);
      assert.equal(first.text, 'I look.');
      assert.equal(first.finish, 'tool_calls');
      assert.deepEqual((await last()).conversation.tools.map(({ name, description }) => [name, description]), tools.map((t) => [t.name, t.description]));
      await script({ text: 'It is a lighthouse.' });
      const results = [{ call: first.calls[0], text: 'first result', image: adapter.can.resultImage }, { call: first.calls[1], text: 'second result' }];
      const second = await ask({ text: 'What is there?', tools, stream, done: [{ answer: first, results }] });
      assert.equal(second.text, 'It is a lighthouse.');
      const entry = await last();
      const seen = entry.conversation.calls;
      assert.deepEqual(seen.map((call) => [call.tool, JSON.parse(call.text)]), calls.map((call) => [call.name, call.arguments]));
      assert.match(seen[0].result, /first result/);
      assert.match(seen[1].result, /second result/);
      assert.deepEqual(imagesOf(entry), adapter.can.resultImage ? [`data:image/png;base64,${png}`] : []);
    }
  },
  async 'a forced tool'({ ask, script, last, adapter, wire }) {
    if (!adapter.can.choice) return;
    await script({ calls: [calls[1]] });
    const answer = await ask({ text: 'List it.', tools, choice: 'list_dir' });
    assert.deepEqual(answer.calls[0].arguments, { path: '.' });
    assert.equal(forced[wire](JSON.parse((await last()).raw)), 'list_dir');
  },
  async 'a picture in the question'({ ask, script, last }) {
    await script({ text: 'A dot.' });
    const answer = await ask({ text: 'What is this?', image: png });
    assert.equal(answer.text, 'A dot.');
    const entry = await last();
    assert.deepEqual(imagesOf(entry), [`data:image/png;base64,${png}`]);
    assert.deepEqual(entry.conversation.users, ['What is this?']);
  },
  async 'thinking, and its way back'({ ask, script, last, adapter, wire }) {
    if (!adapter.can.think) return;
    for (const stream of [false, true]) {
      await script({ thinking: 'Step by step: 1, 2, 3.', text: 'Done.', calls: [calls[1]] });
      const first = await ask({ text: 'Think.', think: true, max: 4096, tools, stream });
      assert.equal(first.thinking, adapter.hiddenThinking?.includes(wire) ? '' : 'Step by step: 1, 2, 3.');
      assert.equal(first.text, 'Done.');
      // The vendor rejects signatures other than its own, unchanged ones.
      await script({ text: 'After thought.' });
      const results = [{ call: first.calls[0], text: 'nothing' }];
      const second = await ask({ text: 'Think.', think: true, max: 4096, tools, stream, done: [{ answer: first, results }] });
      assert.equal(second.text, 'After thought.');
      assert.equal((await last()).refused, null);
    }
  },
  async 'an answer by a schema'({ ask, script, last, adapter }) {
    if (!adapter.can.schema) return;
    await script({ text: '{"colour":"red"}' });
    const schema = { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] } }, required: ['colour'], additionalProperties: false };
    const answer = await ask({ text: 'Which?', schema });
    assert.deepEqual(JSON.parse(answer.text), { colour: 'red' });
    const { answerSchema } = (await last()).conversation;
    assert.deepEqual(answerSchema?.properties.colour.enum, ['red', 'blue']);
    assert.deepEqual(answerSchema.required, ['colour']);
  },
  async 'too long, in the words that this client knows'({ fails, script, adapter, wire }) {
    await script({ error: { status: 400, too_long: { needed: 210_000, limit: 200_000 } } });
    const failure = await fails({ text: 'x' });
    // OpenAI's Responses error has no numbers, so none can be expected.
    const expected = wire === 'responses' ? /context/i : adapter.tooLong(210_000, 200_000);
    assert.ok(expected.test ? expected.test(failure.message) : failure.message.includes(expected), `${failure.message} is not ${expected}`);
    if (adapter.can.status) assert.equal(failure.status, 400);
  },
  async 'a stream that was cut throws'({ fails, script }) {
    for (const cut of ['socket', 'end']) {
      await script({ text, cut });
      await fails({ text: 'x', stream: true }, cut);
    }
  },
  async 'abort reaches the vendor'({ ask, script, vendor }) {
    await script({ text, hang: true });
    const control = new AbortController();
    await assert.rejects(ask({ text: 'x', stream: true, signal: control.signal, onText: () => control.abort() }), 'an aborted request must reject');
    await until('the vendor to be left alone', async () => (await vendor.log())[0]?.closed, 5000);
  },
  // Last, since the provider's circuit is open for a second afterwards.
  async 'too many requests'({ fails, script, adapter }) {
    await script({ error: { status: 429, retry_after: 1 } });
    const failure = await fails({ text: 'x' });
    if (adapter.can.status) assert.equal(failure.status, 429);
    if (adapter.can.retryAfter) assert.equal(Number(failure.retryAfter), 1);
  },
};

// Embeddings, with a provider of OpenAI's dialect: embed(base, model, texts) resolves to a list of vectors.
export function embeddings(id, embed) {
  test(`sdk ${id}: embeddings with chat`, async () => {
    const { hearth, vendor } = await shared();
    const vectors = [[0.25, -0.5], [1, 0]];
    await sleep(1100); // the 429 scenario may have opened this provider's circuit for a second
    await vendor.script({ vectors });
    assert.deepEqual(await embed(hearth.base, `${providerOf(id, 'chat')}/scripted-1`, ['first', 'second']), vectors);
    assert.deepEqual(JSON.parse((await vendor.log())[0].raw).input, ['first', 'second']);
  });
}

// Registers the tests of one SDK.
export function translationTests(adapter) {
  const provider = withProviders(adapter.id);
  for (const wire of wires) {
    test(`sdk ${adapter.id}: with ${wire}`, async () => {
      const { hearth, vendor } = await shared();
      const model = `${provider(wire)}/scripted-1`;
      const ask = (question) => adapter.ask(hearth.base, { model, png, ...question });
      const fails = async (question, what = 'it') => {
        let answer;
        try {
          answer = await ask(question);
        } catch (error) {
          const failure = adapter.failure(error);
          assert.ok(failure.own, `an error of the SDK's own: ${error.stack}`);
          return failure;
        }
        throw new Error(`${what} did not fail: ${JSON.stringify(answer.text)}`);
      };
      const last = async () => (await vendor.log()).at(-1);
      const problems = [];
      for (const [name, scenario] of Object.entries(scenarios)) {
        try {
          await scenario({ ask, fails, script: vendor.script, last, adapter, wire, vendor });
        } catch (error) {
          const refused = (await vendor.log()).map((entry) => entry.refused).filter(Boolean);
          problems.push(`--- ${name}: ${error.stack}${refused.length > 0 ? `\nthe vendor refused: ${refused.join('\n')}` : ''}`);
        }
      }
      if (problems.length > 0) throw new Error(problems.join('\n'));
    });
  }
}
