"""Views of the same bits as numbers of another dtype."""

from __future__ import annotations

CASES = """
floats(2, 3).view(torch.int32)
floats(2, 3).view(dtype=torch.int32)
floats(2, 3).view(torch.uint8)
floats(2, 3).view(torch.int16)
floats(2, 3).view(torch.float32)
floats(2, 4).view(torch.float64)
floats(2, 4).view(torch.int64)
doubles(2).view(torch.float32)
doubles(2).view(torch.int8)
ints(3).view(torch.float64)
floats(2, 3).t().view(torch.int32)
floats(0, 3).view(torch.uint8)
floats(4).to(torch.bfloat16).view(torch.int16)
floats(4).to(torch.float16).view(torch.float32)
torch.arange(8, dtype=torch.uint8).view(torch.int16)
torch.arange(8, dtype=torch.uint8).view(torch.float32)
torch.arange(200, 208, dtype=torch.uint8).view(torch.int64)
torch.arange(3, dtype=torch.uint8).view(torch.int8)
torch.tensor([1, 0], dtype=torch.uint8).view(torch.bool)
torch.tensor([True, False]).view(torch.uint8)
torch.tensor([True, False, True, True]).view(torch.int32)
torch.tensor(1.0).view(torch.int32)
floats(4).view(torch.complex64)
torch.tensor([1 + 2j, 3j]).view(torch.float32)
torch.tensor([1 + 2j, 3j]).view(torch.int64)
floats(2, 3).view(torch.float64)
floats(2, 3).t().view(torch.uint8)
torch.tensor(1.0).view(torch.uint8)
torch.arange(3, dtype=torch.uint8).view(torch.float32)
torch.arange(5, dtype=torch.uint8)[1:].view(torch.float32)
torch.arange(4, dtype=torch.int16)[::2].view(torch.uint8)
torch.arange(8, dtype=torch.int16).reshape(2, 4)[:, 1:3].view(torch.int32)
torch.arange(12, dtype=torch.int16).reshape(4, 3)[:, :2].view(torch.int32)
floats(3).requires_grad_().view(torch.int32).requires_grad
floats(3).requires_grad_().view(torch.float32).requires_grad
"""


def writes_reach_the_base(torch, floats):
    x, y = floats(2, 3), floats(2, 3)
    before = [x.clone(), y.clone()]
    for target, source in ((x, y), (y, x), (x, y)):
        target.view(torch.uint8).bitwise_xor_(source.view(torch.uint8))
    words = torch.zeros(2, dtype=torch.int64)
    words.view(torch.int16)[1:3] = torch.tensor([1, 2], dtype=torch.int16)
    x.view(torch.int32)[0].fill_(0)
    return before, x, y, words


def views_see_what_is_written_later(torch):
    x = torch.zeros(2)
    seen = x.view(torch.int32)
    x.fill_(1)
    array = x.numpy()
    array[1] = 2
    return seen, x.view(torch.uint8), seen + 1
