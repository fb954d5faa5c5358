#!/usr/bin/env python3
"""Prints the line coverage of each codec by its unit tests: ./dev coverage.

usage: coverage.py BUILD   a build of the preset `coverage` that includes test_wire
Runs test_wire, reads llvm-cov's summary and adds up the lines of each folder under src/wire. Exit status 1 when a folder
is below the threshold.
"""
import collections
import json
import pathlib
import subprocess
import sys

MINIMUM = 90.0  # per cent of lines
ROOM = "src/wire"


def summary(build: pathlib.Path) -> list[dict]:
    """One record of llvm-cov for each source and header of the room."""
    test, raw, data = build / "test_wire", build / "wire.profraw", build / "wire.profdata"
    subprocess.run([test, "--no-version", "--minimal"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, env={"LLVM_PROFILE_FILE": str(raw), "PATH": "/usr/bin:/bin"})
    subprocess.run(["llvm-profdata-19", "merge", "-sparse", raw, "-o", data], check=True)
    text = subprocess.run(["llvm-cov-19", "export", test, f"-instr-profile={data}", "-summary-only"],
                          check=True, capture_output=True, text=True).stdout
    return [one for one in json.loads(text)["data"][0]["files"] if f"{ROOM}/" in one["filename"]]


def folder_of(name: str) -> str:
    inside = name.split(f"{ROOM}/", 1)[1]
    return inside.split("/", 1)[0] if "/" in inside else "(crossing)"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    lines, covered = collections.Counter(), collections.Counter()
    lowest = {}
    for one in summary(pathlib.Path(sys.argv[1])):
        folder, count = folder_of(one["filename"]), one["summary"]["lines"]
        lines[folder] += count["count"]
        covered[folder] += count["covered"]
        worst = (count["percent"], one["filename"].rsplit("/", 1)[1])
        if count["count"] >= 10:
            lowest[folder] = min(lowest.get(folder, worst), worst)
    below = 0
    print(f"{'codec':12} {'lines':>6} {'run':>7}   least covered source")
    for folder in sorted(lines):
        share = 100 * covered[folder] / lines[folder]
        below += share < MINIMUM
        percent, name = lowest.get(folder, (100, "-"))
        print(f"{folder:12} {lines[folder]:6} {share:6.1f}%   {name} {percent:.0f}%{'   BELOW ' + str(MINIMUM) if share < MINIMUM else ''}")
    print(f"{len(lines) - below} passed, {below} failed")
    return 1 if below or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
