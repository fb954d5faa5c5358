#!/usr/bin/env python3
"""Runs the doctest programs that CTest lists and counts their test cases: unit.py BUILD_DIR [-j N].

Each program is one CTest test; doctest's own summary line gives the cases. Closes with "N passed, N failed".
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

LIMIT_S = 240  # one program, with sanitizers, on a busy machine


def tests(build):
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, check=True)
    for test in json.loads(listed.stdout)["tests"]:
        if "command" in test:
            folder = next((p["value"] for p in test.get("properties", []) if p["name"] == "WORKING_DIRECTORY"), build)
            yield test["name"], test["command"], folder


def run(test):
    name, command, folder = test
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=LIMIT_S)
        return name, done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as expired:
        return name, 124, (expired.stdout or b"").decode(errors="replace") + f"\nno end after {LIMIT_S} s\n"


def tally(code, output):
    found = re.search(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed", output)
    passed, failed = (int(found[1]), int(found[2])) if found else (int(code == 0), 0)
    return passed, max(failed, int(code != 0))


def main():
    build = sys.argv[1]
    all_tests = list(tests(build))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, code, output in pool.map(run, all_tests):
            good, bad = tally(code, output)
            passed, failed = passed + good, failed + bad
            print(f"{'ok    ' if not bad else 'FAILED'} {name}: {good} passed, {bad} failed", flush=True)
            if bad:
                print(output)
    if not all_tests:
        print(f"no unit tests in {build}")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
