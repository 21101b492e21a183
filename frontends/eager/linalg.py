"""`torch.linalg`."""

from typing import Any as _Any

from .calling.keyword_names import with_numpy_names as _with_numpy_names
from .calling.writing_out import with_out as _with_out
from .functions import added_products as _added_products
from .functions import decompositions as _decompositions
from .functions import eigenvalues as _eigenvalues
from .functions import least_squares as _least_squares
from .functions import matrices as _matrices
from .functions import matrix_norms as _matrix_norms
from .functions import products as _products
from .functions import solving as _solving
from .functions import strided as _strided
from .functions.complexes import conj as _conj
from .functions.decompositions import LinAlgError as LinAlgError
from .functions.operands import tensors as _tensors
from .tensors.creation import arange as _arange
from .tensors.tensor import Tensor as _Tensor

_NAMES: dict[_Any, tuple[str, ...]] = {
    _decompositions: (
        "cholesky", "cholesky_ex", "eigh", "eigvalsh", "lu", "lu_factor", "lu_factor_ex", "qr", "svd",
        "svdvals",
    ),
    _eigenvalues: ("eig", "eigvals"),
    _least_squares: ("lstsq", "matrix_rank", "pinv"),
    _matrices: ("householder_product",),
    _matrix_norms: ("matrix_norm", "norm", "vector_norm"),
    _products: ("matmul",),
    _solving: (
        "cond", "det", "inv", "inv_ex", "lu_solve", "matrix_exp", "matrix_power", "multi_dot", "slogdet", "solve",
        "solve_ex", "solve_triangular", "tensorinv", "tensorsolve",
    ),
}  # fmt: skip

globals().update(
    {
        name: _with_out(name, _with_numpy_names(f"linalg_{name}", getattr(module, name)))
        for module, names in _NAMES.items()
        for name in names
    }
)  # fmt: skip


def cross(input: _Tensor, other: _Tensor, *, dim: int = -1, out: _Any = None) -> _Tensor:
    """The cross product of vectors of three numbers along `dim`."""
    x, y = _tensors("cross", input=input, other=other)
    return _with_out("cross", _added_products.crossed)("linalg.cross", x, y, dim, out=out)


def diagonal(A: _Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> _Tensor:
    """A view of the diagonal of two axes, by default the last."""
    return _strided.diagonal(A, offset, dim1, dim2)


def vecdot(x: _Tensor, y: _Tensor, *, dim: int = -1, out: _Any = None) -> _Tensor:
    """The sums of conj(x) * y along `dim`. Raises RuntimeError for integers."""
    left, right = _tensors("vecdot", x=x, y=y)
    if not left.dtype.ir.is_differentiable:
        raise RuntimeError(
            f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {left.dtype.scalar}"
        )
    return _with_out("vecdot", lambda: (_conj(left) * right).sum(dim))(out=out)


def vander(x: _Tensor, *, N: int | None = None) -> _Tensor:
    """The powers from 0 up to N - 1, by default as many as x has elements, in a new last axis."""
    (given,) = _tensors("vander", x=x)
    count = (given.shape[-1] if given.ndim else 1) if N is None else N
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    whole = given if given.ndim else given.reshape(1)
    return whole.unsqueeze(-1) ** _arange(count, device=whole.device)
