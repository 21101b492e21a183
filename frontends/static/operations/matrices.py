"""Diagonals, triangles and bands of matrices, the identity, and traces."""

from __future__ import annotations

from typing import Any

from diptych.ir import Dimension, Unsupported, Value, product, user_location

from ...functions import constants, matrices
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import INDICES, NUMBERS, float32, int32, int64
from ..graphs.scopes import name_scope
from ..graphs.shapes import runtime_text
from ..graphs.site import Refusal, Site, UnknownValue, require_rank
from ..graphs.tensor import Tensor
from .arrays import rank, transpose
from .joining import concat
from .ranges import ones, zeros
from .ranges import range as range_of
from .reductions import reduced


def _least(value: Value) -> int:
    """The number of elements on the main diagonal. Raises UnknownValue."""
    rows, columns = value.shape[-2:]
    if isinstance(rows, Dimension) or isinstance(columns, Dimension):
        raise UnknownValue(value)
    return min(rows, columns)


@operation("MatrixDiag", "diagonal: T -> T")
def lower_matrix_diag(at: Site, diagonal: Value) -> Value:
    """Matrices with these diagonals and 0 elsewhere."""
    require_rank(diagonal.shape, 1, "input must be at least 1-dim, received shape: []", at_least=True)
    return matrices.diagonal_matrix(at.b, diagonal)


@operation("MatrixDiagPart", "input: T -> T")
def lower_matrix_diag_part(at: Site, x: Value) -> Value:
    """The main diagonals."""
    require_rank(x.shape, 2, f"input must be at least 2-dim, received shape: {runtime_text(x.shape)}", at_least=True)
    return matrices.diagonal_of(at.b, x, _least(x))


@operation("MatrixSetDiag", "input: T, diagonal: T -> T")
def lower_matrix_set_diag(at: Site, x: Value, diagonal: Value) -> Value:
    """Matrices with other main diagonals."""
    require_rank(x.shape, 2, f"input must be at least 2-dim, received shape: {runtime_text(x.shape)}", at_least=True)
    wanted = (*x.shape[:-2], _least(x))
    if diagonal.shape != wanted:
        raise Refusal(
            f"Dimensions must be equal: diagonal is {runtime_text(diagonal.shape)} but must be {runtime_text(wanted)}",
            f"must have diagonal.shape == input.shape[:-2] + min(input.shape[-2:]), but received input shape: "
            f"{runtime_text(x.shape)} and diagonal shape: {runtime_text(diagonal.shape)}",
        )
    return matrices.with_diagonal(at.b, x, diagonal)


@operation("Diag", "diagonal: T -> T", T=NUMBERS)
def lower_diag(at: Site, diagonal: Value) -> Value:
    """A tensor of twice the axes, with `diagonal` where both halves of an index are equal."""
    require_rank(diagonal.shape, 1, "Input must be at least rank 1, got 0", at_least=True)
    count = product(diagonal.shape)
    square = matrices.diagonal_matrix(at.b, at.b.reshape(diagonal, shape=(count,)))
    return at.b.reshape(square, shape=(*diagonal.shape, *diagonal.shape))


@operation("DiagPart", "input: T -> T", T=NUMBERS)
def lower_diag_part(at: Site, x: Value) -> Value:
    """The elements where both halves of an index are equal."""
    half = x.shape[: x.rank // 2]
    if x.rank % 2 or not x.rank:
        raise Refusal(f"Input must have even and non-zero rank, input rank is {x.rank}")
    if x.shape[x.rank // 2 :] != half:
        message = (
            f"Invalid shape {runtime_text(x.shape)}: dimensions {x.shape[0]} and {x.shape[x.rank // 2]} do not match"
        )
        raise Refusal(message)
    count = product(half)
    flat = at.b.reshape(x, shape=(count, count))
    return at.b.reshape(matrices.diagonal_of(at.b, flat, count), shape=half)


@operation("MatrixBandPart", "input: T, num_lower: Tindex, num_upper: Tindex -> T", Tindex=INDICES)
def lower_band_part(at: Site, x: Value, num_lower: Value, num_upper: Value) -> Value:
    """x with 0 outside of a band around the main diagonal."""
    require_rank(x.shape, 2, f"input must be at least 2-dim, received shape: {runtime_text(x.shape)}", at_least=True)
    for bound in (num_lower, num_upper):
        require_rank(bound.shape, 0)
    inside = matrices.in_band(at.b, x.shape, num_lower, num_upper)
    return at.b.select(inside, x, constants.filled_like(at.b, 0, x))


def _main_only(function: str, k: Any) -> None:
    if not isinstance(k, int) or k:
        raise Unsupported(
            f"tf.linalg.{function} with k={k!r} is not supported",
            location=user_location(),
            hint="the main diagonal, k=0",
        )


@export("diag", "linalg.tensor_diag")
def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """A tensor of twice the axes, with `diagonal` where both halves of an index are equal and 0 elsewhere."""
    return apply("Diag", [diagonal], name=name)


@export("diag_part", "linalg.tensor_diag_part")
def diag_part(input: Any, name: str | None = None) -> Tensor:
    """The elements of `input` where both halves of an index are equal."""
    return apply("DiagPart", [input], name=name)


@export("matrix_diag", "linalg.diag")
def matrix_diag(
    diagonal: Any, name: str = "diag", k: Any = 0, num_rows: int = -1, num_cols: int = -1, padding_value: Any = 0
) -> Tensor:
    """Square matrices [..., n, n] with `diagonal` [..., n] on the main diagonal and 0 elsewhere."""
    _main_only("diag", k)
    return apply("MatrixDiag", [diagonal], name=name)


@export("matrix_diag_part", "linalg.diag_part")
def matrix_diag_part(input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0) -> Tensor:
    """The main diagonals [..., min(m, n)] of matrices [..., m, n]."""
    _main_only("diag_part", k)
    return apply("MatrixDiagPart", [input], name=name)


@export("matrix_set_diag", "linalg.set_diag")
def matrix_set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0) -> Tensor:
    """Matrices with other main diagonals."""
    _main_only("set_diag", k)
    return apply("MatrixSetDiag", [input, diagonal], name=name)


@export("matrix_band_part", "linalg.band_part")
def matrix_band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """`input` with 0 outside of `num_lower` diagonals below the main one and `num_upper` above; negative means all."""
    low = convert_to_tensor(num_lower, dtype_hint=int64, name="num_lower")
    high = convert_to_tensor(num_upper, dtype=low.dtype.base_dtype, name="num_upper")
    return apply("MatrixBandPart", [input, low, high], name=name)


@export("eye", "linalg.eye")
def eye(
    num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = float32, name: str | None = None
) -> Tensor:
    """The identity, or ones on the main diagonal of a matrix of other sizes; one for every place of `batch_shape`."""
    with name_scope(name, "eye", [num_rows, num_columns, batch_shape]):
        is_square = num_columns is None
        columns = num_rows if is_square else num_columns
        batch = [] if batch_shape is None else batch_shape
        known = all(isinstance(size, int) for size in (num_rows, columns)) and isinstance(batch, list | tuple)
        if known and all(isinstance(size, int) for size in batch):
            least, sizes = [*batch, min(num_rows, columns)], [*batch, num_rows, columns]
        else:
            ends = [convert_to_tensor(size, dtype=int32) for size in (num_rows, columns)]
            front = convert_to_tensor(batch, dtype=int32)
            least = concat([front, [apply("Minimum", ends)]], 0)
            sizes = concat([front, ends], 0)
        diagonal = ones(least, dtype=dtype)
        if is_square or (known and num_rows == columns):
            return matrix_diag(diagonal)
        return matrix_set_diag(zeros(sizes, dtype=dtype), diagonal)


@export("trace", "linalg.trace")
def trace(x: Any, name: str | None = None) -> Tensor:
    """The sum along the main diagonal of matrices [..., m, n]."""
    with name_scope(name, "Trace", [x]) as scope:
        x = convert_to_tensor(x, name="x")
        return reduced("Sum", matrix_diag_part(x), [-1], False, scope)


@export("matrix_transpose", "linalg.matrix_transpose", "linalg.transpose")
def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """The last two axes the other way round. Raises ValueError for a tensor of fewer axes."""
    with name_scope(name, values=[a]):
        a = convert_to_tensor(a, name="a")
        count = a.shape.ndims
        if count is not None:
            if count < 2:
                raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {a.shape}")
            order: Any = [*range(count - 2), count - 1, count - 2]
        else:
            whole = rank(a)
            order = concat([range_of(whole - 2), [whole - 1, whole - 2]], 0)
        return transpose(a, perm=order, conjugate=conjugate)


@export("linalg.adjoint")
def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The conjugate of the matrix transposed."""
    with name_scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


@operation("Cross", "a: T, b: T -> T", T=NUMBERS)
def lower_cross(at: Site, x: Value, y: Value) -> Value:
    """The cross product along the last axis."""
    if x.shape != y.shape:
        raise Refusal(
            f"Shapes must be equal: {runtime_text(x.shape)} and {runtime_text(y.shape)}",
            f"Both inputs must be of same shape: {runtime_text(x.shape)} vs. {runtime_text(y.shape)}",
        )
    if not x.rank or x.shape[-1] != 3:
        size = x.shape[-1] if x.rank else "none"
        raise Refusal(f"Dimension must be 3 but is {size}", "Cross-products are only defined for 3-element vectors.")
    b, last = at.b, x.rank - 1

    def turned(value: Value, by: int) -> Value:
        places = b.rem(
            b.add(b.iota(shape=(3,), axis=0, dtype=int32.ir), constants.filled(b, by, (3,), int32.ir)),
            constants.filled(b, 3, (3,), int32.ir),
        )
        return b.transpose(b.gather(value, places, axes=(last,)), permutation=(*range(1, value.rank), 0))

    return b.sub(b.mul(turned(x, 1), turned(y, 2)), b.mul(turned(x, 2), turned(y, 1)))


@export("cross", "linalg.cross")
def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross product of vectors of three elements along the last axis."""
    return apply("Cross", [a, b], name=name)
