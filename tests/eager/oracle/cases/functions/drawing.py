"""Random numbers of distributions: shapes, dtypes, and what is refused."""

from __future__ import annotations

CASES = """
floats(3).random_(to=1)
floats(3).random_(3, to=4)
floats(3).random_(**{"from": 3, "to": 4})
torch.randint_like(ints(3), 1, generator=torch.Generator(), pin_memory=False)
torch.bernoulli(torch.ones(3))
torch.bernoulli(torch.zeros(3), 1.0)
torch.bernoulli(torch.ones(2) * 2)
torch.ones(3).bernoulli()
torch.zeros(3).bernoulli_(1.0)
torch.zeros(3).bernoulli_(2.0)
torch.multinomial(tensor([0.0, 1.0, 0.0], "float32"), 1)
torch.multinomial(tensor([0.0, 1.0], "float32"), 3, replacement=True)
torch.multinomial(floats(3, low=0.1), 3).shape
torch.multinomial(floats(3, low=0.1), 4)
torch.multinomial(tensor([-1.0, 1.0], "float32"), 1)
torch.multinomial(ints(3, low=1), 1)
tensor([0.0, 1.0], "float32").multinomial(1)
torch.normal(floats(3), 0.0)
torch.normal(0.0, 0.0, (2,))
torch.normal(torch.zeros(2), torch.ones(2)).shape
torch.normal(0.0, -1.0, (2,))
torch.poisson(torch.zeros(3))
torch.randint_like(floats(3), 1)
torch.randint_like(floats(3), 5, 6)
torch.zeros(3).cauchy_().shape
torch.zeros(3).cauchy_(0, -1)
torch.zeros(3).log_normal_().shape
torch.zeros(3).log_normal_(0, -1)
torch.zeros(3).geometric_(0.5).shape
torch.zeros(3).geometric_(1.5)
torch.zeros(3).random_(5, 6)
torch.zeros(3).random_(1)
torch.zeros(3).random_(3, 3)
"""
