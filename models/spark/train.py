#!/usr/bin/env python3
"""Trains spark within a budget of minutes; started again, it goes on from its last checkpoint.

    train.py DATA TOKENIZER.json RUN [--minutes M]

The schedule follows the share of the budget that is used, so a busy machine gets fewer steps, not a worse ending.
"""
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one process a core: no barriers inside a step on a busy machine

import argparse
import json
import pathlib
import time

import torch
import torch.multiprocessing as mp

from bpe import Tokenizer
from fast import FastLoss
from model import Shape, Spark
from muon import Muon
from samples import Samples

BATCH_TOKENS = 4096
PART_TOKENS = 512
PHASES = [(0.45, 256), (0.75, 512), (1.01, 1024)]
MUON_RATE, EMBED_RATE, NORM_RATE = 0.02, 0.004, 0.004
WARM_UP, DECAY_FROM = 0.015, 0.4
EMA = 0.998
SAVE_SECONDS = 300
STALL_SECONDS = 60
PATIENCE = 300  # seconds that a process waits for the other before it ends


def rate(share):
    """Linear warm-up, a plateau, then linear to zero."""
    if share < WARM_UP:
        return 0.05 + 0.95 * share / WARM_UP
    return 1.0 if share < DECAY_FROM else max(0.0, (1.0 - share) / (1.0 - DECAY_FROM))


def length_at(share):
    return next(length for end, length in PHASES if share < end)


@torch.no_grad()
def validate(loss_of, model, weights, rows):
    kept = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(weights)
    total = sum(loss_of(model, *pairs(rows[i:i + 8])).item() for i in range(0, len(rows), 8))
    model.load_state_dict(kept)
    return total / (len(rows) / 8)


def pairs(rows):
    ids = torch.from_numpy(rows)
    return ids[:, :-1], ids[:, 1:]


def save(path, state):
    torch.save(state, str(path) + ".part")
    os.replace(str(path) + ".part", path)


class Crew:
    """What the processes share: the weights, one gradient each, the step's rows, and a counter of parts taken."""

    def __init__(self, model, ranks, loss_of):
        self.loss_of = loss_of
        self.ranks = ranks
        self.model = model.share_memory()
        names = list(model.named_parameters())
        self.grads = [[torch.zeros_like(p).share_memory_() for _, p in names] for _ in range(ranks)]
        self.rows = torch.zeros(BATCH_TOKENS * 2, dtype=torch.int64).share_memory_()
        self.plan = torch.zeros(4, dtype=torch.float64).share_memory_()
        self.losses = torch.zeros(ranks, dtype=torch.float64).share_memory_()
        self.taken = mp.Value("i", 0)
        self.barrier = mp.Barrier(ranks)
        matrices = [i for i, (n, p) in enumerate(names) if p.ndim == 2 and not n.startswith(("embed", "head"))]
        self.mine = [matrices[r::ranks] for r in range(ranks)]
        self.rest = [i for i in range(len(names)) if i not in matrices]
        self.params = [p for _, p in names]
        self.muons = [Muon([self.params[i] for i in m], MUON_RATE) for m in self.mine]
        for m in self.muons:
            m.momenta = [t.share_memory_() for t in m.momenta]

    def take(self):
        with self.taken.get_lock():
            self.taken.value += 1
            return self.taken.value - 1

    def gradients(self, rank, model):
        """Takes parts of the step's rows until none is left: a process that the machine slows takes fewer."""
        length, count = int(self.plan[0]), int(self.plan[1])
        per = max(1, PART_TOKENS // length)
        rows = self.rows[: count * (length + 1)].view(count, length + 1).numpy()
        total = 0.0
        model.zero_grad(set_to_none=True)
        while (part := self.take()) * per < count:
            some = rows[part * per:(part + 1) * per]
            loss = self.loss_of(model, *pairs(some)) * (len(some) / count)
            loss.backward()
            total += loss.item()
        with torch.no_grad():
            for g, p in zip(self.grads[rank], model.parameters()):
                g.zero_() if p.grad is None else g.copy_(p.grad)
        self.losses[rank] = total

    def update(self, rank, adam):
        """Every process moves its own share of the matrices; rank 0 the embedding, the head and the norms besides."""
        with torch.no_grad():
            for i in self.mine[rank] + (self.rest if rank == 0 else []):
                self.params[i].grad = sum(g[i] for g in self.grads)
        self.muons[rank].step(float(self.plan[2]), float(self.plan[3]))
        if adam:
            adam.step()


def follow(crew, rank):
    torch.set_num_threads(1)
    while True:
        crew.barrier.wait(PATIENCE)
        if crew.plan[1] == 0:
            return
        crew.gradients(rank, crew.model)
        crew.barrier.wait(PATIENCE)
        crew.update(rank, None)
        crew.barrier.wait(PATIENCE)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("data")
    args.add_argument("tokenizer")
    args.add_argument("run")
    args.add_argument("--minutes", type=float, default=95)
    args.add_argument("--processes", type=int, default=2)
    args = args.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    run = pathlib.Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    tok = Tokenizer.load(args.tokenizer)
    data = Samples(args.data, tok)
    model = Spark(Shape(vocab=tok.size))
    loss_of = FastLoss(run)
    crew = Crew(model, args.processes, loss_of)
    adam = torch.optim.Adam([{"params": [crew.params[i] for i in crew.rest if crew.params[i].ndim == 2], "base": EMBED_RATE},
                             {"params": [crew.params[i] for i in crew.rest if crew.params[i].ndim == 1], "base": NORM_RATE}],
                            lr=EMBED_RATE, betas=(0.9, 0.97), eps=1e-9)
    ema = {k: v.clone() for k, v in model.state_dict().items()}
    step, seen, used = 0, 0, 0.0
    last = run / "last.pt"
    if last.exists():
        s = torch.load(last)
        model.load_state_dict(s["model"])
        for muon, m in zip(crew.muons, s["muon"]):
            muon.load(m)
        adam.load_state_dict(s["adam"])
        data.restore(s["data"])
        ema, step, seen, used = s["ema"], s["step"], s["seen"], s["used"]
        print(f"resumed at step {step}, {used / 60:.1f} minutes used", flush=True)
    helpers = [mp.Process(target=follow, args=(crew, r), daemon=True) for r in range(1, args.processes)]
    for h in helpers:
        h.start()
    valid = data.valid(512)
    print(json.dumps(model.shape.as_dict()), sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    budget, mean, saved = args.minutes * 60, None, used
    clock = time.monotonic()
    while used < budget:
        share = used / budget
        length, r = length_at(share), rate(share)
        rows = data.batch(BATCH_TOKENS // length, length)
        crew.rows[: rows.size] = torch.from_numpy(rows).flatten()
        crew.plan[:] = torch.tensor([length, len(rows), r, min(0.95, 0.85 + 0.1 * step / 200)])
        crew.taken.value = 0
        crew.barrier.wait(PATIENCE)
        crew.gradients(0, model)
        crew.barrier.wait(PATIENCE)
        for g in adam.param_groups:
            g["lr"] = g["base"] * r
        crew.update(0, adam)
        crew.barrier.wait(PATIENCE)
        decay = min(EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            for k, v in model.state_dict().items():
                ema[k].lerp_(v, 1 - decay)
        step, seen = step + 1, seen + len(rows) * length
        now = time.monotonic()
        used += min(now - clock, STALL_SECONDS)
        speed = len(rows) * length / (now - clock)
        clock = now
        value = float(crew.losses.sum())
        mean = value if mean is None else 0.97 * mean + 0.03 * value
        if step % 20 == 0 or step < 5:
            print(f"step {step} seen {seen / 1e6:.2f}M min {used / 60:.1f} len {length} rate {r:.3f} "
                  f"loss {value:.3f} mean {mean:.3f} {speed:.0f} tok/s", flush=True)
        if used - saved > SAVE_SECONDS or used >= budget:
            print(f"valid {validate(loss_of, model, ema, valid):.4f}", flush=True)
            now = time.monotonic()
            used, clock = used + now - clock, now
            saved = used
            save(last, {"model": model.state_dict(), "ema": ema, "muon": [m.state() for m in crew.muons],
                        "adam": adam.state_dict(), "data": data.state(), "step": step, "seen": seen, "used": used,
                        "shape": model.shape.as_dict()})
    crew.plan[1] = 0
    crew.barrier.wait(PATIENCE)


if __name__ == "__main__":
    main()
