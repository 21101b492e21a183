"""`out=`: results written into tensors that the caller gives."""

from __future__ import annotations

from typing import Any

CASES = """
torch.add(floats(2), floats(2), out=torch.empty(2))
torch.add(ints(2), ints(2), out=torch.empty(2))
torch.add(floats(2), floats(2), out=ints(2))
torch.add(leaf(2), leaf(2), out=torch.empty(2, dtype=torch.float64))
torch.sort(floats(3), out=(torch.empty(3), torch.empty(3, dtype=torch.int64)))
torch.matmul(floats(2, 3), floats(3, 2), out=torch.empty(0))
torch.linalg.norm(floats(3), out=torch.empty(0))
torch.fft.fft(complexes(3), out=torch.empty(0, dtype=torch.complex64))
torch.special.erfcx(floats(3), out=torch.empty(3))
torch.zeros(2, out=floats(2))
torch.arange(3, out=torch.empty(0, dtype=torch.int64))
torch.index_select(floats(3, 6), 1, torch.tensor([0, 1]), out=floats(1).expand(6))
torch.aminmax(floats(2, 3), dim=0, out=(torch.empty(3), torch.empty(3, dtype=torch.float64)))
F.avg_pool2d(floats(1, 2, 2), 2, out=torch.empty(1, 1, 1))
F.avg_pool3d(floats(1, 2, 2, 2), 2, out=torch.empty(1, 1, 1, 1))
F.gelu(floats(3), out=torch.empty(3))
F.hardshrink(floats(3), out=torch.empty(3))
torch.hardshrink(floats(3), out=torch.empty(3))
F.linear(floats(2, 3), floats(4, 3), out=torch.empty(2, 4))
F.logsigmoid(floats(3), out=torch.empty(3))
F.normalize(floats(3), dim=0, out=torch.empty(3))
F.normalize(leaf(3), dim=0, out=torch.empty(3))
F.softplus(floats(3), out=torch.empty(3))
F.softshrink(floats(3), out=torch.empty(3))
torch.slice_scatter(floats(4), floats(2), 0, 1, 3, out=torch.empty(4))
"""


def is_the_tensor_itself(torch: Any, floats: Any) -> list[Any]:
    target = torch.empty(2)
    found = torch.exp(floats(2), out=target)
    return [found is target, target]


def is_seen_through_views(torch: Any, floats: Any) -> Any:
    target = torch.zeros(2, 2)
    torch.exp(floats(2), out=target[1])
    return target


def shares_memory_with_an_operand(torch: Any, floats: Any) -> list[Any]:
    x = floats(6)
    index = torch.tensor([1, 0, 2])

    def said(run: Any) -> Any:
        try:
            return run()
        except RuntimeError as error:
            return str(error)

    return [
        said(lambda: torch.add(x[:5], 1, out=x[1:])),
        said(lambda: torch.exp(x[:5], out=x[:5])),
        said(lambda: x[1:].add_(x[:5])),
        said(lambda: x.add_(x[0])),
        said(lambda: x.add_(x)),
        said(lambda: x[1:].copy_(x[:5])),
        said(lambda: x.__setitem__(slice(1, None), x[:5])),
        said(lambda: x[:3].add_(x[3:])),
        said(lambda: x[::2].add_(x[1::2])),
        said(lambda: torch.cat([x[:2], x[2:4]], out=x[:4])),
        said(lambda: torch.cumsum(x, 0, out=x)),
        said(lambda: torch.gather(x, 0, index, out=x[:3])),
        said(lambda: torch.take(x, index, out=x[3:])),
    ]
