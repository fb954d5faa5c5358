#!/usr/bin/env python3
"""Runs the doctest programs that CTest lists and counts their test cases: unit.py BUILD_DIR [-j N].

Each program is one CTest test; doctest's own summary line gives the cases. Ends with "N passed, N failed".
"""
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile

LIMIT_S = 240  # one program, with sanitizers, on a busy machine


def tests(build):
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, check=True)
    for test in json.loads(listed.stdout)["tests"]:
        if "command" in test:
            folder = next((p["value"] for p in test.get("properties", []) if p["name"] == "WORKING_DIRECTORY"), build)
            yield test["name"], test["command"], folder


def run(test):
    """(name, exit status, output). Each program has its own process group; processes that remain are a failure."""
    name, command, folder = test
    with tempfile.TemporaryFile() as output:  # a file, since remaining processes would keep a pipe open
        program = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, process_group=0)
        try:
            code, remark = program.wait(LIMIT_S), ""
        except subprocess.TimeoutExpired:
            code, remark = 124, f"\ntimeout after {LIMIT_S} s\n"
        try:
            os.killpg(program.pid, signal.SIGKILL)
            if code != 124:
                code, remark = 125, "\nprocesses of this program were still running after its exit\n"
        except ProcessLookupError:
            pass
        program.wait()
        output.seek(0)
        return name, code, output.read().decode(errors="replace") + remark


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
