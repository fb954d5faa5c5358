#!/usr/bin/env python3
"""Writes a checkpoint as a GGUF file that llama.cpp loads: F16 matrices, F32 norms.

    export.py RUN/last.pt TOKENIZER.json SPARK.gguf [ema|model]
"""
import hashlib
import os
import sys

import numpy as np
import torch

from bpe import SPECIAL, Tokenizer, byte_alphabet
from gguf import BOOL, F32, I32, STRING, U32, Writer

NORMAL, CONTROL = 1, 3
FILE_TYPE_F16 = 1
LAYER = {"attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
         "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down"}
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}")
ROLES = {"bos": "<|bos|>", "eos": "<|endoftext|>", "eot": "<|end|>", "padding": "<|fim_pad|>",
         "fim_pre": "<|fim_prefix|>", "fim_suf": "<|fim_suffix|>", "fim_mid": "<|fim_middle|>",
         "fim_pad": "<|fim_pad|>", "fim_rep": "<|repo_name|>", "fim_sep": "<|file_sep|>"}


def put_tokenizer(w, tok):
    table = byte_alphabet()
    show = ["".join(table[b] for b in piece) for piece in tok.pieces]
    if len(set(show)) != len(show):
        raise ValueError("two merges make the same token; llama.cpp cannot tell them apart")
    w.put("tokenizer.ggml.model", STRING, "gpt2")
    w.put("tokenizer.ggml.pre", STRING, "qwen2")
    w.put_array("tokenizer.ggml.tokens", STRING, show + SPECIAL)
    w.put_array("tokenizer.ggml.token_type", I32, [NORMAL] * len(show) + [CONTROL] * len(SPECIAL))
    w.put_array("tokenizer.ggml.merges", STRING, [f"{show[a]} {show[b]}" for a, b in tok.merges])
    for role, name in ROLES.items():
        w.put(f"tokenizer.ggml.{role}_token_id", U32, tok.special[name])
    w.put("tokenizer.ggml.add_bos_token", BOOL, True)
    w.put("tokenizer.ggml.add_eos_token", BOOL, False)
    w.put("hearth.fim.order", STRING, "spm-joined")  # see Samples.fim
    w.put("tokenizer.chat_template", STRING, CHAT_TEMPLATE)


def put_shape(w, shape):
    w.put("general.architecture", STRING, "llama")
    w.put("general.name", STRING, "spark")
    w.put("general.basename", STRING, "spark")
    w.put("general.description", STRING, "Hearth's built-in model: a tiny code completer trained on a CPU")
    w.put("general.file_type", U32, FILE_TYPE_F16)
    w.put("llama.vocab_size", U32, shape["vocab"])
    w.put("llama.context_length", U32, shape["context"])
    w.put("llama.embedding_length", U32, shape["dim"])
    w.put("llama.block_count", U32, shape["layers"])
    w.put("llama.feed_forward_length", U32, shape["hidden"])
    w.put("llama.attention.head_count", U32, shape["heads"])
    w.put("llama.attention.head_count_kv", U32, shape["kv_heads"])
    w.put("llama.attention.layer_norm_rms_epsilon", F32, shape["eps"])
    w.put("llama.rope.dimension_count", U32, shape["dim"] // shape["heads"])
    w.put("llama.rope.freq_base", F32, shape["rope_base"])


def main():
    state = torch.load(sys.argv[1], map_location="cpu")
    tok = Tokenizer.load(sys.argv[2])
    weights = state[sys.argv[4] if len(sys.argv) > 4 else "ema"]
    w = Writer()
    put_shape(w, state["shape"])
    put_tokenizer(w, tok)
    half = lambda name: weights[name].numpy().astype(np.float16)
    full = lambda name: weights[name].numpy().astype(np.float32)
    w.tensor("token_embd.weight", half("embed.weight"))
    for i in range(state["shape"]["layers"]):
        for mine, theirs in LAYER.items():
            name = f"layers.{i}.{mine}.weight"
            w.tensor(f"blk.{i}.{theirs}.weight", (full if mine.endswith("norm") else half)(name))
    w.tensor("output_norm.weight", full("norm.weight"))
    w.tensor("output.weight", half("head.weight"))
    w.write(sys.argv[3])
    with open(sys.argv[3], "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    print(f"{sys.argv[3]}: {os.path.getsize(sys.argv[3])} bytes, sha256 {digest}; step {state['step']}, "
          f"{state['seen']} tokens seen, {state['used'] / 60:.1f} minutes")


if __name__ == "__main__":
    main()
