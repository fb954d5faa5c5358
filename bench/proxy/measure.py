#!/usr/bin/env python3
"""The proxy benchmark: Hearth beside nginx, haproxy and the npm gateway Portkey, in one run, one core each.

  measure.py BUILD_DIR [--rounds 9] [--seconds 2] [--only nginx,hearth]

Every proxy runs alone on core 0 with all its threads and children, the origin and the load on core 1; bodies of 2 KB in
and 1 KB out; 64 kept connections; the order of the proxies rotates each round. CPU is the on-CPU time of the proxy's
whole process tree (schedstat, nanoseconds) divided by requests or events. Hearth runs with every stage on: key check,
whole body walk, permit, both ledger rows committed; afterwards its ledger must hold a settled row for every answer.
Prints medians with their range, and ratios to nginx round by round.

At a fixed rate the cores sleep between requests, and in a virtual machine a sleeping core is woken by its host: that takes
0.1 ms on a good day and 1 ms on another, for every proxy and by turns. Therefore an endless loop of the idle class, which
gives way to everything, keeps both cores awake while latencies are measured. --asleep measures without it.
"""
import argparse
import contextlib
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time

import peers

EVENTS = 40  # of one stream, as the origin sends them


def load(build, proxy, mode, seconds, body, *more, connections=64):
    before = peers.cpu_ns(proxy.process.pid)
    out = subprocess.check_output(["taskset", "-c", "1", str(build / "bench/proxy-load"), str(proxy.port), mode,
                                   str(connections), str(seconds), str(body), *map(str, more)],
                                  env={**os.environ, "LOAD_HEADERS": proxy.headers}, text=True)
    result = json.loads(out)
    result["cpu_us"] = (peers.cpu_ns(proxy.process.pid) - before) / 1000 / max(1, result["events"] or result["requests"])
    return result


@contextlib.contextmanager
def awake(wanted):
    loops = [subprocess.Popen(["taskset", "-c", core, "chrt", "--idle", "0", "sh", "-c", "while :; do :; done"])
             for core in ("0", "1") if wanted]
    try:
        time.sleep(0.1)  # their own start takes a few milliseconds of the cores
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def rate(options, proxy, whole, per_second):
    with awake(not options.asleep):
        return load(options.build, proxy, "rate", options.seconds, whole, per_second)


def spread(values):
    return f"{statistics.median(values):9.1f} [{min(values):.1f}..{max(values):.1f}]"


def table(title, rows):
    print(f"\n{title}")
    for name, values in rows.items():
        if not values:
            continue
        line = f"  {name:8} {spread(values):34}"
        if name != "nginx" and rows.get("nginx"):
            ratios = [a / b for a, b in zip(values, rows["nginx"]) if b]
            line += f" x nginx {statistics.median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]"
        print(line)


def bodies(work):
    message = {"model": "openai/gpt-5.5", "max_tokens": 100, "messages": [
        {"role": "system", "content": "You are a careful assistant." * 4}, {"role": "user", "content": "word " * 370}]}
    whole, stream = work / "body.json", work / "stream.json"
    whole.write_text(json.dumps(message))
    stream.write_text(json.dumps({**message, "stream": True}, separators=(",", ":")))
    return whole, stream


def start_origin(build, arguments=()):
    process = subprocess.Popen(["taskset", "-c", "1", str(build / "bench/proxy-origin"), *arguments], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def idle_streams(build, proxy, stream_body, count=500):
    """Resident memory of one nearly idle stream (two events a second): `count` at once, measured in their middle."""
    slow = stream_body.with_name("slow.json")
    slow.write_text(json.dumps({**json.loads(stream_body.read_text()), "metadata": {"pace": "slow"}}, separators=(",", ":")))
    before = peers.rss_kb(proxy.process.pid)
    running = subprocess.Popen(["taskset", "-c", "1", str(build / "bench/proxy-load"), str(proxy.port), "stream", str(count),
                                "4", str(slow)], env={**os.environ, "LOAD_HEADERS": proxy.headers},
                               stdout=subprocess.DEVNULL)
    time.sleep(3)
    during = peers.rss_kb(proxy.process.pid)
    running.wait()
    return (during - before) / count


def rounds(options, proxies, direct, whole, stream):
    names = ("cpu", "rps", "p50", "p99", "event_cpu", "delay")
    figures = {n: {p.name: [] for p in proxies} for n in names}
    base, totals = {"p50": [], "p99": []}, {p.name: [0, 0] for p in proxies}
    for number in range(options.rounds):
        unproxied = rate(options, direct, whole, 500)
        for p in proxies[number % len(proxies):] + proxies[:number % len(proxies)]:
            results = [load(options.build, p, "flat", options.seconds, whole),
                       rate(options, p, whole, 500 if p.fast else 100)]
            figures["cpu"][p.name].append(results[0]["cpu_us"])
            figures["rps"][p.name].append(results[0]["requests"] / options.seconds)
            figures["p50"][p.name].append(results[1]["p50"] - unproxied["p50"])
            figures["p99"][p.name].append(results[1]["p99"])
            if p.streams:
                results.append(load(options.build, p, "stream", options.seconds, stream))
                figures["event_cpu"][p.name].append(results[2]["cpu_us"])
                figures["delay"][p.name].append(results[2]["p50"])
            totals[p.name][0] += sum(r["requests"] for r in results)
            totals[p.name][1] += sum(r["errors"] for r in results)
        for key in base:
            base[key].append(unproxied[key])
    return figures, base, totals


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--asleep", action="store_true")
    options = parser.parse_args()
    options.build = options.build.resolve()
    work = pathlib.Path(tempfile.mkdtemp(prefix="hearth-bench-"))
    whole, stream = bodies(work)
    origin, port = start_origin(options.build)
    proxies = [p for p in peers.all_of(work, port, options.build) if not options.only or p.name in options.only.split(",")]
    direct = peers.Direct(port, origin)
    try:
        for p in proxies:
            p.start()
        print(f"{len(whole.read_bytes())} bytes in, 64 connections, {options.rounds} rounds of {options.seconds} s each, one core for each")
        idle = {p.name: peers.rss_kb(p.process.pid) / 1024 for p in proxies}
        warm = {p.name: load(options.build, p, "flat", 1 if p.fast else 8, whole)["requests"] for p in proxies}
        figures, base, totals = rounds(options, proxies, direct, whole, stream)
        table("CPU per request, flat out (us)", figures["cpu"])
        table("requests per second, flat out", figures["rps"])
        table("added p50 at 500 requests/s, Portkey 100 (us)", figures["p50"])
        print(f"  direct p50 {spread(base['p50'])}, p99 {spread(base['p99'])}")
        table("p99 at 500 requests/s, Portkey 100 (us)", figures["p99"])
        table("CPU per event of 64 streams (us)", figures["event_cpu"])
        table("event delay p50 of 64 streams (us)", figures["delay"])
        print("\nresident memory (MB): idle, after the load; errors / answers")
        for p in proxies:
            print(f"  {p.name:8} {idle[p.name]:6.1f} {peers.rss_kb(p.process.pid) / 1024:6.1f}   {totals[p.name][1]} / {totals[p.name][0]}")
        for p in proxies:
            if p.streams:
                print(f"  {p.name:8} {idle_streams(options.build, p, stream):.1f} KB for each of 500 idle streams")
    finally:
        for p in proxies:
            p.stop()
        origin.kill()
    hearth = next((p for p in proxies if p.name == "hearth"), None)
    if hearth:
        check_ledger(hearth, warm["hearth"] + totals["hearth"][0])


def check_ledger(hearth, answers):
    """Every answer that the load received whole has a settled row. Streams still open at a round's end have theirs too."""
    db = sqlite3.connect(hearth.home / "ledger.db")
    rows = db.execute(peers.SETTLED_ROWS).fetchone()[0]
    print(f"\nledger: {rows} settled rows for {answers} whole answers")
    if rows < answers:
        raise SystemExit("the ledger lacks rows")


if __name__ == "__main__":
    main()
