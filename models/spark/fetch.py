#!/usr/bin/env python3
"""Brings the archives of corpus.json through npm and apt, checks each hash, and writes CORPUS.md.

    fetch.py ARCHIVES          bring and check
    fetch.py --list            write CORPUS.md from corpus.json alone

A Debian package whose pinned version has left the archive must be taken from Debian's snapshot service by hand.
"""
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
INTRO = """# What spark was trained on, and what it is measured on

Written by `fetch.py` from `corpus.json`; do not edit. Every archive is pinned by version and SHA-256. Debian packages
come from Debian 12, the others from npm. Only source files in the named languages are read, and `corpus.py` leaves out
vendored, generated, minified, very long and duplicate ones, so that a licence below that covers only a vendored or
documentation part of an archive (CC-BY and Boost parts, for instance) does not cover what was read. Licences are as the
archive states them (`debian/copyright`, `package.json`); MIT stands for Debian's "Expat".

The held-out projects are in no training list; a training file that shares more than 15 % of its longer lines with them
is dropped. They were chosen before the first training run and not changed after it.
"""


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bring(entry, folder):
    target = folder / entry["file"]
    if not target.exists():
        if entry["source"] == "npm":
            command = ["npm", "pack", "--ignore-scripts", "--silent", f"{entry['name']}@{entry['version']}"]
        else:
            command = ["apt-get", "download", f"{entry['name']}={entry['version']}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode or not target.exists():
            return f"{entry['name']} {entry['version']}: {' '.join(command)} failed: {done.stderr.strip()[-300:]}"
    found = digest(target)
    return None if found == entry["sha256"] else f"{target.name}: SHA-256 is {found}, corpus.json says {entry['sha256']}"


def table(entries):
    rows = ["| Package | From | Version | Languages | Licence | SHA-256 |", "|---|---|---|---|---|---|"]
    for e in entries:
        where = f" (only {', '.join(e['only'])})" if "only" in e else ""
        licence = e["licence"].replace(" | ", ", ")
        rows.append(f"| {e['name']}{where} | {e['source']} | {e['version']} | {', '.join(e['languages'])} | {licence} "
                    f"| `{e['sha256']}` |")
    return "\n".join(rows)


def write_list(manifest):
    train = [e for e in manifest if e["split"] == "train"]
    held = [e for e in manifest if e["split"] == "held-out"]
    text = f"{INTRO}\n## Training: {len(train)} packages\n\n{table(train)}\n\n## Held out: {len(held)} packages\n\n{table(held)}\n"
    (HERE / "CORPUS.md").write_text(text, encoding="utf-8")


def main():
    manifest = json.loads((HERE / "corpus.json").read_text(encoding="utf-8"))
    if sys.argv[1:] != ["--list"]:
        folder = pathlib.Path(sys.argv[1])
        folder.mkdir(parents=True, exist_ok=True)
        wrong = [w for w in (bring(e, folder) for e in manifest) if w]
        if wrong:
            sys.exit("\n".join(wrong))
        print(f"{len(manifest)} archives are there, each with its pinned hash")
    write_list(manifest)


if __name__ == "__main__":
    main()
