"""The programs under test: how each is started, on which core, with which headers, and what its process tree costs."""
import glob
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tree(pid):
    pids, seen = [pid], []
    while pids:
        p = pids.pop()
        seen.append(p)
        for path in glob.glob(f"/proc/{p}/task/*/children"):
            try:
                pids += [int(c) for c in open(path).read().split()]
            except OSError:
                pass
    return seen


def cpu_ns(pid):
    total = 0
    for p in tree(pid):
        for path in glob.glob(f"/proc/{p}/task/*/schedstat"):
            try:
                total += int(open(path).read().split()[0])
            except OSError:
                pass
    return total


def rss_kb(pid):
    total = 0
    for p in tree(pid):
        try:
            for line in open(f"/proc/{p}/status"):
                if line.startswith("VmRSS"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


class DidNotStart(Exception):
    pass


class Direct:
    """The origin itself, for what the machine costs without a proxy."""

    def __init__(self, port, process):
        self.port, self.process, self.headers = port, process, ""


class Proxy:
    """A gateway under test: how it starts, where it listens, which headers and model name a request to it needs."""

    def __init__(self, name, port, command, headers="", env=None):
        self.name, self.port, self.command, self.headers = name, port, command, headers
        self.model = "openai/gpt-5.5"
        self.rate = 500  # requests a second at which latency is measured
        # 0: flat out for a time. A slow gateway answers exactly so many requests instead: what is still under way when the
        # time is over would be a large part of its work.
        self.requests = 0
        self.streams, self.pinned = True, True
        self.start_limit, self.stop_limit = 120, 20  # seconds: a busy machine takes its time
        self.env = {**os.environ, **(env or {})}
        self.process = None

    def start(self):
        pin = ["taskset", "-c", "0"] if self.pinned else []
        self.process = subprocess.Popen([*pin, *self.command], env=self.env,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + self.start_limit
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise DidNotStart(f"{self.name} ended with {self.process.returncode}: {' '.join(self.command)}")
                time.sleep(0.05)
        self.stop()
        raise DidNotStart(f"{self.name} does not listen after {self.start_limit} s")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(self.stop_limit)
        except subprocess.TimeoutExpired:
            self.process.kill()


def nginx(work, port, origin):
    conf = work / "nginx.conf"
    conf.write_text(f"""worker_processes 1; daemon off; pid {work}/nginx.pid; error_log {work}/nginx.log crit;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_buffer_size 64k; client_body_temp_path {work}/b; proxy_temp_path {work}/p;
 fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s; keepalive_requests 100000000;
 upstream o {{ server 127.0.0.1:{origin}; keepalive 512; keepalive_requests 100000000; }}
 server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://o; proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_buffering off; }} }} }}""")
    return Proxy("nginx", port, [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(conf), "-p", str(work)])


def haproxy(work, port, origin):
    conf = work / "haproxy.cfg"
    conf.write_text(f"""global
 nbthread 1
 maxconn 4096
defaults
 mode http
 timeout client 60s
 timeout server 60s
 timeout connect 5s
 option http-no-delay
 http-reuse always
frontend f
 bind 127.0.0.1:{port}
 default_backend b
backend b
 server o 127.0.0.1:{origin} pool-max-conn 512
""")
    return Proxy("haproxy", port, [shutil.which("haproxy") or "/usr/sbin/haproxy", "-f", str(conf), "-db"])


def hearth(work, port, origin, program, name="hearth"):
    program, home = str(program), work / name
    home.mkdir()
    (home / "hearth.toml").write_text("[client]\nwatch_local_servers = false\n[server]\nrequire_keys = true\n")
    env = {"HEARTH_HOME": str(home), "OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": f"http://127.0.0.1:{origin}/v1"}
    made = json.loads(subprocess.check_output([program, "key", "add", "bench", "--json"], env={**os.environ, **env}))
    proxy = Proxy(name, port, [program, "serve", "--listen", f"127.0.0.1:{port}"],
                  f"Authorization: Bearer {made['key']}\r\n", env)
    proxy.home = home
    return proxy


def servers(work, origin):
    return [nginx(work, free_port(), origin), haproxy(work, free_port(), origin)]


SETTLED_ROWS = "select count(*) from outcomes"
