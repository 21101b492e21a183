"""`torch.sparse`: products, sums and softmax of sparse tensors, and the legacy types that make them."""

from .making import check_sparse_tensor_invariants, spdiags
from .products import addmm, mm
from .reductions import log_softmax, softmax, sum
from .types import TYPES as _TYPES

globals().update(_TYPES)
