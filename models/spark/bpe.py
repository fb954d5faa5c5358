#!/usr/bin/env python3
"""Byte-level BPE: trainer and encoder, with the pre-tokeniser that llama.cpp calls "qwen2".

    bpe.py TRAIN.jsonl TOKENIZER.json [VOCAB]

The vocabulary: 256 bytes (GPT-2's printable alphabet), then merges in order, then the special tokens.
"""
import collections
import heapq
import json
import random
import sys

import regex

PRE = regex.compile(
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = [
    "<|endoftext|>", "<|bos|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>",
    "<|repo_name|>", "<|file_sep|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>",
]
SAMPLE_BYTES = 24_000_000


def byte_alphabet():
    """GPT-2's map from bytes to printable characters (the form that vocabularies are stored in)."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {}, 0
    for b in range(256):
        if b in keep:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + extra)
            extra += 1
    return table


def train(words, merges_wanted):
    """words: {bytes: count}. Returns merges as pairs of ids; id 256 + i is what merge i makes."""
    seqs = [list(w) for w in words]
    counts = list(words.values())
    pairs, where = collections.Counter(), collections.defaultdict(set)
    for i, s in enumerate(seqs):
        for p in zip(s, s[1:]):
            pairs[p] += counts[i]
            where[p].add(i)
    heap = [(-c, p) for p, c in pairs.items()]
    heapq.heapify(heap)
    merges = []
    while len(merges) < merges_wanted and heap:
        c, p = heapq.heappop(heap)
        if pairs.get(p, 0) != -c:
            if pairs.get(p, 0) > 0:
                heapq.heappush(heap, (-pairs[p], p))
            continue
        new = 256 + len(merges)
        merges.append(p)
        touched = set()
        for i in where.pop(p):
            s, n = seqs[i], counts[i]
            out, j = [], 0
            while j < len(s):
                if j + 1 < len(s) and s[j] == p[0] and s[j + 1] == p[1]:
                    out.append(new)
                    j += 2
                else:
                    out.append(s[j])
                    j += 1
            for q in zip(s, s[1:]):
                pairs[q] -= n
            for q in zip(out, out[1:]):
                pairs[q] += n
                where[q].add(i)
                touched.add(q)
            seqs[i] = out
        pairs.pop(p, None)
        for q in touched:
            if pairs[q] > 0:
                heapq.heappush(heap, (-pairs[q], q))
    return merges


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(m) for m in merges]
        self.rank = {m: i for i, m in enumerate(self.merges)}
        self.pieces = [bytes([b]) for b in range(256)]
        for a, b in self.merges:
            self.pieces.append(self.pieces[a] + self.pieces[b])
        self.special = {s: len(self.pieces) + i for i, s in enumerate(SPECIAL)}
        self.size = len(self.pieces) + len(SPECIAL)
        self.cache = {}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            return cls(json.load(f)["merges"])

    def word(self, w):
        ids = self.cache.get(w)
        if ids is None:
            ids = list(w.encode("utf-8"))
            while len(ids) > 1:
                best = min(zip(ids, ids[1:]), key=lambda p: self.rank.get(p, 1 << 30))
                if best not in self.rank:
                    break
                new, out, j = 256 + self.rank[best], [], 0
                while j < len(ids):
                    if j + 1 < len(ids) and (ids[j], ids[j + 1]) == best:
                        out.append(new)
                        j += 2
                    else:
                        out.append(ids[j])
                        j += 1
                ids = out
            if len(self.cache) < 2_000_000:
                self.cache[w] = ids
        return ids

    def encode(self, text):
        """Text only: a special token's name in the text stays text."""
        out = []
        for w in PRE.findall(text):
            out += self.word(w)
        return out

    def decode_bytes(self, ids):
        return b"".join(self.pieces[i] if i < len(self.pieces) else b"" for i in ids)

    def decode(self, ids):
        return self.decode_bytes(ids).decode("utf-8", "replace")


def main():
    source, target = sys.argv[1], sys.argv[2]
    vocab = int(sys.argv[3]) if len(sys.argv) > 3 else 4096
    with open(source, encoding="utf-8") as f:
        texts = [json.loads(line)["text"] for line in f]
    random.Random(2).shuffle(texts)
    words, size = collections.Counter(), 0
    for t in texts:
        words.update(PRE.findall(t))
        size += len(t)
        if size > SAMPLE_BYTES:
            break
    words = {w.encode("utf-8"): c for w, c in words.items() if c > 1 and len(w) <= 64}
    merges = train(words, vocab - 256 - len(SPECIAL))
    with open(target, "w", encoding="utf-8") as f:
        json.dump({"pre": "qwen2", "special": SPECIAL, "merges": merges}, f, separators=(",", ":"))
    print(f"{len(words)} words of {size} bytes, {len(merges)} merges")


if __name__ == "__main__":
    main()
