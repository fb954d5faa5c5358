#!/usr/bin/env python3
"""What translation costs: the CPU of Hearth for one streamed answer to a body of 16 KB, crossing and in the same dialect.

  measure.py BUILD_DIR [--rounds 9] [--seconds 2]

An Anthropic client (POST /v1/messages) and a chat client (POST /v1/chat/completions) ask the same upstream, which speaks chat
and sends 40 events at once. Hearth runs alone on core 0 with every stage on; CPU is the on-CPU time of its process tree
(schedstat). Then the same crossing with 400 and with 800 events in an answer: what one event costs must not depend on their
number. Prints medians with their range and the ratio round by round.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "proxy"))
import messages  # noqa: E402
import peers  # noqa: E402

CONNECTIONS = 16


PATHS = {"crossing": "/v1/messages", "same": "/v1/chat/completions"}


def cpu_us(build, proxy, kind, body, seconds, events):
    before = peers.cpu_ns(proxy.process.pid)
    out = subprocess.check_output(["taskset", "-c", "1", str(build / "bench/proxy-load"), str(proxy.port), "flat", str(CONNECTIONS),
                                   str(seconds), str(body)],
                                  env={**os.environ, "LOAD_HEADERS": proxy.headers, "LOAD_PATH": PATHS[kind],
                                       "LOAD_EVENTS": str(events)}, text=True)
    result = json.loads(out)
    if result["errors"] or result["wrong"] or not result["requests"]:
        raise SystemExit(f"{kind}: {result}")
    return (peers.cpu_ns(proxy.process.pid) - before) / 1000 / result["requests"]


def with_origin(build, events, work, measure):
    origin = subprocess.Popen(["taskset", "-c", "1", str(build / "bench/proxy-origin"), "--events", str(events)], stdout=subprocess.PIPE, text=True)
    try:
        folder = work / str(events)
        folder.mkdir(mode=0o700)
        proxy = peers.hearth(folder, peers.free_port(), int(origin.stdout.readline()), build / "bin/hearth")
        proxy.start()
        try:
            return measure(proxy)
        finally:
            proxy.stop()
    finally:
        origin.kill()


def spread(values):
    return f"{statistics.median(values):8.2f} [{min(values):.2f}..{max(values):.2f}]"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        files = messages.write_bodies(work)
        sizes = {name: path.stat().st_size for name, path in files.items()}
        print(f"bodies: crossing {sizes['crossing']} bytes, same dialect {sizes['same']} bytes; 40 events an answer")

        def sides(proxy):
            rows = {"crossing": [], "same": []}
            for number in range(options.rounds):
                for kind in (("crossing", "same"), ("same", "crossing"))[number % 2]:
                    rows[kind].append(cpu_us(options.build, proxy, kind, files[kind], options.seconds, 40))
            return rows
        rows = with_origin(options.build, 40, work, sides)
        for kind, values in rows.items():
            print(f"  {kind:9} {spread(values)} us of CPU an answer")
        print(f"  ratio     {spread([a / b for a, b in zip(rows['crossing'], rows['same'])])} (bar 2.0)")

        per_event = {}
        for events in (400, 800):
            per_event[events] = with_origin(options.build, events, work, lambda proxy: [
                cpu_us(options.build, proxy, "crossing", files["crossing"], options.seconds, events) / events for _ in range(options.rounds)])
            print(f"  {events} events: {spread(per_event[events])} us of CPU an event")
        change = statistics.median(per_event[800]) / statistics.median(per_event[400]) - 1
        print(f"  twice as many events: {change * 100:+.1f} % an event (bar 10 %)")


if __name__ == "__main__":
    main()
