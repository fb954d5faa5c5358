// A scripted provider: a separate program with the chat dialect over real sockets and scripted failures.
//   node upstream.mjs            prints its port, then serves until killed
//   POST /__script {"mode":...}  sets the behaviour (below); GET /__log -> received requests, verbatim
//
// ok        a whole answer, or a stream with usage (if requested) and [DONE]
// refuse-429 {retry_after}, status {status}: an error body
// silent    accepts and never responds          stall   answers with headers, then nothing
// cut       two content events, then the connection is destroyed
// paths {paths: {"/token": {status, type, body}}}: another vendor's responses, by path; body as text or as JSON
// html      a login page instead of JSON           tools  one tool call       flood  endless content
import http from 'node:http';

let script = { mode: 'ok' };
const log = [];

const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1, model: 'up-1',
    choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usage = { prompt_tokens: 1000, completion_tokens: 2, total_tokens: 1002,
  prompt_tokens_details: { cached_tokens: 400 } };

function stream(request, response, body) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'up-req' });
  response.write(chunk({ role: 'assistant', content: '' }));
  if (script.mode === 'stall') return;
  if (script.mode === 'flood') {
    const more = () => { while (!response.destroyed && response.write(chunk({ content: 'x'.repeat(2000) }))); };
    response.on('drain', more);
    return more();
  }
  if (script.mode === 'tools') {
    response.write(chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'read_file', arguments: '' } }] }));
    for (const piece of ['{"path":', '"a.txt"}']) response.write(chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
    response.write(chunk({}, 'tool_calls'));
    return void response.end('data: [DONE]\n\n');
  }
  for (const word of ['Hello', ' world']) response.write(chunk({ content: word }));
  if (script.mode === 'cut') return void setTimeout(() => request.socket.destroy(), 50);
  response.write(chunk({}, 'stop'));
  if (body.stream_options?.include_usage) {
    response.write(`data: ${JSON.stringify({ id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1,
      model: 'up-1', choices: [], usage })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
}

function whole(response, body) {
  const answers = {
    embeddings: { object: 'list', model: 'up-e', data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
      usage: { prompt_tokens: 3, total_tokens: 3 } },
    chat: { id: 'chatcmpl-up', object: 'chat.completion', created: 1, model: 'up-1', vendor_field: { kept: true },
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello world' }, finish_reason: 'stop' }], usage },
  };
  if (script.mode === 'tools') {
    answers.chat.choices = [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a.txt"}' } }] } }];
  }
  response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'up-req' });
  response.end(JSON.stringify(body.input ? answers.embeddings : answers.chat));
}

function answer(request, response, body) {
  const { mode } = script;
  if (mode === 'silent') return;
  if (mode === 'paths') {
    const { status = 200, type = 'application/json', body = {} } = script.paths[request.url] ?? { status: 404 };
    response.writeHead(status, { 'content-type': type });
    return void response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
  if (mode === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' });
    return void response.end('<html>please log in</html>');
  }
  if (mode === 'status') {
    response.writeHead(script.status, { 'content-type': 'application/json',
      ...(script.retry_after ? { 'retry-after': String(script.retry_after) } : {}) });
    return void response.end(JSON.stringify(script.body ?? { error: { message: `scripted ${script.status}`, type: 'server_error', code: null } }));
  }
  return body.stream ? stream(request, response, body) : whole(response, body);
}

// Other endpoints: audio and images, and a provider's own files and batches. The response echoes the request.
function other(request, response, entry) {
  const url = request.url.split('?')[0];
  const json = (value, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'up-req', 'openai-processing-ms': '7' });
    response.end(JSON.stringify(value));
  };
  if (script.mode === 'status') return answer(request, response, {});
  if (url.endsWith('/audio/speech')) {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'openai-processing-ms': '7' });
    for (let i = 0; i < 8; i += 1) response.write(Buffer.alloc(4096, i));
    return void (script.mode === 'cut' ? setTimeout(() => request.socket.destroy(), 50) : response.end());
  }
  if (url.includes('/audio/')) return json({ text: 'Hello world', usage: { type: 'tokens', input_tokens: 14, output_tokens: 5, total_tokens: 19 } });
  if (url.includes('/images/')) {
    return json({ created: 1, data: [{ b64_json: 'aGVsbG8=' }], usage: { input_tokens: 10, output_tokens: 40, total_tokens: 50 } });
  }
  if (url.includes('/missing')) return json({ error: { message: 'No such File object: missing', type: 'invalid_request_error', param: 'id', code: null } }, 404);
  if (url.endsWith('/content')) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    return void response.end('their bytes');
  }
  return json({ id: 'theirs', object: url.includes('/batches') ? 'batch' : 'file', method: entry.method, filename: 'x', purpose: 'batch' });
}

const server = http.createServer((request, response) => {
  let text = '';
  request.setEncoding('latin1');
  request.on('data', (piece) => { text += piece; });
  request.on('end', () => {
    if (!/^multipart/.test(request.headers['content-type'] ?? '')) text = Buffer.from(text, 'latin1').toString('utf8');
    if (request.url === '/__log') return void response.end(JSON.stringify(log));
    if (request.url === '/__script') {
      script = JSON.parse(text);
      log.length = 0;
      return void response.end('{}');
    }
    const entry = { method: request.method, url: request.url, headers: request.headers, raw: text, closed: false };
    log.push(entry);
    response.on('close', () => { entry.closed = !response.writableFinished; });
    if (script.mode !== 'paths' && /^\/v1\/(audio|images|files|batches)\b/.test(request.url)) return void other(request, response, entry);
    answer(request, response, text.startsWith('{') ? JSON.parse(text) : {});
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
