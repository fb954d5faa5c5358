"""Muon (Jordan et al., 2024): momentum whose matrix is made orthogonal by a Newton-Schulz iteration."""
import torch

A, B, C = 3.4445, -4.7750, 2.0315
STEPS = 5


def orthogonal(g):
    x = g / (g.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.t()
    for _ in range(STEPS):
        m = x @ x.t()
        x = A * x + (B * m + C * (m @ m)) @ x
    return x.t() if tall else x


class Muon:
    def __init__(self, params, lr, decay=0.05):
        self.params, self.lr, self.decay = params, lr, decay
        self.momenta = [torch.zeros_like(p) for p in params]

    @torch.no_grad()
    def step(self, scale, momentum):
        lr = self.lr * scale
        for p, m in zip(self.params, self.momenta):
            m.lerp_(p.grad, 1 - momentum)
            update = orthogonal(p.grad.lerp(m, momentum))
            p.mul_(1 - lr * self.decay)
            p.add_(update, alpha=-lr * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)

    def state(self):
        return self.momenta

    def load(self, momenta):
        for mine, theirs in zip(self.momenta, momenta):
            mine.copy_(theirs)
