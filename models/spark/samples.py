"""Training windows: plain code, fill-in-the-middle and chat, drawn without replacement from the token streams."""
import random

import numpy as np

BLOCK = 1024
POOL_BLOCKS = 512
VALID_BLOCKS = 48
VALID_SHOWN = 16
FIM_SHARE = 0.5
CHAT_SHARE = 0.04


def pick_span(text, rng):
    """Where the middle lies: the rest of a line (most draws: it is what an editor asks for), some lines, or any span."""
    kind = rng.random()
    if kind < 0.9:
        starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]
        for _ in range(8):
            at = rng.choice(starts)
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            if text[at:end].strip():
                break
        body = at + len(text[at:end]) - len(text[at:end].lstrip(" \t"))
        lo = body if rng.random() < 0.15 or end - body < 2 else rng.randrange(body, end)
        if kind > 0.8:
            for _ in range(rng.randrange(1, 4)):
                after = text.find("\n", end + 1)
                end = after if after > 0 else end
        return lo, end
    length = rng.randrange(1, max(2, len(text) // 5))
    lo = rng.randrange(0, max(1, len(text) - length))
    return lo, lo + length


class Samples:
    def __init__(self, folder, tok, seed=1):
        self.tok = tok
        self.code = np.fromfile(f"{folder}/code.u16", dtype=np.uint16)
        self.chat = np.fromfile(f"{folder}/chat.u16", dtype=np.uint16)
        self.bos, self.eos = tok.special["<|bos|>"], tok.special["<|endoftext|>"]
        self.pre, self.suf = (tok.special[f"<|fim_{n}|>"] for n in ("prefix", "suffix"))
        self.chat_starts = np.concatenate([[0], np.flatnonzero(self.chat[:-1] == self.eos) + 1])
        order = np.random.default_rng(0).permutation(len(self.code) // BLOCK - 1)
        self.valid_order, self.order = order[:VALID_BLOCKS], order[VALID_BLOCKS:]
        self.rng, self.at, self.pool, self.pool_length = random.Random(seed), 0, [], 0

    def state(self):
        return {"rng": self.rng.getstate(), "at": self.at}

    def restore(self, state):
        self.rng.setstate(state["rng"])
        self.at, self.pool = state["at"], []

    def fim(self, ids):
        """Suffix first, and the middle straight after the prefix with no mark between them (Bavarian et al. 2022,
        https://arxiv.org/abs/2207.14255, the joined form of SPM): so a small model goes on from the cut with what plain
        text taught it, and what is typed before the cursor leaves everything before it cached."""
        text = self.tok.decode(ids)
        if len(text) < 12:
            return list(ids)
        lo, hi = pick_span(text, self.rng)
        p, m, s = (self.tok.encode(t) for t in (text[:lo], text[lo:hi], text[hi:]))
        return [self.suf] + s + [self.pre] + p + m + [self.eos]

    def fim_window(self, ids, length):
        cut = [-1] + [i for i, t in enumerate(ids) if t == self.eos] + [len(ids)]
        out = [self.bos]
        for a, b in zip(cut, cut[1:]):
            seg = list(ids[a + 1:b])
            while seg:
                room = length - len(out) - 12
                if room < 48 or len(seg) < 24:
                    out += seg
                    break
                n = min(len(seg), room, self.rng.choice([64, 128, 256, 512]))
                out += self.fim(seg[:n])
                seg = seg[n:]
        return out

    def window(self, start, length):
        """length + 1 ids, the first of them <|bos|>."""
        if self.rng.random() < CHAT_SHARE:
            at = int(self.rng.choice(self.chat_starts[:-40]))
            return self.fit([self.bos] + self.chat[at:at + length].tolist(), length + 1, start)
        ids = self.code[start:start + length].tolist()
        if self.rng.random() < FIM_SHARE:
            return self.fit(self.fim_window(ids, length + 1), length + 1, start)
        return [self.bos] + ids

    def fit(self, ids, length, start):
        if len(ids) < length:
            ids = ids + self.code[start:start + length - len(ids)].tolist()
        return ids[:length]

    def batch(self, count, length):
        if self.pool_length != length:
            self.pool, self.pool_length = [], length
        rows = []
        while len(rows) < count:
            if not self.pool:
                blocks = [self.order[(self.at + i) % len(self.order)] for i in range(POOL_BLOCKS)]
                self.at += POOL_BLOCKS
                self.pool = [int(b) * BLOCK + o for b in blocks for o in range(0, BLOCK, length)]
                self.rng.shuffle(self.pool)
            rows.append(self.window(self.pool.pop(), length))
        return np.array(rows, dtype=np.int64)

    def valid(self, length):
        rows = [[self.bos] + self.code[int(b) * BLOCK:int(b) * BLOCK + length].tolist() for b in self.valid_order[:VALID_SHOWN]]
        return np.array(rows, dtype=np.int64)
