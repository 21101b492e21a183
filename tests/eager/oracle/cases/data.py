"""Tensors of memory that others hold, and what types are called."""

from __future__ import annotations

CASES = """
torch.frombuffer(bytearray(b"12345678"), dtype=torch.int32)
torch.frombuffer(bytearray(b"12345678"), dtype=torch.int16, count=2, offset=3)
torch.frombuffer(bytearray(8), dtype=torch.float32, requires_grad=True).requires_grad
torch.frombuffer(bytearray(8), dtype=torch.int32, count=3)
torch.frombuffer(bytearray(7), dtype=torch.int32)
torch.frombuffer(bytearray(0), dtype=torch.int32)
torch.frombuffer(bytearray(8), dtype=torch.int32, count=0)
torch.frombuffer(bytearray(8), dtype=torch.int32, offset=8)
torch.frombuffer(bytearray(8), dtype=torch.int32, offset=-1)
torch.frombuffer(3, dtype=torch.int32)
torch.typename(torch.ones(1))
torch.typename(torch.ones(1).int())
torch.typename(3)
torch.typename(int)
torch.typename("text")
[each.__name__ for each in torch.OutOfMemoryError.__mro__]
"""


def memory_is_shared(torch):
    held = bytearray(8)
    x = torch.frombuffer(held, dtype=torch.uint8)
    x[1] = 7
    held[2] = 5
    return x, list(held)
