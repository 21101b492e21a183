"""Random bits as a pure function of a key and a counter."""

from __future__ import annotations

from .. import dtypes
from ..dimensions import Shape
from ..dtypes import DType
from ..op import op, refuse
from ..types import TensorType
from . import checks


@op
def random_bits(key: TensorType, counter: TensorType, *, shape: Shape, dtype: DType = dtypes.u32) -> TensorType:
    """Bits of Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).

    `key` is u32[2], `counter` u64[]. Block j, from 0, encrypts the 64-bit number counter + j, its low word first, and
    yields two words of 32 bits. In row-major order, u32 elements take one word each, u64 elements two, the first being
    the low one. So n elements use ceil(n / 2) blocks (u32) or n (u64), and counter + blocks continues the stream.
    """
    if key != TensorType(dtypes.u32, (2,)):
        refuse("key", key, "u32[2]")
    if counter != TensorType(dtypes.u64):
        refuse("counter", counter, "u64[]")
    if dtype not in (dtypes.u32, dtypes.u64):
        refuse("dtype", dtype, "u32 or u64")
    checks.sizes(shape)
    return TensorType(dtype, shape)
