"""Shapes, dtypes and errors of random tensors; their numbers are the front end's own."""

from __future__ import annotations

CASES = """
torch.randn(size=(2, 0))
torch.rand(size=(0,), layout=torch.strided, pin_memory=False)
torch.randn(0, 3, layout=torch.strided, device="cpu", pin_memory=False)
torch.randint(1, size=(3,), layout=torch.strided, pin_memory=False)
torch.randint(high=1, size=(3,))
torch.randint(low=2, high=3, size=(3,))
torch.randint(2, 3, size=(3,))
torch.randperm(1, layout=torch.strided, pin_memory=False, requires_grad=False)
torch.randn_like(floats(0), generator=torch.Generator())
torch.rand_like(floats(0), generator=torch.Generator())
torch.rand(2, 3).shape
torch.rand((2, 3)).shape
torch.rand(2).dtype
torch.rand(2, dtype=torch.float64).dtype
torch.rand(2, dtype=torch.float16).dtype
torch.rand(()).shape
torch.rand(0, 3).shape
torch.rand(2, requires_grad=True).requires_grad
torch.rand(2, dtype=torch.int64)
torch.rand(-1)
torch.rand(1.5)
torch.randn(2, 3).shape
torch.randn([4]).shape
torch.randn(3, dtype=torch.bfloat16).dtype
torch.randn(0).shape
torch.randn(2, requires_grad=True).is_leaf
torch.randn(2, dtype=torch.int64)
torch.randn(2, -1)
torch.rand_like(doubles(2, 3)).dtype
torch.rand_like(ints(2), dtype=torch.float32).dtype
torch.randn_like(floats(2, 3)).shape
torch.rand_like(floats(2), requires_grad=True).requires_grad
torch.randint(5, (2, 3)).dtype
torch.randint(2, 5, (3,)).shape
torch.randint(3, 4, (5,))
torch.randint(low=3, high=4, size=(2,))
torch.randint(3, 4, (2,), dtype=torch.float32)
torch.randint(3, 4, (2,), dtype=torch.uint8)
torch.randint(5, 5, (2,))
torch.randint(5, 2, (2,))
torch.randint(0, (2,))
torch.randint(1, 2, ())
torch.randint(1, 2, (0,))
torch.randperm(1)
torch.randperm(0)
torch.randperm(4).shape
torch.randperm(3, dtype=torch.int32).dtype
torch.randperm(-1)
torch.Generator().manual_seed(5).initial_seed()
torch.manual_seed(7).initial_seed()
torch.initial_seed()
type(torch.seed()).__name__
torch.manual_seed(2**64 - 1).initial_seed()
torch.manual_seed(-1).initial_seed()
torch.manual_seed(2**64)
torch.manual_seed(-(2**63) - 1)
torch.manual_seed(1.0).initial_seed()
torch.manual_seed("x")
torch.Generator().manual_seed(2**64)
torch.Generator().manual_seed("x")
torch.Generator(device="cpu").device
torch.empty(3).uniform_(2.0, 2.0)
torch.empty(2).uniform_(1.0, 0.0)
torch.empty(2).normal_(0.0, -1.0)
torch.empty(3).normal_(4.0, 0.0)
torch.empty(2, dtype=torch.int64).uniform_()
torch.empty(2, dtype=torch.int64).normal_()
leaf(2).uniform_()
"""


def the_same_seed_gives_the_same_numbers(torch):
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        found.append([torch.rand(3), torch.randn(3), torch.randint(9, (3,)), torch.randperm(5)])
    return [torch.eq(*pair).all() for pair in zip(*found, strict=True)]


def other_seeds_give_other_numbers(torch):
    torch.manual_seed(3)
    first = torch.rand(5)
    torch.manual_seed(4)
    return torch.eq(first, torch.rand(5)).any()


def a_generator_of_its_own(torch):
    mine, other = torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    torch.manual_seed(8)
    default = torch.rand(3)
    drawn = torch.rand(3, generator=mine)
    torch.manual_seed(8)
    return torch.eq(drawn, torch.rand(3, generator=other)).all(), torch.eq(default, torch.rand(3)).all()


def complex_numbers(torch):
    size = (2000,)
    drawn = (
        (torch.rand(size, dtype=torch.complex64), 0.5, 1 / 12**0.5),
        (torch.empty(size, dtype=torch.complex64).uniform_(-2, 1), -0.5, 3 / 12**0.5),
        (torch.randn(size, dtype=torch.complex128), 0, 0.5**0.5),
        (torch.empty(size, dtype=torch.complex64).normal_(3, 2), 3, 2 * 0.5**0.5),
    )
    return [
        (abs(float(part.mean()) - mean) < 0.15, abs(float(part.std()) / deviation - 1) < 0.1)
        for numbers, mean, deviation in drawn
        for part in (numbers.numpy().real, numbers.numpy().imag)
    ]
