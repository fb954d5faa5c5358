// A wire tap before Hearth: counts the connections that became WebSockets. Clients fall back to plain requests
// silently, and a WebSocket case would then pass without one.
import net from 'node:net';

export async function startTap(base) {
  const { hostname, port } = new URL(base);
  const tap = { upgrades: 0 };
  const open = new Set();
  const server = net.createServer((client) => {
    const up = net.connect(Number(port), hostname);
    for (const [from, to] of [[client, up], [up, client]]) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    up.on('data', (piece) => { tap.upgrades += piece.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101' ? 1 : 0; });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  tap.base = `http://${hostname}:${server.address().port}`;
  tap.stop = () => {
    server.close();
    open.forEach((socket) => socket.destroy());
  };
  return tap;
}
