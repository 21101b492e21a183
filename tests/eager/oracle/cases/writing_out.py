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
"""


def is_the_tensor_itself(torch: Any, floats: Any) -> list[Any]:
    target = torch.empty(2)
    found = torch.exp(floats(2), out=target)
    return [found is target, target]


def is_seen_through_views(torch: Any, floats: Any) -> Any:
    target = torch.zeros(2, 2)
    torch.exp(floats(2), out=target[1])
    return target
