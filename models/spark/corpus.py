#!/usr/bin/env python3
"""Reads the archives that fetch.py brought, filters the sources and writes one text file per split.

    corpus.py ARCHIVES OUT

OUT/train.jsonl and OUT/held-out.jsonl: one file a line, {"package", "path", "lang", "text"}.
"""
import hashlib
import io
import json
import pathlib
import random
import re
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
SUFFIX = {
    ".py": "py", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "js", ".ts": "js", ".tsx": "js",
    ".c": "cpp", ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".h": "cpp", ".hh": "cpp", ".hpp": "cpp",
    ".go": "go",
}
SKIP_PATH = re.compile(
    r"(^|/)(node_modules|vendor|_vendor|third[-_]?party|vendored|externals?|deps|locale|locales|i18n|testdata"
    r"|umd|min|__snapshots__|fixtures)/|[.-]min\.|\.d\.[cm]?ts$|\.bundle\.|\.pb\.(go|h|cc)$|_pb2|zz_generated"
    r"|tables.*\.go$|amalgam|single_include|prebuilt")
KEEP_DEPS = re.compile(r"(^|/)deps/(leveldb|re2|abseil)")
GENERATED = re.compile(r"DO NOT EDIT|@generated|[Gg]enerated by|auto-?generated|sourceMappingURL=data", re.S)
MIN_FILE, MAX_FILE = 300, 90_000
TRAIN_PACKAGE_CAP = 3_000_000
TRAIN_LANGUAGE_CAP = {"py": 24_000_000, "js": 24_000_000, "cpp": 20_000_000, "go": 16_000_000}
HELD_PACKAGE_CAP = 64_000
LONG_LINE = 25


def members(archive, source):
    """Yields (path, bytes) of an archive's regular files that carry a wanted suffix."""
    if source == "debian":
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(archive)], check=True, capture_output=True).stdout
        tar = tarfile.open(fileobj=io.BytesIO(data))
    else:
        tar = tarfile.open(archive)
    with tar:
        for m in tar:
            if m.isfile() and MIN_FILE <= m.size <= MAX_FILE and pathlib.PurePosixPath(m.name).suffix in SUFFIX:
                yield m.name, tar.extractfile(m).read()
            elif m.isfile() and "/c++/v1/" in m.name and MIN_FILE <= m.size <= MAX_FILE:
                yield m.name + ".h", tar.extractfile(m).read()


def acceptable(path, raw):
    if SKIP_PATH.search(path) and not KEEP_DEPS.search(path):
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    text = text.replace("\r\n", "\n")
    if "\r" in text or "\0" in text or GENERATED.search(text[:3000]):
        return None
    lines = text.split("\n")
    if max(map(len, lines)) > 500 or len(text) / len(lines) > 70:
        return None
    if sum(c > "\x7e" for c in text) > 0.01 * len(text):
        return None
    if sum(c.isdigit() for c in text) > 0.15 * len(text):
        return None
    return text


def long_lines(text):
    return {hash(s) for s in (l.strip() for l in text.split("\n")) if len(s) >= LONG_LINE}


def rank(path):
    """Sources before what was built from them, so that the duplicate filter keeps the source."""
    if re.search(r"/src(\.ts)?/|/source/", path):
        return 0
    return 2 if re.search(r"/(dist|build|cjs|esm|es|lib\.esm|lib\.commonjs|commonjs|fesm\d*)/", path) else 1


def read_package(archives, entry, seed):
    files = []
    for path, raw in members(archives / entry["file"], entry["source"]):
        lang = SUFFIX[pathlib.PurePosixPath(path).suffix]
        if lang not in entry["languages"]:
            continue
        if "only" in entry and not any(o in path for o in entry["only"]):
            continue
        text = acceptable(path, raw)
        if text:
            files.append({"package": entry["name"], "path": path, "lang": lang, "text": text})
    random.Random(seed).shuffle(files)
    files.sort(key=lambda f: rank(f["path"]))
    return files


def take(files, seen, cap, banned=frozenset()):
    """Keeps files that bring new lines, up to cap bytes; banned: lines that the other split owns."""
    kept, size = [], 0
    for f in files:
        lines = long_lines(f["text"])
        if not lines or len(lines & seen) > 0.5 * len(lines) or len(lines & banned) > 0.15 * len(lines):
            continue
        if size + len(f["text"]) > cap:
            continue
        seen |= lines
        size += len(f["text"])
        kept.append(f)
    return sorted(kept, key=lambda f: f["path"])


def main():
    archives, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((HERE / "corpus.json").read_text())
    seed = lambda e: int.from_bytes(hashlib.sha256(e["name"].encode()).digest()[:8], "big")
    held, held_all = [], set()
    for e in (e for e in manifest if e["split"] == "held-out"):
        files = read_package(archives, e, seed(e))
        for f in files:
            held_all |= long_lines(f["text"])
        held += take(files, set(), HELD_PACKAGE_CAP)
    train, seen, used = [], set(), dict.fromkeys(TRAIN_LANGUAGE_CAP, 0)
    for e in (e for e in manifest if e["split"] == "train"):
        kept = take(read_package(archives, e, seed(e)), seen, TRAIN_PACKAGE_CAP, held_all)
        print(e["name"], len(kept), sum(len(f["text"]) for f in kept), flush=True)
        train += kept
    chosen = []
    random.Random(1).shuffle(train)
    for f in train:
        if used[f["lang"]] + len(f["text"]) <= TRAIN_LANGUAGE_CAP[f["lang"]]:
            used[f["lang"]] += len(f["text"])
            chosen.append(f)
    chosen.sort(key=lambda f: (f["package"], f["path"]))
    for name, rows in (("train", chosen), ("held-out", held)):
        with open(out / f"{name}.jsonl", "w", encoding="utf-8") as w:
            for f in rows:
                w.write(json.dumps(f) + "\n")
        per = {}
        for f in rows:
            per[f["lang"]] = per.get(f["lang"], 0) + len(f["text"].encode())
        print(name, len(rows), "files", per, sum(per.values()), "bytes")


if __name__ == "__main__":
    main()
