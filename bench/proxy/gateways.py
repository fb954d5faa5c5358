"""The other gateways: each with a model name that it knows, one worker, rate limits and logs off. Their settings are in config/."""
import os

import peers

CONFIG = peers.ROOT / "bench/proxy/config"
PYPI = peers.ROOT / ".deps/pypi/bench"
KEY = "sk-bench-7d1f0c2a9b8e4d6f"


def portkey(port, origin):
    server = peers.ROOT / ".deps/npm/bench/node_modules/@portkey-ai/gateway/build/start-server.js"
    proxy = peers.Proxy("portkey", port, ["node", str(server), f"--port={port}", "--headless"],
                        f"x-portkey-provider: openai\r\nx-portkey-custom-host: http://127.0.0.1:{origin}/v1\r\n"
                        "Authorization: Bearer x\r\n", {"NODE_ENV": "production"})
    proxy.rate, proxy.requests = 100, 600
    proxy.streams = False  # as npm installs Portkey today it cannot stream
    return server, proxy


def smg(port, origin):
    program = PYPI / "smg/bin/smg"
    proxy = peers.Proxy("smg", port, [
        str(program), "launch", "--backend", "openai", "--worker-urls", f"http://127.0.0.1:{origin}", "--host", "127.0.0.1",
        "--port", str(port), "--prometheus-port", str(peers.free_port()), "--log-level", "error", "--history-backend", "none",
        "--max-concurrent-requests", "0", "--disable-health-check", "--disable-load-monitoring"], "Authorization: Bearer x\r\n")
    proxy.model = "gpt-5.5"
    return program, proxy


def ferrogw(port, origin):
    program = PYPI / "ferrogw/bin/ferrogw"
    proxy = peers.Proxy("ferrogw", port, [str(program), "serve"], f"Authorization: Bearer {KEY}\r\n", {
        "PORT": str(port), "GATEWAY_CONFIG": str(CONFIG / "ferrogw.yaml"), "OPENAI_API_KEY": "bench", "MASTER_KEY": KEY,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{origin}", "LOG_LEVEL": "error", "RATE_LIMIT_RPS": "0", "GOMAXPROCS": "1"})
    proxy.model = "gpt-5.5"
    return program, proxy


def litellm(port, origin):
    program = PYPI / "litellm/bin/litellm"
    proxy = peers.Proxy("litellm", port, [str(program), "--config", str(CONFIG / "litellm.yaml"), "--host", "127.0.0.1",
                                          "--port", str(port), "--num_workers", "1"], f"Authorization: Bearer {KEY}\r\n", {
        "BENCH_ORIGIN": f"http://127.0.0.1:{origin}/v1", "BENCH_KEY": KEY, "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION", "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    proxy.rate, proxy.requests = 20, 192
    proxy.start_limit = 400  # it imports for half a minute of processor time
    return program, proxy


ALL = {"portkey": portkey, "smg": smg, "ferrogw": ferrogw, "litellm": litellm}


def installed(names, origin):
    """Those of `names` that are there; says which are not."""
    found = []
    for name in names:
        program, proxy = ALL[name](peers.free_port(), origin)
        if program.exists():
            found.append(proxy)
        else:
            print(f"{name} is skipped: it is not installed ({os.path.relpath(program, peers.ROOT)} is missing)")
    return found
