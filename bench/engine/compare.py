#!/usr/bin/env python3
"""Hearth's engine beside llama-server: same model file, same threads, same kernels, paired and alternating.

One command: bench/engine/compare.py (see README.md for what it builds and what the numbers mean).
Needs Python 3.9 and nothing else. Exit status: 0 held, 1 missed, 2 inconclusive, 3 could not be measured.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

from clients import HttpSide, WorkerSide, free_port, wait_until_ready

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLAMA = ROOT / ".deps" / "llama"


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release", help="Hearth's build folder")
    p.add_argument("--peer", type=pathlib.Path, help="a llama-server; built when not given")
    p.add_argument("--work", type=pathlib.Path, default=ROOT / "build" / "bench-engine", help="models and the peer")
    p.add_argument("--model", type=pathlib.Path, help="a GGUF file; a random 0.5 B one is made when not given")
    p.add_argument("--through", choices=["gateway", "worker"], default="gateway",
                   help="reach Hearth's engine through its HTTP gateway, or the worker's socket directly")
    p.add_argument("--rounds", type=int, default=15)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--context", type=int, default=16384)
    p.add_argument("--prompt", type=int, default=512, help="tokens of the prompt whose reading is timed")
    p.add_argument("--predict", type=int, default=64, help="tokens of the answer whose writing is timed")
    p.add_argument("--bar", type=float, default=0.97)
    p.add_argument("--json", type=pathlib.Path, help="write every measurement there")
    return p.parse_args()


def run(command):
    print("$", " ".join(map(str, command)), file=sys.stderr)
    subprocess.run(list(map(str, command)), check=True, stdout=sys.stderr)


def make_peer(o):
    folder = o.work / "llama-server"
    if not (folder / "bin" / "llama-server").exists():
        run(["cmake", "-G", "Ninja", "-S", ROOT / "bench/engine/llama-server", "-B", folder,
             "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER=clang++-19"])
        run(["ninja", "-C", folder])
    return folder / "bin" / "llama-server"


def make_model(o):
    path = o.work / "half-q4_k_m.gguf"
    if not path.exists():
        o.work.mkdir(parents=True, exist_ok=True)
        run([o.build / "bin" / "hearth-make-model", "--shape", "half", "--quantize", "Q4_K_M",
             "--vocab", LLAMA / "src/models/ggml-vocab-qwen2.gguf",
             "--template", LLAMA / "src/models/templates/Qwen-Qwen2.5-7B-Instruct.jinja", "--out", path])
    return path


def start_peer(o, processes, log):
    port = free_port()
    processes.append(subprocess.Popen(
        [o.peer, "-m", o.model, "-t", str(o.threads), "-tb", str(o.threads), "-c", str(o.context), "--host", "127.0.0.1",
         "--port", str(port), "--offline", "--no-ui"], stdout=log, stderr=log))
    wait_until_ready(port, "/health", processes[-1])
    return HttpSide("llama-server", port, "any")


def start_gateway(o, processes, log, home):
    env = dict(os.environ, HEARTH_HOME=str(home))
    config = home / "hearth.toml"
    config.write_text(f"[engine]\nthreads = {o.threads}\ncontext = {o.context}\nidle_unload_s = 0\n")
    hearth, port = o.build / "bin" / "hearth", free_port()
    processes.append(subprocess.Popen([hearth, "serve", "--listen", f"127.0.0.1:{port}", "--offline", "--config", config],
                                      env=env, stdout=log, stderr=log))
    wait_until_ready(port, "/readyz", processes[-1])
    subprocess.run([hearth, "pull", o.model], env=env, check=True, stdout=log, stderr=log)  # joins the running one
    return HttpSide("hearth", port, "local")


def measure(side, seed, o):
    """One round of one side: tokens per second of reading and of writing, seen by the client."""
    rng = random.Random(seed)
    prompt = [rng.randrange(1000, 100000) for _ in range(o.prompt)]
    first, _, _ = side.complete(prompt, 1)
    short = [rng.randrange(1000, 100000) for _ in range(16)]
    begun, ended, tokens = side.complete(short, o.predict)
    return {"prompt": o.prompt / first, "decode": (tokens - 1) / (ended - begun)}


def interval(values):
    """Median and a 95 % interval from order statistics: no assumption about the noise."""
    ordered, n = sorted(values), len(values)
    total, k = 0.0, 0
    while k < n // 2:  # the largest k with P(Binomial(n, 1/2) < k) <= 2.5 %
        total += _choose(n, k) / 2 ** n
        if total > 0.025:
            break
        k += 1
    low, high = (ordered[k - 1], ordered[n - k]) if k > 0 else (ordered[0], ordered[-1])
    return statistics.median(ordered), low, high


def _choose(n, k):
    out = 1
    for i in range(k):
        out = out * (n - i) // (i + 1)
    return out


def report(rounds, o):
    worst = 0
    for what in ("prompt", "decode"):
        ours = [r["hearth"][what] for r in rounds]
        theirs = [r["llama-server"][what] for r in rounds]
        ratio, low, high = interval([a / b for a, b in zip(ours, theirs)])
        verdict = "held" if low >= o.bar else "missed" if high < o.bar else "inconclusive"
        worst = max(worst, {"held": 0, "missed": 1, "inconclusive": 2}[verdict])
        print(f"{what:7}  hearth {statistics.median(ours):8.1f} t/s   llama-server {statistics.median(theirs):8.1f} t/s   "
              f"ratio {ratio:.3f} [{low:.3f} .. {high:.3f}]   bar {o.bar}: {verdict}")
    return worst


def main():
    o = options()
    if o.rounds < 6:
        sys.exit("fewer than 6 rounds give no interval")
    o.build, o.work = o.build.resolve(), o.work.resolve()
    o.peer = o.peer or make_peer(o)
    o.model = (o.model or make_model(o)).resolve()
    processes, home = [], pathlib.Path(tempfile.mkdtemp(prefix="hearth-bench-"))
    log = open(home / "log.txt", "w")
    rounds = []
    try:
        if o.through == "gateway":
            hearth = start_gateway(o, processes, log, home)
        else:
            hearth = WorkerSide("hearth", o.build / "bin" / "hearth-engine", o.model, o.threads, o.context)
            processes.append(hearth.process)
        sides = [hearth, start_peer(o, processes, log)]
        for side in sides:
            measure(side, 0, o)  # warms pages and lazily made buffers; not counted
        for number in range(1, o.rounds + 1):
            order = sides if number % 2 else sides[::-1]
            rounds.append({side.name: measure(side, number, o) for side in order})
            line = "  ".join(f"{s.name} {rounds[-1][s.name]['prompt']:.1f} / {rounds[-1][s.name]['decode']:.1f}" for s in sides)
            print(f"round {number:2}: {line}", file=sys.stderr)
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"could not be measured: {error}", file=sys.stderr)
        log.flush()
        print((home / "log.txt").read_text()[-2000:], file=sys.stderr)
        return 3
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(home, ignore_errors=True)
    if o.json:
        o.json.write_text(json.dumps({"options": {k: str(v) for k, v in vars(o).items()}, "rounds": rounds}, indent=1))
    return report(rounds, o)


if __name__ == "__main__":
    sys.exit(main())
