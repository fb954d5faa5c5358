"""Writes and reads GGUF, version 3 (ggml's docs/gguf.md): little-endian, tensors aligned to 32 bytes."""
import struct

import numpy as np

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
TENSOR_F32, TENSOR_F16 = 0, 1
FORMATS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}
DTYPES = {TENSOR_F32: np.dtype("<f4"), TENSOR_F16: np.dtype("<f2")}


def string(s):
    raw = s.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def scalar(kind, value):
    return string(value) if kind == STRING else struct.pack(FORMATS[kind], value)


class Writer:
    def __init__(self):
        self.pairs, self.tensors = [], []

    def put(self, key, kind, value):
        self.pairs.append(string(key) + struct.pack("<I", kind) + scalar(kind, value))

    def put_array(self, key, kind, values):
        body = b"".join(scalar(kind, v) for v in values)
        self.pairs.append(string(key) + struct.pack("<IIQ", ARRAY, kind, len(values)) + body)

    def tensor(self, name, array):
        """float16 or float32; numpy's (rows, columns) becomes ggml's ne = (columns, rows)."""
        kind = {"float32": TENSOR_F32, "float16": TENSOR_F16}[array.dtype.name]
        self.tensors.append((name, kind, np.ascontiguousarray(array)))

    def write(self, path):
        head = MAGIC + struct.pack("<IQQ", VERSION, len(self.tensors), len(self.pairs)) + b"".join(self.pairs)
        offset, blobs = 0, []
        for name, kind, array in self.tensors:
            shape = array.shape[::-1]
            head += string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
            head += struct.pack("<IQ", kind, offset)
            raw = array.astype(DTYPES[kind]).tobytes()
            raw += b"\0" * (-len(raw) % ALIGNMENT)
            blobs.append(raw)
            offset += len(raw)
        head += b"\0" * (-len(head) % ALIGNMENT)
        with open(path, "wb") as f:
            f.write(head)
            for raw in blobs:
                f.write(raw)


class Reader:
    """Reads what Writer writes: .meta (key to value) and .tensors (name to array)."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.raw = f.read()
        self.at, self.meta, self.tensors = 4, {}, {}
        if self.raw[:4] != MAGIC or self.take("<I") != VERSION:
            raise ValueError(f"{path}: not a GGUF file of version {VERSION}")
        count, pairs = self.take("<Q"), self.take("<Q")
        for _ in range(pairs):
            key = self.string()
            self.meta[key] = self.value(self.take("<I"))
        infos = []
        for _ in range(count):
            name = self.string()
            shape = [self.take("<Q") for _ in range(self.take("<I"))]
            infos.append((name, shape[::-1], self.take("<I"), self.take("<Q")))
        start = self.at + -self.at % ALIGNMENT
        for name, shape, kind, offset in infos:
            n = int(np.prod(shape))
            self.tensors[name] = np.frombuffer(self.raw, DTYPES[kind], n, start + offset).reshape(shape)

    def take(self, form):
        value, = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return value

    def string(self):
        n = self.take("<Q")
        self.at += n
        return self.raw[self.at - n:self.at].decode("utf-8")

    def value(self, kind):
        if kind == ARRAY:
            inner, n = self.take("<I"), self.take("<Q")
            return [self.value(inner) for _ in range(n)]
        return self.string() if kind == STRING else self.take(FORMATS[kind])
