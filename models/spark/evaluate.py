#!/usr/bin/env python3
"""Measures spark.gguf on the held-out projects: bits per byte beside xz -9e, exact lines beside a 5-gram.

    evaluate.py DATA SPARK.gguf [--tasks 500] [--stride 512] [--only bits|lines]

DATA holds what corpus.py and dataset.py wrote. Weights, vocabulary and shape come from the GGUF alone.
"""
import argparse
import json
import lzma
import math
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from bpe import Tokenizer, byte_alphabet
from export import LAYER
from gguf import Reader
from model import Shape, Spark, rotate
from ngram import NGram

PREFIX_TOKENS, SUFFIX_TOKENS, MAX_NEW = 640, 256, 48
TASK_SEED = 7


def load(path):
    r = Reader(path)
    m = r.meta
    shape = Shape(vocab=m["llama.vocab_size"], dim=m["llama.embedding_length"], layers=m["llama.block_count"],
                  heads=m["llama.attention.head_count"], kv_heads=m["llama.attention.head_count_kv"],
                  hidden=m["llama.feed_forward_length"], context=m["llama.context_length"],
                  rope_base=m["llama.rope.freq_base"], eps=m["llama.attention.layer_norm_rms_epsilon"])
    weights = {"embed.weight": r.tensors["token_embd.weight"], "norm.weight": r.tensors["output_norm.weight"],
               "head.weight": r.tensors["output.weight"]}
    for i in range(shape.layers):
        for mine, theirs in LAYER.items():
            weights[f"layers.{i}.{mine}.weight"] = r.tensors[f"blk.{i}.{theirs}.weight"]
    model = Spark(shape)
    model.load_state_dict({k: torch.from_numpy(v.astype(np.float32)) for k, v in weights.items()})
    back = {c: b for b, c in byte_alphabet().items()}
    tokens = m["tokenizer.ggml.tokens"]
    ids = {t: i for i, t in enumerate(tokens)}
    order = {bytes([back[c]]): ids[c] for c in back}
    if sorted(order.values()) != list(range(256)):
        raise ValueError("the first 256 tokens are not the bytes")
    merges = [tuple(ids[p] for p in pair.split(" ")) for pair in m["tokenizer.ggml.merges"]]
    return model.eval(), Tokenizer(merges)


@torch.no_grad()
def nats(model, ids, bos, stride):
    """Minus the log-probability of every id; each sees between context - stride and context ids before it."""
    window = model.shape.context - 1
    out, done, batch, spans = np.zeros(len(ids)), 0, [], []

    def flush():
        if batch:
            logits = model(torch.tensor(batch))[:, :-1]
            want = torch.tensor([row[1:] for row in batch])
            loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), want.reshape(-1), reduction="none")
            for row, (lo, new) in zip(loss.view(want.shape).numpy(), spans):
                out[new:lo + len(row)] = row[new - lo:]
            batch.clear()
            spans.clear()

    lo = 0
    while done < len(ids):
        hi = min(lo + window, len(ids))
        if hi - lo < window:
            flush()
        batch.append([bos] + list(ids[lo:hi]))
        spans.append((lo, done))
        done = hi
        lo += stride
        if len(batch) == 4:
            flush()
    flush()
    return out


class Decoder:
    """Greedy continuation with kept keys and values."""

    def __init__(self, model):
        self.model = model
        self.keys = [None] * len(model.layers)
        self.values = [None] * len(model.layers)
        self.at = 0

    @torch.no_grad()
    def feed(self, ids):
        m, n = self.model, len(ids)
        x = m.embed(torch.tensor([ids]))
        cos, sin = m.cos[self.at:self.at + n], m.sin[self.at:self.at + n]
        mask = torch.full((n, self.at + n), float("-inf")).triu_(self.at + 1)
        for i, layer in enumerate(m.layers):
            h = layer.attn_norm(x)
            q, k, v = (w(h).view(1, n, layer.heads, layer.head_dim) for w in (layer.q, layer.k, layer.v))
            q, k = rotate(q, cos, sin), rotate(k, cos, sin)
            if self.at:
                k, v = torch.cat((self.keys[i], k), 1), torch.cat((self.values[i], v), 1)
            self.keys[i], self.values[i] = k, v
            score = q.transpose(1, 2) @ k.permute(0, 2, 3, 1) / math.sqrt(layer.head_dim) + mask
            a = (score.softmax(-1) @ v.transpose(1, 2)).transpose(1, 2).reshape(1, n, -1)
            x = x + layer.o(a)
            h = layer.ffn_norm(x)
            x = x + layer.down(F.silu(layer.gate(h)) * layer.up(h))
        self.at += n
        return int(m.head(m.norm(x[:, -1])).argmax())


def infill(model, tok, prefix, suffix):
    """The text that greedy decoding puts between prefix and suffix, to the end of the line."""
    s = tok.special
    ids = ([s["<|bos|>"], s["<|fim_suffix|>"]] + tok.encode(suffix)[:SUFFIX_TOKENS] + [s["<|fim_prefix|>"]]
           + tok.encode(prefix)[-PREFIX_TOKENS:])
    decoder, made = Decoder(model), []
    new = decoder.feed(ids)
    while new < len(tok.pieces) and len(made) < MAX_NEW:
        made.append(new)
        if b"\n" in tok.pieces[new]:
            break
        new = decoder.feed([new])
    return tok.decode(made).split("\n")[0]


def continue_line(grams, tok, prefix):
    """What the 5-gram makes of the same line prefix (and of the tokens before it), to the end of the line."""
    ids, made = tok.encode(prefix[-400:]), []
    while len(made) < MAX_NEW:
        new = grams.next(ids + made)
        if new >= len(tok.pieces):
            break
        made.append(new)
        if b"\n" in tok.pieces[new]:
            break
    return tok.decode(made).split("\n")[0]


def tasks(files, count):
    """(prefix, rest of the line, suffix): a line of 8 characters or more, cut anywhere from its first to its last."""
    rng = random.Random(TASK_SEED)
    out = []
    while len(out) < count:
        text = rng.choice(files)["text"]
        lines = text.split("\n")
        at = rng.randrange(len(lines))
        body = lines[at].strip()
        if len(body) < 8:
            continue
        start = sum(len(l) + 1 for l in lines[:at])
        end = start + len(lines[at].rstrip())
        cut = rng.randrange(end - len(body), end)
        out.append((text[:cut], text[cut:end], text[start + len(lines[at]):]))
    return out


def bits(files, model, tok, stride):
    text = "".join(f["text"] for f in files)
    raw = text.encode("utf-8")
    ids = tok.encode(text)
    if tok.decode_bytes(ids) != raw:
        raise ValueError("the tokens do not give the text back")
    began = time.monotonic()
    loss = nats(model, ids, tok.special["<|bos|>"], stride)
    packed = len(lzma.compress(raw, preset=9 | lzma.PRESET_EXTREME))
    print(f"bytes {len(raw)}, files {len(files)}, tokens {len(ids)} ({len(raw) / len(ids):.3f} bytes a token), "
          f"stride {stride}, {time.monotonic() - began:.0f} s")
    print(f"spark   {loss.sum() / math.log(2) / len(raw):.4f} bits per byte ({loss.mean():.4f} nats a token)")
    print(f"xz -9e  {packed * 8 / len(raw):.4f} bits per byte ({packed} bytes, one stream)")
    ends = np.cumsum([len(tok.pieces[i]) for i in ids])
    at, per = 0, {}
    for f in files:
        lo, at = at, at + len(f["text"].encode("utf-8"))
        row = per.setdefault(f["lang"], [0, 0.0])
        row[0] += at - lo
        row[1] += loss[np.searchsorted(ends, lo, "right"):np.searchsorted(ends, at, "right")].sum()
    for lang, (size, total) in sorted(per.items()):
        print(f"  {lang:4} {total / math.log(2) / size:.4f} bits per byte of {size} bytes")


def lines(files, model, tok, grams, count):
    rows, began = [], time.monotonic()
    for prefix, want, suffix in tasks(files, count):
        rows.append((len(want), infill(model, tok, prefix, suffix).rstrip() == want,
                     continue_line(grams, tok, prefix).rstrip() == want))
    print(f"exact rest of line, {count} tasks, seed {TASK_SEED}, {time.monotonic() - began:.0f} s")
    for name, lo in (("all", 0), ("8 characters or more", 8), ("16 characters or more", 16)):
        some = [r for r in rows if r[0] >= lo]
        a, b = sum(r[1] for r in some), sum(r[2] for r in some)
        print(f"  {name}: spark {a} ({100 * a / len(some):.1f} %), 5-gram {b} ({100 * b / len(some):.1f} %) of {len(some)}")


def main():
    args = argparse.ArgumentParser()
    args.add_argument("data")
    args.add_argument("model")
    args.add_argument("--tasks", type=int, default=500)
    args.add_argument("--stride", type=int, default=512)
    args.add_argument("--only", choices=["bits", "lines"])
    args = args.parse_args()
    model, tok = load(args.model)
    with open(f"{args.data}/held-out.jsonl", encoding="utf-8") as f:
        files = [json.loads(line) for line in f]
    if args.only != "lines":
        bits(files, model, tok, args.stride)
    if args.only != "bits":
        lines(files, model, tok, NGram(np.fromfile(f"{args.data}/code.u16", dtype=np.uint16), f"{args.data}/ngram.npz"), args.tasks)


if __name__ == "__main__":
    main()
