#!/usr/bin/env python3
"""The proxy benchmark: Hearth beside nginx, haproxy and other gateways (gateways.py), in one run, one core each.

  measure.py BUILD_DIR [--rounds 9] [--seconds 2] [--only nginx,hearth] [--compare PROGRAM]

Every proxy runs alone on core 0 with all its threads and children, the origin and the load on core 1; bodies of 2 KB in
and 1 KB out; 64 kept connections; the order of the proxies rotates each round. CPU is the on-CPU time of the proxy's
whole process tree (schedstat, nanoseconds) divided by right answers or events. Every answer is compared with what the
origin sends; a proxy that gave a wrong one has no figures. Hearth runs with every stage on: key check, whole body walk,
permit, both ledger rows committed; afterwards its ledger must hold a settled row for every answer.
Prints medians with their range, and ratios to nginx round by round. --compare adds a second `hearth` (the commit before,
say) under the name "base", and prints the ratio to it round by round.

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

import gateways
import peers

WHOLE, STREAM = "whole answers", "streams"
TABLES = [("cpu", WHOLE, "CPU per request, flat out (us)"), ("rps", WHOLE, "requests per second, flat out"),
          ("p50", WHOLE, "added p50 at {rates} requests/s (us)"), ("p99", WHOLE, "p99 at {rates} requests/s (us)"),
          ("event_cpu", STREAM, "CPU per event of 64 streams (us)"),
          ("delay", STREAM, "event delay p50 of 64 streams (us)")]


def load(build, proxy, mode, amount, body, *more, connections=64):
    before = peers.cpu_ns(proxy.process.pid)
    out = subprocess.check_output(["taskset", "-c", "1", str(build / "bench/proxy-load"), str(proxy.port), mode,
                                   str(connections), str(amount), str(body), *map(str, more)],
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


def at_rate(options, proxy, body, per_second):
    with awake(not options.asleep):
        return load(options.build, proxy, "rate", options.seconds, body, per_second)


def spread(values):
    return f"{statistics.median(values):9.1f} [{min(values):.1f}..{max(values):.1f}]"


def ratio(values, others):
    ratios = [a / b for a, b in zip(values, others) if b]
    return f"{statistics.median(ratios):.3f} [{min(ratios):.3f}..{max(ratios):.3f}]" if ratios else "-"


def table(title, rows, wrong):
    """`wrong`: the proxies whose figures do not count."""
    print(f"\n{title}")
    for name, values in rows.items():
        if name in wrong:
            print(f"  {name:8} wrong answers")
        elif values:
            line = f"  {name:8} {spread(values):34}"
            for other in ("nginx", "base"):
                if name != other and rows.get(other) and other not in wrong and (other == "nginx" or name == "hearth"):
                    line += f" x {other} {ratio(values, rows[other])}"
            print(line)


def bodies(work, model="openai/gpt-5.5"):
    message = {"model": model, "max_tokens": 100, "messages": [
        {"role": "system", "content": "You are a careful assistant." * 4}, {"role": "user", "content": "word " * 370}]}
    name = model.replace("/", "-")
    whole, stream = work / f"{name}.json", work / f"{name}-stream.json"
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


class Figures:
    """What the rounds gave: a value per round for each figure and proxy, and how many answers of each kind were right."""

    def __init__(self, proxies):
        self.values = {key: {p.name: [] for p in proxies} for key, _, _ in TABLES}
        self.direct = {"p50": [], "p99": []}
        self.totals = {p.name: {kind: {"requests": 0, "wrong": 0, "errors": 0} for kind in (WHOLE, STREAM)} for p in proxies}

    def add(self, proxy, kind, result, **values):
        for key in self.totals[proxy.name][kind]:
            self.totals[proxy.name][kind][key] += result[key]
        for key, value in values.items():
            if value is not None:
                self.values[key][proxy.name].append(value)

    def wrong(self, kind):
        return [name for name, totals in self.totals.items() if totals[kind]["wrong"]]

    def count(self, name, key):
        return sum(totals[key] for totals in self.totals[name].values())


def flat_out(options, p, kind):
    body = p.whole if kind == WHOLE else p.stream
    if p.requests:
        return load(options.build, p, "count", p.requests if kind == WHOLE else 64, body)
    return load(options.build, p, "flat" if kind == WHOLE else "stream", options.seconds, body)


def rounds(options, proxies, direct):
    figures = Figures(proxies)
    for number in range(options.rounds):
        unproxied = at_rate(options, direct, proxies[0].whole, 500)
        for key, values in figures.direct.items():
            values.append(unproxied[key])
        for p in proxies[number % len(proxies):] + proxies[:number % len(proxies)]:
            flat = flat_out(options, p, WHOLE)
            figures.add(p, WHOLE, flat, cpu=flat["cpu_us"], rps=flat["requests"] / flat["seconds"])
            paced = at_rate(options, p, p.whole, p.rate)
            figures.add(p, WHOLE, paced, p50=paced["p50"] - unproxied["p50"], p99=paced["p99"])
            if p.streams:
                streams = flat_out(options, p, STREAM)
                # No delay where the gateway leaves out the time that the origin wrote into the event, or was not timed.
                figures.add(p, STREAM, streams, event_cpu=streams["cpu_us"],
                            delay=streams["p50"] or None if not p.requests else None)
    return figures


def check_load(build, whole, stream):
    """The load must see what is wrong: an origin that leaves out a character, or an event, is asked first."""
    origin, port = start_origin(build, ["--wrong"])
    try:
        for body in (whole, stream):
            result = load(build, peers.Direct(port, origin), "count", 8, body, connections=4)
            if result["wrong"] != 8:
                raise SystemExit(f"the load took wrong answers for right ones: {result}")
    finally:
        origin.kill()
        origin.wait()


def start(options, proxies):
    """Starts them and waits for the first right answer of each: some listen before they know where to send a request."""
    running = []
    for p in proxies:
        try:
            p.start()
        except peers.DidNotStart as problem:
            if p.name not in gateways.ALL:
                raise SystemExit(str(problem)) from problem
            print(f"{p.name} is skipped: {problem}")
            continue
        running.append(p)
        for _ in range(60):
            if load(options.build, p, "count", 1, p.whole, connections=1)["requests"]:
                break
            time.sleep(0.5)
    return running


def report(options, proxies, figures, idle):
    rates = "500" + "".join(f", {p.name} {p.rate}" for p in proxies if p.rate != 500)
    for key, kind, title in TABLES:
        table(title.format(rates=rates), figures.values[key], figures.wrong(kind))
        if key == "p50":
            print(f"  direct p50 {spread(figures.direct['p50'])}, p99 {spread(figures.direct['p99'])}")
    print("\nresident memory (MB): idle, after the load; right answers, wrong answers, errors")
    for p in proxies:
        print(f"  {p.name:8} {idle[p.name]:6.1f} {peers.rss_kb(p.process.pid) / 1024:6.1f}   "
              + "  ".join(f"{figures.count(p.name, key):8}" for key in ("requests", "wrong", "errors")))
    for p in proxies:
        if p.streams and not p.requests and p.name not in figures.wrong(STREAM):
            print(f"  {p.name:8} {idle_streams(options.build, p, p.stream):.1f} KB for each of 500 idle streams")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", type=lambda names: names.split(","), metavar="NAME,...",
                        help="of nginx, haproxy, hearth, base, " + ", ".join(gateways.ALL))
    parser.add_argument("--compare", type=pathlib.Path, metavar="PROGRAM", help="another hearth, called base")
    parser.add_argument("--asleep", action="store_true")
    options = parser.parse_args()
    options.build = options.build.resolve()
    return options


def choose(options, work, origin_port):
    wanted = options.only or ["nginx", "haproxy", "hearth", "base", *gateways.ALL]
    proxies = [p for p in peers.servers(work, origin_port) if p.name in wanted]
    if "hearth" in wanted:
        proxies.append(peers.hearth(work, peers.free_port(), origin_port, options.build / "bin/hearth"))
    if options.compare and "base" in wanted:
        proxies.append(peers.hearth(work, peers.free_port(), origin_port, options.compare.resolve(), "base"))
    return proxies + gateways.installed([name for name in gateways.ALL if name in wanted], origin_port)


def main():
    options = arguments()
    work = pathlib.Path(tempfile.mkdtemp(prefix="hearth-bench-"))
    check_load(options.build, *bodies(work))
    origin, port = start_origin(options.build)
    proxies = choose(options, work, port)
    for p in proxies:
        p.whole, p.stream = bodies(work, p.model)
    try:
        running = start(options, proxies)
        print(f"{running[0].whole.stat().st_size} bytes in, 64 connections, {options.rounds} rounds of {options.seconds} s each, one core for each")
        idle = {p.name: peers.rss_kb(p.process.pid) / 1024 for p in running}
        warm = {p.name: (load(options.build, p, "count", p.requests, p.whole) if p.requests else
                         load(options.build, p, "flat", 1, p.whole))["requests"] for p in running}
        figures = rounds(options, running, peers.Direct(port, origin))
        report(options, running, figures, idle)
    finally:
        for p in proxies:
            p.stop()
        origin.kill()
    for p in running:
        if p.name in ("hearth", "base"):
            check_ledger(p, warm[p.name] + figures.count(p.name, "requests"))


def check_ledger(hearth, answers):
    """Every answer that the load received whole has a settled row. Streams still open at a round's end have theirs too."""
    db = sqlite3.connect(hearth.home / "ledger.db")
    rows = db.execute(peers.SETTLED_ROWS).fetchone()[0]
    print(f"\n{hearth.name}: {rows} settled rows in the ledger for {answers} whole answers")
    if rows < answers:
        raise SystemExit("the ledger lacks rows")


if __name__ == "__main__":
    main()
