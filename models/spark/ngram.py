"""A 5-gram over the same tokens, from the same training stream, with back-off: the baseline that spark must beat."""
import numpy as np

ORDER = 5
BITS = 12  # a token's width; five of them fit in 64 bits


class NGram:
    """For each context of 4, 3, 2, 1 and 0 tokens that the stream holds, the token that followed it most often."""

    def __init__(self, stream):
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
            context = key >> BITS
            order = np.lexsort((-count, context))
            context, key = context[order], key[order]
            best = np.concatenate([[True], context[1:] != context[:-1]])
            self.tables[n - 1] = (context[best], (key[best] & ((1 << BITS) - 1)).astype(np.uint16))

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
