"""`torch.sparse`: products, sums and softmax of sparse tensors, and the legacy types that make them."""

from typing import Any as _Any

from diptych.names import missing_name as _missing_name

from .making import check_sparse_tensor_invariants, spdiags
from .products import addmm, mm
from .reductions import log_softmax, softmax, sum
from .types import TYPES as _TYPES

globals().update(_TYPES)


def __getattr__(name: str) -> _Any:
    if name.startswith("__"):
        raise AttributeError(f"module 'torch.sparse' has no attribute {name!r}")
    raise _missing_name("torch.sparse", name, globals())
