#!/usr/bin/env python3
"""Turns train.jsonl into token streams.

    dataset.py TRAIN.jsonl TOKENIZER.json OUT

OUT/code.u16: the sources in the manifest's order, each ended by <|endoftext|>; OUT/chat.u16: the conversations.
"""
import json
import multiprocessing
import pathlib
import re
import sys
import zlib

import numpy as np

from bpe import Tokenizer
from chat import conversations

CHAT_COUNT = 9000
HEADER = re.compile(r"\A(#![^\n]*\n)?(\s*(/\*.*?\*/|(//[^\n]*\n)+|(#[^\n]*\n)+))", re.S)
tok = None


def strip_licence(text, path):
    """Four of five licence headers go: the model needs to see them, not to spend its hours on them."""
    m = HEADER.match(text)
    if m and re.search(r"licen[cs]e|copyright", m.group(0), re.I) and zlib.crc32(path.encode()) % 5:
        return text[m.end():].lstrip("\n")
    return text


def start(path):
    global tok
    tok = Tokenizer.load(path)


def encode(f):
    return np.array(tok.encode(strip_licence(f["text"], f["path"])) + [tok.special["<|endoftext|>"]], dtype=np.uint16)


def encode_parts(t, parts):
    ids = []
    for p in parts:
        ids += [t.special[p]] if p in t.special else t.encode(p)
    return ids


def main():
    source, tokenizer, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    with open(source, encoding="utf-8") as f:
        files = [json.loads(line) for line in f]
    with multiprocessing.Pool(2, start, (tokenizer,)) as pool:
        parts = pool.map(encode, files, chunksize=200)
    code = np.concatenate(parts)
    code.tofile(out / "code.u16")
    start(tokenizer)
    chat = []
    for parts in conversations(files, CHAT_COUNT):
        chat += encode_parts(tok, parts) + [tok.special["<|endoftext|>"]]
    np.array(chat, dtype=np.uint16).tofile(out / "chat.u16")
    size = sum(len(f["text"].encode()) for f in files)
    print(f"code: {len(code)} tokens, {size / len(code):.3f} bytes a token; chat: {len(chat)} tokens")


if __name__ == "__main__":
    main()
