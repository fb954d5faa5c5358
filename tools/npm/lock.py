#!/usr/bin/env python3
"""Regenerates a folder's package-lock.json: lock.py FOLDER [--bare].

Without addresses, so that any registry or mirror can serve it. --bare keeps only the named packages and removes their
dependencies: of node-llama-cpp only the files (a git bundle) are used, its code is never run.
"""
import json
import pathlib
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
path = folder / "package-lock.json"
path.unlink(missing_ok=True)
subprocess.run(["npm", "install", "--package-lock-only", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund",
                "--omit-lockfile-registry-resolved=true"], cwd=folder, check=True)
lock = json.loads(path.read_text())
named = json.loads((folder / "package.json").read_text())["dependencies"]
packages = {}
for name, entry in lock["packages"].items():
    entry.pop("resolved", None)
    if "--bare" in sys.argv and name:
        if name.removeprefix("node_modules/") not in named:
            continue
        for kind in ("dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta", "bin"):
            entry.pop(kind, None)
    packages[name] = entry
lock["packages"] = packages
path.write_text(json.dumps(lock, indent=2) + "\n")
