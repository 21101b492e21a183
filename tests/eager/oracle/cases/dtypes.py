"""`torch.dtype`."""

from __future__ import annotations

CASES = """
repr(torch.float32)
str(torch.bool)
torch.float is torch.float32
torch.double is torch.float64
torch.half is torch.float16
torch.long is torch.int64
torch.int is torch.int32
torch.short is torch.int16
torch.cfloat is torch.complex64
torch.cdouble is torch.complex128
torch.get_default_dtype()
torch.set_default_dtype(torch.int64)
torch.set_default_dtype(torch.complex64)
torch.set_default_dtype("float64")
torch.set_default_dtype(None)
floats(2).to(torch.float64)
floats(2).to(torch.int64)
floats(2).to(dtype=torch.float16)
floats(2).to("cpu", torch.float64)
floats(2).to(doubles(1))
floats(2).to(torch.float32)
floats(2).to(float)
floats(2).to("float64")
floats(2).to([1])
floats(2).to(torch.float64, False, True)
floats(2).type("torch.NoTensor")
floats(2).type(torch.float64)
floats(2).type()
ints(2).type()
bools(2).type()
floats(2, dtype="float16").type()
complexes(2).type()
floats(2).type("torch.DoubleTensor")
floats(2).double()
floats(2).half()
floats(2).bfloat16()
floats(3, low=-3, high=3).long()
floats(3, low=-3, high=3).int()
floats(3, low=-3, high=3).short()
floats(3, low=-3, high=3).char()
floats(3, low=0, high=3).byte()
tensor([0.0, 0.5, nan], "float32").bool()
ints(3).float()
leaf(2).float()
leaf(2).half()
leaf(2).long()
bools(3).int()
ints(3).bool()
tensor([300, -1], "int64").byte()
tensor([200, 130], "uint8").char()
tensor([1 + 2j], "complex64").to(torch.complex128)
floats(2).to(torch.complex64)
floats(2).type_as(ints(1))
floats(2).is_floating_point()
complexes(2).is_complex()
ints(2).is_floating_point()
floats(2).element_size()
"""

NAMES = (
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16",
    "float32", "float64", "complex64", "complex128",
)  # fmt: skip


def what_each_dtype_says_of_itself(torch):
    found = {}
    for name in NAMES:
        dtype = getattr(torch, name)
        found[name] = [
            repr(dtype), dtype.is_floating_point, dtype.is_complex, dtype.is_signed, dtype.itemsize,
            dtype == dtype, hash(dtype) == hash(dtype),
        ]  # fmt: skip
    return found


def complex_and_real_counterparts(torch):
    return [
        torch.float32.to_complex(), torch.float64.to_complex(), torch.complex64.to_real(), torch.complex128.to_real(),
        torch.complex64.to_complex(), torch.float64.to_real(), torch.bfloat16.to_complex(),
    ]  # fmt: skip


def copies_and_pickles_are_the_dtype_itself(torch):
    import copy
    import pickle

    dtype = torch.float32
    return [copy.copy(dtype) is dtype, copy.deepcopy(dtype) is dtype, pickle.loads(pickle.dumps(dtype)) is dtype]


def the_default_may_be_set(torch):
    found = [torch.get_default_dtype()]
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.float32):
        torch.set_default_dtype(dtype)
        found.extend([torch.get_default_dtype(), torch.tensor(1.0).dtype, (torch.tensor(1) / 2).dtype])
    return found


def casts_of_every_pair(torch, tensor):
    """From values that every dtype holds."""
    return {
        name: " ".join(repr(tensor([0, 1, 2], name).to(getattr(torch, other)).tolist()) for other in NAMES)
        for name in NAMES
    }
