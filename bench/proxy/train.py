#!/usr/bin/env python3
"""Makes the profile of the road that release builds use (cmake/Compiler.cmake, HEARTH_PROFILE).

  train.py COUNTING_BUILD TOOLS_BUILD OUT

COUNTING_BUILD holds a `hearth` that counts what it runs, TOOLS_BUILD the benchmark's origin and load. The load is the
proxy benchmark's: whole answers flat out, alone and at a rate, streams; with a key, every stage on.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import measure
import peers

LOADS = [("flat", 64, []), ("flat", 8, []), ("flat", 1, []), ("rate", 64, [500]), ("stream", 64, [])]


def main():
    counting, tools, out = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
    with tempfile.TemporaryDirectory(prefix="hearth-train-") as folder:
        work = pathlib.Path(folder)
        whole, stream = measure.bodies(work)
        origin, port = measure.start_origin(tools)
        os.environ["LLVM_PROFILE_FILE"] = str(work / "command-line.unused")  # of `hearth key add`
        hearth = peers.hearth(work, peers.free_port(), port, counting / "bin/hearth")
        hearth.env["LLVM_PROFILE_FILE"] = str(work / "road-%p.profraw")
        try:
            hearth.start()
            for mode, connections, more in LOADS:
                body = stream if mode == "stream" else whole
                result = measure.load(tools, hearth, mode, 2, body, *more, connections=connections)
                print(f"    {mode} x {connections}: {result['requests']} requests")
                if result["errors"] or result["wrong"] or not result["requests"]:
                    sys.exit(f"the load failed: {result}")
        finally:
            hearth.stop()  # writes the counters as it ends
            origin.kill()
        counters = [str(p) for p in work.glob("*.profraw")]
        if not counters:
            sys.exit("hearth wrote no counters: is it the counting build?")
        subprocess.run(["llvm-profdata-19", "merge", "--sparse", "-o", str(out), *counters], check=True)
    print(f"    {out.stat().st_size // 1024} KB in {os.path.relpath(out)}")


if __name__ == "__main__":
    main()
