"""The two ways to ask for a completion: OpenAI's route over HTTP, streamed, and a worker's own socket."""
import json
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_ready(port, path, process, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError("the server was not ready in time")


class HttpSide:
    """POST /v1/completions with `stream`; a connection for each request, opened before the clock starts."""

    def __init__(self, name, port, model):
        self.name, self.model = name, model
        self.address = ("127.0.0.1", port)

    def complete(self, prompt, predict):
        """Seconds to the first event, clock at the first, clock at the last, tokens written."""
        body = json.dumps({"model": self.model, "prompt": prompt, "max_tokens": predict, "temperature": 0, "stream": True,
                           "ignore_eos": True, "stream_options": {"include_usage": True}}).encode()
        with socket.create_connection(self.address) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._complete(connection, body, predict)

    def _complete(self, connection, body, predict):
        head = (f"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1:{self.address[1]}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode()
        start = time.perf_counter()
        connection.sendall(head + body)
        text, first, last, tokens = b"", None, None, None
        while b"data: [DONE]" not in text:
            piece = connection.recv(65536)
            now = time.perf_counter()
            if not piece:
                raise RuntimeError(f"{self.name} closed: {text[-300:]!r}")
            text += piece
            if b" 200 " not in text[:20]:
                raise RuntimeError(f"{self.name} answered {text[:300]!r}")
            if b"data:" in piece and b'"choices":[{' in piece.replace(b" ", b""):
                first, last = first or now, now
        for line in text.split(b"\n"):
            if line.startswith(b"data: {") and b'"usage":{' in line.replace(b" ", b""):
                tokens = json.loads(line[6:])["usage"]["completion_tokens"]
        if tokens != predict:
            raise RuntimeError(f"{self.name} wrote {tokens} tokens instead of {predict}")
        return (first - start, last, tokens) if predict == 1 else (first, last, tokens)


class WorkerSide:
    """A hearth-engine without a gateway: frames over a socketpair."""

    def __init__(self, name, program, model, threads, context):
        self.name = name
        ours, theirs = socket.socketpair()
        self.socket, self.buffer, self.last_id = ours, b"", 0
        self.process = subprocess.Popen([str(program), "--fd", str(theirs.fileno())], pass_fds=[theirs.fileno()])
        theirs.close()
        self._send({"type": "load", "model_path": str(model), "threads": threads, "context_tokens": context})
        while True:
            message = self._receive()
            if message["type"] == "load_failed":
                raise RuntimeError(message["error"]["message"])
            if message["type"] == "ready":
                return

    def _send(self, message):
        payload = json.dumps(message).encode()
        self.socket.sendall(struct.pack("<I", len(payload)) + payload)

    def _receive(self):
        while len(self.buffer) < 4 or len(self.buffer) < 4 + struct.unpack_from("<I", self.buffer)[0]:
            piece = self.socket.recv(65536)
            if not piece:
                raise RuntimeError("the worker is gone")
            self.buffer += piece
        length = struct.unpack_from("<I", self.buffer)[0]
        payload, self.buffer = self.buffer[4:4 + length], self.buffer[4 + length:]
        return json.loads(payload)

    def complete(self, prompt, predict):
        self.last_id += 1
        start = time.perf_counter()
        self._send({"type": "submit", "id": self.last_id, "request": {
            "kind": "completion", "dialect": "engine", "sampling": {"temperature": 0, "max_tokens": predict, "ignore_eos": True},
            "body": {"type": "completion", "prompts": [prompt]}}})
        first, last, tokens = None, None, None
        while True:
            message = self._receive()
            now = time.perf_counter()
            for entry in message.get("events", []):
                event = entry["event"]
                if event["type"] == "error":
                    raise RuntimeError(event["message"])
                if event["type"] in ("text", "finish"):
                    first, last = first or now, now
                if event["type"] == "usage":
                    tokens = event["usage"]["output"]
                if event["type"] == "done":
                    return (first - start, last, tokens) if predict == 1 else (first, last, tokens)
