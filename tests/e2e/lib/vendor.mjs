// A scripted cloud provider with four wires, as strict as their vendors; a separate program:
//   node vendor.mjs        prints its port, then serves until killed
//   POST /__script ANSWER  sets the answer of all requests and clears the log; GET /__log -> received requests
//
// ANSWER: { text, thinking, calls: [{ name, arguments }], usage: { input, cached, output, reasoning }, finish: stop |
// length | tool_calls | content_filter, error: { status, retry_after, too_long: { needed, limit } }, cut: "socket" (the
// connection is destroyed in the middle of a stream) | "end" (the body ends normally, but before its last events), hang: true (a
// stream that stalls in the middle until the client disconnects), obedient: true (a required schema or tool is filled in),
// stateless: true (it rejects signatures and encrypted reasoning as unverifiable), vectors: [[number]] }. Requests are validated as strictly as by
// the vendors (tests/agents/lib/wires): what they would reject is rejected here, and the log has the reason.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { sample } from '../../agents/lib/arguments.mjs';
import { pieces, sendSliced } from '../../agents/lib/outgoing.mjs';
import { isObject, json, noSeal, Refused } from '../../agents/lib/strict.mjs';
import * as anthropic from '../../agents/lib/wires/anthropic.mjs';
import * as chat from '../../agents/lib/wires/chat.mjs';
import * as gemini from '../../agents/lib/wires/gemini.mjs';
import * as responses from '../../agents/lib/wires/responses.mjs';

const wires = [chat, responses, anthropic, gemini];
let script = {};
let log = [];

// The vendors' messages (from their documentation of errors); OpenAI's Responses has no numbers.
const tooLong = {
  chat: ({ needed, limit }) => `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${needed} tokens. `
    + 'Please reduce the length of the messages.',
  responses: () => 'Your input exceeds the context window of this model. Please adjust your input and try again.',
  anthropic: ({ needed, limit }) => `prompt is too long: ${needed} tokens > ${limit} maximum`,
  gemini: ({ needed, limit }) => `The input token count (${needed}) exceeds the maximum number of tokens allowed (${limit}).`,
};
const words = { 400: 'This value is not to my taste.', 429: 'Rate limit reached.', 503: 'The model is overloaded.' };

// The vendors' messages for unverifiable state, and the pattern of such state.
const stateRefused = {
  responses: [/"encrypted_content":"/, 'The encrypted content gAAA... could not be verified.', 'invalid_encrypted_content'],
  anthropic: [/"type":"(redacted_)?thinking"/, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
  gemini: [/"thoughtSignature":"(?!skip_thought_signature_validator")/, 'Thought signature is not valid.'],
};

function errorBody(wire, { status, too_long: long, retry_after: seconds }) {
  const message = long ? tooLong[wire.name](long) : words[status] ?? `scripted ${status}`;
  if (wire === anthropic) {
    const type = { 400: 'invalid_request_error', 429: 'rate_limit_error', 503: 'overloaded_error' }[status] ?? 'api_error';
    return { type: 'error', error: { type, message }, request_id: 'req_scripted' };
  }
  if (wire === gemini) {
    const details = seconds ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }] : [];
    return { error: { code: status, message, status: { 400: 'INVALID_ARGUMENT', 429: 'RESOURCE_EXHAUSTED', 503: 'UNAVAILABLE' }[status] ?? 'INTERNAL', details } };
  }
  const type = { 400: 'invalid_request_error', 429: 'tokens' }[status] ?? 'server_error';
  const code = long ? 'context_length_exceeded' : { 429: 'rate_limit_exceeded' }[status] ?? null;
  return { error: { message, type, param: long ? 'messages' : null, code } };
}

function reply(response, status, value, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_scripted', 'request-id': 'req_scripted', ...headers });
  response.end(JSON.stringify(value));
}

// The scripted answer, or an obedient model's answer to the required schema or tool.
function obeyed(conversation, body) {
  if (!script.obedient) return script;
  if (conversation.answerSchema) return { text: JSON.stringify(sample(conversation.answerSchema)) };
  const [tool] = conversation.tools;
  const demanded = tool && (body.tool_choice ?? body.toolConfig);
  return demanded ? { calls: [{ name: tool.name, arguments: sample(tool.schema) }] } : script;
}

function makeAnswer(conversation, body, id) {
  const answer = obeyed(conversation, body);
  const calls = (answer.calls ?? []).map((call, i) => ({ id: `call_${id}${i}`, arguments: JSON.stringify(call.arguments),
    tool: conversation.tools.find((tool) => tool.name === call.name) ?? { name: call.name } }));
  return { ...answer, calls };
}

// Everything up to the event with the second piece of text.
function firstHalf(events) {
  const second = JSON.stringify(pieces(script.text)[1]);
  const at = events.findIndex((event) => event.includes(second));
  return events.slice(0, at + 1);
}

async function send(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-request-id': 'req_scripted' });
  const partly = script.cut || script.hang;
  await sendSliced(response, (partly ? firstHalf(events) : events).join(''));
  if (script.hang) return;
  // Destroyed only after the written bytes are sent, or the client would see a connection without an answer.
  if (script.cut === 'socket') return void setTimeout(() => response.destroy(), 30);
  response.end();
}

function serve(wire, found, entry, request, response) {
  if (found.kind === 'models') return reply(response, 200, wire.models(['scripted-1', 'scripted-2']));
  noSeal(entry.raw);
  const body = json(entry.raw, 'body');
  if (!isObject(body)) throw new Refused('The body must be an object.');
  if (found.kind === 'count') return reply(response, 200, wire.count(body));
  const [state, message, code] = stateRefused[wire.name] ?? [];
  if (script.stateless && state?.test(entry.raw)) {
    const refusal = errorBody(wire, { status: 400 });
    Object.assign(refusal.error, { message, ...(code ? { code } : {}) });
    return reply(response, 400, refusal);
  }
  const context = { headers: request.headers, raw: entry.raw, url: new URL(request.url, 'http://vendor'), model: found.model ?? body.model };
  const conversation = wire.parse(body, context);
  entry.conversation = conversation;
  if (script.error) {
    const seconds = script.error.retry_after;
    return reply(response, script.error.status, errorBody(wire, script.error), seconds ? { 'retry-after': String(seconds) } : {});
  }
  const id = randomUUID().replaceAll('-', '').slice(0, 24);
  const answer = makeAnswer(conversation, body, id);
  const all = { ...context, body, conversation, id, pieces };
  if (found.stream ?? body.stream) return void send(response, [...wire.stream(answer, all)]);
  return reply(response, 200, wire.whole(answer, all));
}

// The openai SDK requests these by default.
const base64 = (vector) => Buffer.from(new Float32Array(vector).buffer).toString('base64');
function embeddings(response, body) {
  const inputs = Array.isArray(body.input) ? body.input : [body.input];
  reply(response, 200, { object: 'list', model: body.model, usage: { prompt_tokens: 3, total_tokens: 3 },
    data: inputs.map((_, index) => ({ object: 'embedding', index, embedding: body.encoding_format === 'base64' ? base64(script.vectors[index]) : script.vectors[index] })) });
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (piece) => chunks.push(piece));
  request.on('end', () => {
    const raw = Buffer.concat(chunks).toString();
    const path = new URL(request.url, 'http://vendor').pathname;
    if (path === '/__log') return void response.end(JSON.stringify(log));
    if (path === '/__script') {
      script = JSON.parse(raw);
      log = [];
      return void response.end('{}');
    }
    const entry = { method: request.method, url: request.url, headers: request.headers, raw, refused: null, closed: false };
    log.push(entry);
    response.on('close', () => { entry.closed = !response.writableFinished; });
    if (path === '/v1/embeddings') return embeddings(response, JSON.parse(raw));
    for (const wire of wires) {
      const found = wire.route(request.method, path);
      if (!found) continue;
      entry.wire = wire.name;
      try {
        return serve(wire, found, entry, request, response);
      } catch (error) {
        const status = error instanceof Refused ? error.status : 500;
        entry.refused = error instanceof Refused ? error.message : error.stack;
        return reply(response, status, wire.refusal(status, error.message, error.param ?? null));
      }
    }
    entry.refused = 'no such path';
    return reply(response, 404, chat.refusal(404, `Invalid URL (${request.method} ${path})`, null));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
