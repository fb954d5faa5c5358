"""A 5-gram over the same tokens, from the same training stream, with back-off: the baseline that spark must beat."""
import os

import numpy as np

ORDER = 5
BITS = 12  # a token's width; five of them fit in 64 bits
MASK = (1 << BITS) - 1


class NGram:
    """For each context of 4, 3, 2, 1 and 0 tokens that the stream holds, the token that followed it most often."""

    def __init__(self, stream, cache=None):
        """cache: a .npz path, read when it is there and written when it is not; remove it when the stream changes."""
        if cache and os.path.exists(cache):
            with np.load(cache) as f:
                self.tables = {n: (f[f"contexts{n}"], f[f"best{n}"]) for n in range(ORDER)}
            return
        stream = stream.astype(np.int64)
        if stream.max() >= 1 << BITS:
            raise ValueError(f"tokens must be under {1 << BITS}")
        self.tables = {}
        for n in range(ORDER, 0, -1):
            key = np.zeros(len(stream) - n + 1, dtype=np.int64)
            for i in range(n):
                key = (key << BITS) | stream[i:len(stream) - n + 1 + i]
            key.sort()
            first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
            count = np.diff(np.append(first, len(key)))
            key = key[first]
            context, last = key >> BITS, key & MASK
            start = np.flatnonzero(np.concatenate([[True], context[1:] != context[:-1]]))
            most = np.maximum.reduceat((count << BITS) | (MASK - last), start)  # ties go to the lowest id
            self.tables[n - 1] = (context[start], (MASK - (most & MASK)).astype(np.uint16))
        if cache:
            np.savez(cache, **{f"contexts{n}": t[0] for n, t in self.tables.items()},
                     **{f"best{n}": t[1] for n, t in self.tables.items()})

    def next(self, ids):
        """The likeliest token after ids: by the longest context that was seen."""
        for n in range(min(ORDER - 1, len(ids)), -1, -1):
            wanted = 0
            for t in ids[len(ids) - n:]:
                wanted = (wanted << BITS) | int(t)
            contexts, best = self.tables[n]
            at = np.searchsorted(contexts, wanted)
            if at < len(contexts) and contexts[at] == wanted:
                return int(best[at])
        raise ValueError("an empty model")
