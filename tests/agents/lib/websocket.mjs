// As much of RFC 6455 as a server of text messages needs: handshake, unmasking, fragments, ping, close. No extensions.
import { createHash } from 'node:crypto';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(opcode, payload) {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([0x80 | opcode, length])
    : length < 65_536 ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255]) : Buffer.alloc(10);
  if (length >= 65_536) {
    head[0] = 0x80 | opcode;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

// One frame at the start of `data`, or nothing while it is incomplete.
function parse(data) {
  if (data.length < 6) return undefined;
  let length = data[1] & 127, at = 2;
  if (length === 126) {
    length = data.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (data.length < 14) return undefined;
    length = Number(data.readBigUInt64BE(2));
    at = 10;
  }
  if (data.length < at + 4 + length) return undefined;
  const mask = data.subarray(at, at + 4), payload = Buffer.from(data.subarray(at + 4, at + 4 + length));
  for (let i = 0; i < payload.length; i += 1) payload[i] ^= mask[i & 3];
  return { last: Boolean(data[0] & 0x80), opcode: data[0] & 15, payload, size: at + 4 + length };
}

// Calls message(text, send) for every text message of the client.
export function upgrade(request, socket, message) {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + guid).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
  let waiting = Buffer.alloc(0), text = [];
  socket.on('error', () => socket.destroy());
  socket.on('data', (piece) => {
    waiting = Buffer.concat([waiting, piece]);
    for (let one = parse(waiting); one; one = parse(waiting)) {
      waiting = waiting.subarray(one.size);
      if (one.opcode === 8) socket.end(frame(8, one.payload));
      if (one.opcode === 9) socket.write(frame(10, one.payload));
      if (one.opcode > 2) continue;
      text.push(one.payload);
      if (!one.last) continue;
      const whole = Buffer.concat(text).toString();
      text = [];
      message(whole, (answer) => socket.write(frame(1, Buffer.from(answer))));
    }
  });
}
