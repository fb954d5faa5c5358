// A scripted model with up to five wires, as a separate program:
//   node model_server.mjs [WIRE]     prints its port, then serves until killed; WIRE: only this one, anything else is a 404
//   POST /__script {"mode": ...}     sets the behaviour and clears the log; GET /__log -> requests and outcomes
//
// ok            everything as at the vendor
// drop-tools    tools are removed from requests     \ like a gateway that translates wrongly, which this suite's
// drop-results  results of tools are emptied        / checks must notice
// no-names      Anthropic's events without their names       \
// no-stop       Anthropic's stream without message_stop      | answers that one of the agents is known to reject
// few-events    only those of Responses that Codex needs     /
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { decide } from './scripted_model.mjs';
import { pieces, sendSliced } from './outgoing.mjs';
import { noSeal, Refused, isObject, json } from './strict.mjs';
import { upgrade } from './websocket.mjs';
import * as anthropic from './wires/anthropic.mjs';
import * as chat from './wires/chat.mjs';
import * as engine from './wires/engine.mjs';
import * as gemini from './wires/gemini.mjs';
import * as responses from './wires/responses.mjs';
import { events } from './wires/responses_answer.mjs';

const wires = [chat, responses, anthropic, gemini, engine].filter(({ name }) => [undefined, '', name].includes(process.argv[2]));
let mode = 'ok';
let log = [];

// The effect of a mode on an outgoing event.
const spoiled = {
  'no-names': (event) => event.replace(/^event: .*\n/, ''),
  'no-stop': (event) => (event.startsWith('event: message_stop') ? '' : event),
  'few-events': (event) => (/^event: response\.(created|output_item\.done|completed)\n/.test(event) ? event : ''),
};

// The model's answer to a parsed request, with the data that the wires need to write it.
function think(wire, body, context) {
  const conversation = wire.parse(body, context);
  if (mode === 'drop-tools') conversation.tools = [];
  if (mode === 'drop-results') conversation.calls.forEach((call) => { call.result = ''; });
  const id = randomUUID().replaceAll('-', '').slice(0, 24);
  const answer = decide(conversation);
  answer.calls = answer.call ? [{ ...answer.call, id: `call_${id}` }] : [];
  return { answer, context: { ...context, body, conversation, id, pieces } };
}
const summary = ({ text, call }) => (call ? `${call.tool.name}(${call.input ?? call.arguments})` : text ?? '');

function serve(wire, found, entry, request, response) {
  const { url } = entry;
  const reply = (status, value) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_scripted', 'request-id': 'req_scripted' });
    response.end(JSON.stringify(value));
  };
  try {
    if (found.kind === 'models') return reply(200, wire.models(['scripted-1', 'scripted-2']));
    if (!/^application\/json/.test(request.headers['content-type'] ?? '')) throw new Refused('Unsupported content type.', { status: 415 });
    noSeal(entry.raw);
    const body = json(entry.raw, 'body');
    if (!isObject(body)) throw new Refused('The body must be an object.');
    if (found.kind === 'count') return reply(200, wire.count(body));
    const { answer, context } = think(wire, body, { headers: request.headers, raw: entry.raw, url, model: found.model ?? body.model, direct: wires.length > 1 });
    entry.outcome = summary(answer);
    if (!(found.stream ?? body.stream)) return reply(200, wire.whole(answer, context));
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-request-id': 'req_scripted' });
    return void sendSliced(response, [...wire.stream(answer, context)].map(spoiled[mode] ?? String).join('')).then(() => response.end());
  } catch (error) {
    const status = error instanceof Refused ? error.status : 500;
    entry.outcome = `refused with ${status}: ${error instanceof Refused ? error.message : error.stack}`;
    return reply(status, wire.refusal(status, error.message, error.param ?? null));
  }
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (piece) => chunks.push(piece));
  request.on('end', () => {
    const raw = Buffer.concat(chunks).toString();
    const url = new URL(request.url, 'http://upstream');
    if (url.pathname === '/__log') return void response.end(JSON.stringify(log));
    if (url.pathname === '/__script') {
      mode = JSON.parse(raw).mode;
      log = [];
      return void response.end('{}');
    }
    const entry = { method: request.method, url, headers: request.headers, raw, outcome: '' };
    log.push(entry);
    const isGoogle = request.headers['x-goog-api-key'], isAnthropic = request.headers['anthropic-version'];
    // GET /v1/models is a path of three vendors; a header identifies which.
    const order = [...wires].sort((a, b) => rank(b) - rank(a));
    function rank({ name }) { return (name === 'gemini' && isGoogle) || (name === 'anthropic' && isAnthropic) ? 1 : 0; }
    for (const wire of order) {
      const found = wire.route(request.method, url.pathname);
      if (found) {
        entry.wire = wire.name;
        return serve(wire, found, entry, request, response);
      }
    }
    entry.outcome = 'refused with 404: no such path';
    response.writeHead(404, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(chat.refusal(404, `Invalid URL (${request.method} ${url.pathname})`, null)));
  });
});
server.keepAliveTimeout = 60_000;

// Responses over WebSocket, for the clients' control runs: the state is the connection's, as at the vendor.
server.on('upgrade', (request, socket) => {
  const open = wires.includes(responses) && new URL(request.url, 'http://upstream').pathname === '/v1/responses';
  if (!open) return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
  let history = [], last;
  upgrade(request, socket, (raw, send) => {
    const entry = { method: 'WS', url: request.url, wire: 'responses', headers: request.headers, raw, outcome: '' };
    log.push(entry);
    try {
      noSeal(raw);
      const { type, generate, previous_response_id: before, ...body } = json(raw, 'message');
      if (type !== 'response.create') throw new Refused(`Unknown message type ${type}.`, { param: 'type' });
      if (before && before !== last) throw new Refused(`Previous response with id '${before}' not found.`, { param: 'previous_response_id' });
      const input = [...(before ? history : []), ...body.input];
      const { answer, context } = generate === false ? { answer: { calls: [] }, context: { body, id: randomUUID().slice(0, 8), pieces } }
        : think(responses, { ...body, input }, { headers: request.headers, raw });
      entry.outcome = summary(answer);
      for (const event of events(answer, context)) {
        if (event.type === 'response.completed') {
          last = event.response.id;
          history = [...input, ...event.response.output];
        }
        send(JSON.stringify(event));
      }
    } catch (error) {
      entry.outcome = `refused: ${error instanceof Refused ? error.message : error.stack}`;
      send(JSON.stringify({ type: 'error', status: error.status ?? 500, error: { ...chat.refusal(400, error.message, error.param ?? null).error, code: error.code ?? null } }));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
