"""The network of spark: a small llama (RMSNorm, rotary positions, SwiGLU, an output matrix of its own)."""
import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Shape:
    vocab: int = 4096
    dim: int = 128
    layers: int = 3
    heads: int = 4
    kv_heads: int = 4
    hidden: int = 352
    context: int = 1024
    rope_base: float = 10000.0
    eps: float = 1e-5

    def as_dict(self):
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)
        return x * scale * self.weight


def rope_tables(shape, length):
    """cos and sin of shape (length, head_dim / 2), for neighbouring pairs: ggml's 'normal' order."""
    half = shape.dim // shape.heads // 2
    freq = shape.rope_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * freq[None, :]
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """x: (batch, time, heads, head_dim)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    c, s = cos[None, :, None, :], sin[None, :, None, :]
    return torch.stack((even * c - odd * s, even * s + odd * c), dim=-1).flatten(-2)


def causal_attention(q, k, v, block):
    """q, k, v: (batch, heads, time, head_dim). Queries go in blocks, so the masked half is never computed."""
    time = q.shape[2]
    scale = 1.0 / math.sqrt(q.shape[3])
    outs = []
    kt = k.transpose(2, 3)
    for lo in range(0, time, block):
        hi = min(lo + block, time)
        score = (q[:, :, lo:hi] * scale) @ kt[:, :, :, :hi]
        mask = torch.full((hi - lo, hi - lo), float("-inf")).triu_(1)
        if lo:
            mask = F.pad(mask, (lo, 0))
        outs.append((score + mask).softmax(-1) @ v[:, :, :hi])
    return torch.cat(outs, dim=2)


class Layer(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = s.heads, s.kv_heads, s.dim // s.heads
        kv = self.kv_heads * self.head_dim
        self.attn_norm = RMSNorm(s.dim, s.eps)
        self.q = nn.Linear(s.dim, s.dim, bias=False)
        self.k = nn.Linear(s.dim, kv, bias=False)
        self.v = nn.Linear(s.dim, kv, bias=False)
        self.o = nn.Linear(s.dim, s.dim, bias=False)
        self.ffn_norm = RMSNorm(s.dim, s.eps)
        self.gate = nn.Linear(s.dim, s.hidden, bias=False)
        self.up = nn.Linear(s.dim, s.hidden, bias=False)
        self.down = nn.Linear(s.hidden, s.dim, bias=False)

    def forward(self, x, cos, sin, block):
        b, t, d = x.shape
        h = self.attn_norm(x)
        q = rotate(self.q(h).view(b, t, self.heads, self.head_dim), cos, sin).transpose(1, 2)
        k = rotate(self.k(h).view(b, t, self.kv_heads, self.head_dim), cos, sin).transpose(1, 2)
        v = self.v(h).view(b, t, self.kv_heads, self.head_dim).transpose(1, 2)
        if self.kv_heads != self.heads:
            k = k.repeat_interleave(self.heads // self.kv_heads, dim=1)
            v = v.repeat_interleave(self.heads // self.kv_heads, dim=1)
        a = causal_attention(q, k, v, block).transpose(1, 2).reshape(b, t, d)
        x = x + self.o(a)
        h = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Spark(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.dim)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.dim, shape.eps)
        self.head = nn.Linear(shape.dim, shape.vocab, bias=False)
        cos, sin = rope_tables(shape, shape.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.reset()

    def reset(self):
        nn.init.normal_(self.embed.weight, std=0.02)
        nn.init.normal_(self.head.weight, std=0.02)
        for layer in self.layers:
            for name in ("q", "k", "v", "gate", "up"):
                nn.init.normal_(getattr(layer, name).weight, std=self.shape.dim ** -0.5 * 0.6)
            for name in ("o", "down"):
                nn.init.normal_(getattr(layer, name).weight, std=self.shape.dim ** -0.5 * 0.2)

    def hidden(self, ids, block=256):
        x = self.embed(ids)
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, cos, sin, block)
        return self.norm(x)

    def forward(self, ids, block=256):
        return self.head(self.hidden(ids, block))
