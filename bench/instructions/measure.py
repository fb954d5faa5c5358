#!/usr/bin/env python3
"""User-mode instructions of Hearth per request, per streamed event and per crossing, and the memory of an idle stream.

  measure.py BUILD_DIR [--compare PROGRAM] [--json FILE] [--repeat 1]

Each figure is the difference of two runs of different length under `valgrind --tool=callgrind`, divided by the difference
in requests (or events), so that start and end cancel out. Unlike time, the count does not depend on what else the machine
does, and small losses show. What would make it vary is kept still: one kept connection and one request at a time (so that
every request has its own commits in the ledger), a clock that moves with each question instead of by itself
(counted_clock.cpp), no address space randomisation, an environment of a few fixed variables, a new home for every run; of
a stream each event is sent only when the client has the one before, so that every event is read and written alone. The kernel's part is not counted: `./dev bench proxy` measures both.

--compare counts a second `hearth` (the commit before, say) in turns with the first, prints the ratio of each figure and
fails when one is more than 2 % above. --repeat measures everything so many times: medians, and the widest spread.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCH / "proxy"), str(BENCH / "crossing")]
import messages  # noqa: E402
import measure as proxy_bench  # noqa: E402
import peers  # noqa: E402

BAR = 1.02
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"


@dataclasses.dataclass
class Figure:
    """What is sent, and how the two runs differ: in requests, or in the events of each stream."""
    name: str
    body: str
    path: str
    requests: tuple
    events: tuple = (40, 40)
    stepped: bool = False

    def difference(self):
        if self.requests[0] != self.requests[1]:
            return self.requests[1] - self.requests[0]
        return self.requests[0] * (self.events[1] - self.events[0])


FIGURES = [
    Figure("whole request", "whole", CHAT, (100, 600)),
    Figure("streamed request of 40 events", "same", CHAT, (50, 250)),
    Figure("event of a stream", "same", CHAT, (4, 4), (50, 300), stepped=True),
    Figure("whole crossing", "crossing_whole", MESSAGES, (50, 250)),
    Figure("streamed crossing of 40 events", "crossing", MESSAGES, (50, 250)),
    Figure("event of a streamed crossing", "crossing", MESSAGES, (4, 4), (50, 300), stepped=True),
]


def bodies(work):
    files = messages.write_bodies(work)
    files["whole"], files["stream"] = proxy_bench.bodies(work)
    return files


def clean_environment(build, proxy):
    names = ("HEARTH_HOME", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    return {"PATH": os.environ["PATH"], "HOME": str(proxy.home), "LC_ALL": "C",
            "LD_PRELOAD": str(build / "bench/libcounted-clock.so"), **{n: proxy.env[n] for n in names}}


def ask(build, proxy, figure, body, requests, events, origin_port):
    env = {**os.environ, "LOAD_HEADERS": proxy.headers, "LOAD_PATH": figure.path, "LOAD_EVENTS": str(events)}
    if figure.stepped:
        env["LOAD_STEP_PORT"] = str(origin_port)
    out = subprocess.check_output([str(build / "bench/proxy-load"), str(proxy.port), "count", "1", str(requests), str(body)],
                                  env=env, text=True, timeout=300)
    answers = json.loads(out)
    if answers["requests"] != requests or answers["wrong"] or answers["errors"]:
        raise SystemExit(f"{figure.name}: not every answer is right: {answers}")


def instructions(build, program, figure, body, requests, events):
    """Of one whole life of the program: it starts, answers so many requests, and ends."""
    arguments = ["--events", str(events)] + (["--stepped"] if figure.stepped else [])
    with tempfile.TemporaryDirectory(prefix="hearth-count-") as folder:
        work = pathlib.Path(folder)
        log = work / "callgrind.log"
        origin, origin_port = proxy_bench.start_origin(build, arguments)
        try:
            hearth = peers.hearth(work, peers.free_port(), origin_port, program)
            hearth.env, hearth.pinned = clean_environment(build, hearth), False
            hearth.stop_limit = 120  # callgrind writes its count as the program ends
            hearth.command = ["setarch", "-R", "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                              f"--log-file={log}", *hearth.command]
            hearth.start()
            try:
                ask(build, hearth, figure, body, requests, events, origin_port)
            finally:
                hearth.stop()
        finally:
            origin.kill()
            origin.wait()
        rows = sqlite3.connect(hearth.home / "ledger.db").execute(peers.SETTLED_ROWS).fetchone()[0]
        if rows != requests:
            raise SystemExit(f"{figure.name}: {rows} settled rows for {requests} answers")
        counted = re.search(r"Collected : (\d+)", log.read_text())
        if not counted:
            raise SystemExit(f"{figure.name}: callgrind counted nothing:\n{log.read_text()}")
        return int(counted[1])


def count(build, program, figure, files):
    short, long = (instructions(build, program, figure, files[figure.body], figure.requests[i], figure.events[i]) for i in (0, 1))
    return (long - short) / figure.difference()


def idle_stream_kb(build, program, files):
    """As the proxy benchmark measures it: without callgrind."""
    with tempfile.TemporaryDirectory(prefix="hearth-count-") as folder:
        origin, port = proxy_bench.start_origin(build)
        hearth = peers.hearth(pathlib.Path(folder), peers.free_port(), port, program)
        try:
            hearth.start()
            # Pages that every later request uses are not the streams': without this they are counted among them.
            proxy_bench.load(build, hearth, "count", 2000, files["whole"])
            return proxy_bench.idle_streams(build, hearth, files["stream"])
        finally:
            hearth.stop()
            origin.kill()
            origin.wait()


def note(rows, programs, figure, program, value):
    rows.setdefault(figure, {p: [] for p in programs})[program].append(value)
    print(f"    {figure}, {program}: {value:,.1f}", file=sys.stderr, flush=True)


def spread(values):
    return (max(values) - min(values)) / statistics.median(values) * 100


def report(rows, programs, bar):
    """Prints the table and returns the names of the figures above the bar."""
    above = []
    titles = "".join(f"{name:>14}" for name in programs)
    print(f"\n{'':34}{titles}" + (f"{'ratio':>9}" if len(programs) > 1 else ""))
    for name, values in rows.items():
        medians = {p: statistics.median(values[p]) for p in programs}
        line = f"  {name:32}" + "".join(f"{m:14,.1f}" for m in medians.values())
        if len(programs) > 1:
            ratio = medians["hearth"] / medians["compared"]
            values["ratio"] = ratio
            line += f"{ratio:9.4f}"
            if ratio > bar:
                above.append(name)
                line += f"  above {bar}"
        if len(values["hearth"]) > 1:
            line += "   spread " + ", ".join(f"{spread(values[p]):.2f} %" for p in programs)
        print(line)
    return above


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--compare", type=pathlib.Path, metavar="PROGRAM", default=os.environ.get("HEARTH_COMPARE"))
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    build = options.build.resolve()
    programs = {"hearth": build / "bin/hearth"}
    if options.compare:
        programs["compared"] = pathlib.Path(options.compare).resolve()
    for program in programs.values():
        if not os.access(program, os.X_OK):
            parser.error(f"{program} is no program")
    rows = {}
    with tempfile.TemporaryDirectory(prefix="hearth-bodies-") as folder:
        files = bodies(pathlib.Path(folder))
        for _ in range(options.repeat):
            for figure in FIGURES:
                for name, program in programs.items():
                    note(rows, programs, figure.name, name, count(build, program, figure, files))
            for name, program in programs.items():
                note(rows, programs, "idle stream (KB)", name, idle_stream_kb(build, program, files))
    print("user-mode instructions, counted by callgrind; one request at a time")
    above = report(rows, programs, BAR)
    if options.json:
        options.json.write_text(json.dumps({"programs": {n: str(p) for n, p in programs.items()}, "bar": BAR, "figures": rows}, indent=1) + "\n")
    if above:
        raise SystemExit(f"more than {(BAR - 1) * 100:.0f} % above: {', '.join(above)}")


if __name__ == "__main__":
    main()
