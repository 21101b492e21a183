"""The limits of dtypes, and which type several of them meet in."""

from __future__ import annotations

CASES = """
torch.finfo(torch.float32)
torch.finfo()
torch.finfo(torch.float64).eps
torch.finfo(torch.float16).max
torch.finfo(torch.bfloat16).tiny
torch.finfo(torch.float32).min
torch.finfo(torch.float32).bits
torch.finfo(torch.int32)
torch.iinfo(torch.int8)
torch.iinfo(torch.uint8).max
torch.iinfo(torch.float32)
torch.iinfo(torch.bool)
torch.promote_types(torch.int32, torch.float16)
torch.promote_types(torch.uint8, torch.int8)
torch.can_cast(torch.float32, torch.int32)
torch.can_cast(torch.int32, torch.float16)
torch.can_cast(torch.int32, torch.uint8)
torch.can_cast(torch.uint8, torch.int32)
torch.can_cast(torch.int32, torch.bool)
torch.result_type(ints(2), 1.5)
torch.result_type(tensor([1], "int8"), 1)
torch.result_type(tensor(1.0, "float64"), floats(2))
torch.result_type(floats(2), doubles(2))
"""
