"""The same network as model.py, with kernels.cpp in the places where torch is slow on a CPU; one thread."""
import ctypes
import pathlib
import subprocess

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent


def build(folder):
    """Compiles kernels.cpp into folder and loads it."""
    target = pathlib.Path(folder) / "kernels.so"
    source = HERE / "kernels.cpp"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["g++", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", str(source), "-o", str(target),
                        "-l:libopenblas.so.0"], check=True)
    lib = ctypes.CDLL(str(target))
    lib.spark_cross_entropy.restype = ctypes.c_double
    return lib


def at(t):
    return ctypes.c_void_p(t.data_ptr())


def number(n):
    return ctypes.c_int64(n)


def functions(lib):
    class Norm(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, weight, eps):
            out, inverse = torch.empty_like(x), torch.empty(x.shape[0])
            lib.spark_norm(at(x), at(weight), at(out), at(inverse), number(x.shape[0]), x.shape[1], ctypes.c_float(eps))
            ctx.save_for_backward(x, weight, inverse)
            return out

        @staticmethod
        def backward(ctx, dout):
            x, weight, inverse = ctx.saved_tensors
            dout = dout.contiguous()
            dx, dw = torch.empty_like(x), torch.empty_like(weight)
            lib.spark_norm_backward(at(x), at(weight), at(inverse), at(dout), at(dx), at(dw), number(x.shape[0]), x.shape[1])
            return dx, dw, None

    class Attention(torch.autograd.Function):
        @staticmethod
        def forward(ctx, q, k, v, cos, sin, batch, heads):
            time, hd = q.shape[0] // batch, q.shape[1] // heads
            rq, rk, out = torch.empty_like(q), torch.empty_like(k), torch.empty_like(q)
            lse = torch.empty(batch, heads, time)
            one = ctypes.c_float(1)
            lib.spark_rope(at(rq), at(q), at(cos), at(sin), batch, time, heads, hd, one)
            lib.spark_rope(at(rk), at(k), at(cos), at(sin), batch, time, heads, hd, one)
            lib.spark_attention(at(rq), at(rk), at(v), at(out), at(lse), batch, time, heads, hd)
            ctx.save_for_backward(rq, rk, v, out, lse, cos, sin)
            ctx.sizes = (batch, time, heads, hd)
            return out

        @staticmethod
        def backward(ctx, dout):
            rq, rk, v, out, lse, cos, sin = ctx.saved_tensors
            dout = dout.contiguous()
            dq, dk, dv = torch.empty_like(rq), torch.empty_like(rk), torch.empty_like(v)
            lib.spark_attention_backward(at(rq), at(rk), at(v), at(out), at(lse), at(dout), at(dq), at(dk), at(dv), *ctx.sizes)
            back = ctypes.c_float(-1)
            lib.spark_rope(at(dq), at(dq), at(cos), at(sin), *ctx.sizes, back)
            lib.spark_rope(at(dk), at(dk), at(cos), at(sin), *ctx.sizes, back)
            return dq, dk, dv, None, None, None, None

    class SwiGLU(torch.autograd.Function):
        @staticmethod
        def forward(ctx, gate, up):
            out = torch.empty_like(gate)
            lib.spark_swiglu(at(gate), at(up), at(out), number(gate.numel()))
            ctx.save_for_backward(gate, up)
            return out

        @staticmethod
        def backward(ctx, dout):
            gate, up = ctx.saved_tensors
            dout = dout.contiguous()
            dgate, dup = torch.empty_like(gate), torch.empty_like(up)
            lib.spark_swiglu_backward(at(gate), at(up), at(dout), at(dgate), at(dup), number(gate.numel()))
            return dgate, dup

    class Head(torch.autograd.Function):
        """Mean cross entropy; the gradients are made at once, so the logits need not be kept."""

        @staticmethod
        def forward(ctx, h, weight, target):
            logits = F.linear(h, weight)
            rows, vocab = logits.shape
            total = lib.spark_cross_entropy(at(logits), at(target), number(rows), vocab, ctypes.c_float(1 / rows))
            ctx.save_for_backward(logits @ weight, logits.t() @ h)
            return torch.tensor(total / rows)

        @staticmethod
        def backward(ctx, dout):
            dh, dw = ctx.saved_tensors
            return dh * dout, dw * dout, None

    return Norm, Attention, SwiGLU, Head


class FastLoss:
    def __init__(self, folder):
        self.norm, self.attention, self.swiglu, self.head = (f.apply for f in functions(build(folder)))

    def __call__(self, model, ids, target):
        """ids, target: (batch, time). The mean cross entropy, equal to the plain model's."""
        batch, time = ids.shape
        s = model.shape
        assert s.heads == s.kv_heads
        x = model.embed(ids).view(batch * time, s.dim)
        for m in model.layers:
            h = self.norm(x, m.attn_norm.weight, s.eps)
            a = self.attention(m.q(h), m.k(h), m.v(h), model.cos, model.sin, batch, s.heads)
            x = x + m.o(a)
            h = self.norm(x, m.ffn_norm.weight, s.eps)
            x = x + m.down(self.swiglu(m.gate(h), m.up(h)))
        h = self.norm(x, model.norm.weight, s.eps)
        return self.head(h, model.head.weight, target.reshape(-1).contiguous())
