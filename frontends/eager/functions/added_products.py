"""Products that are added to a tensor, products of many, and what is made of products: distances, covariances."""

from __future__ import annotations

from math import inf, prod
from typing import Any

from .. import dtypes as dtype_module
from ..calling.autocasting import full_precision, full_precision_on_cuda, lower_precision
from ..tensors import views
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from .arithmetic import add, div, mul, sub
from .axes import counted
from .complexes import conj
from .distances import largest_differences
from .operands import Scalar, tensors
from .ordering import clamp
from .pointwise import cast
from .products import bmm, dot, matmul, mv, outer
from .reductions import mean, norm, sum
from .shapes import broadcast_tensors, expand, permute, reshape, transpose, unsqueeze


def _combined(name: str, x: Tensor, product: Tensor, beta: Scalar, alpha: Scalar) -> Tensor:
    """beta * x + alpha * product, where beta 0 leaves x out; of integers by whole factors."""
    if x.dtype is not product.dtype:
        raise RuntimeError(
            f"{name}: expected self and the product to have the same dtype, but got {x.dtype.scalar} and "
            f"{product.dtype.scalar}"
        )
    if not product.dtype.ir.is_differentiable:
        beta, alpha = int(beta), int(alpha)
    term = expand(x, tuple(product.shape))
    scaled = product if alpha == 1 else mul(product, alpha)
    if beta == 0:
        return views.with_history(scaled, x)
    return add(term if beta == 1 else mul(term, beta), scaled)


def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1) -> Tensor:
    """beta * input + alpha * (mat @ vec)."""
    x, matrix, vector = tensors("addmv", input=input, mat=mat, vec=vec)
    if matrix.ndim != 2 or vector.ndim != 1 or x.ndim > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {x.ndim}, {matrix.ndim}, {vector.ndim}")
    return _combined("addmv", x, mv(matrix, vector), beta, alpha)


def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1) -> Tensor:
    """beta * input + alpha * outer(vec1, vec2)."""
    x, first, second = tensors("addr", input=input, vec1=vec1, vec2=vec2)
    for label, each in (("vec1", first), ("vec2", second)):
        if each.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {label}, but got {each.ndim}-D")
    if x.dtype.ir.is_bool and first.dtype.ir.is_bool and second.dtype.ir.is_bool:
        found = outer(first, second)
        return found & bool(alpha) | (expand(x, tuple(found.shape)) & bool(beta))
    product = outer(first, second)
    scaled = product if alpha == 1 else mul(product, alpha)
    term = expand(x, tuple(product.shape))
    if beta == 0:
        return views.with_history(scaled, x)
    return add(term if beta == 1 else mul(term, beta), scaled)


@lower_precision
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1) -> Tensor:
    """beta * input + alpha * the sum of the products of two stacks of matrices."""
    x, first, second = tensors("addbmm", input=input, batch1=batch1, batch2=batch2)
    return _combined("addbmm", x, sum(_batches(first, second), 0, dtype=first.dtype), beta, alpha)


@lower_precision
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Scalar = 1, alpha: Scalar = 1) -> Tensor:
    """beta * input + alpha * the products of two stacks of matrices."""
    x, first, second = tensors("baddbmm", input=input, batch1=batch1, batch2=batch2)
    return _combined("baddbmm", x, _batches(first, second), beta, alpha)


def _batches(first: Tensor, second: Tensor) -> Tensor:
    for label, each in (("batch1", first), ("batch2", second)):
        if each.ndim != 3:
            raise RuntimeError(f"{label} must be a 3D tensor")
    return bmm(first, second)


def vdot(input: Tensor, other: Tensor) -> Tensor:
    """The product of two vectors, the first of them conjugated."""
    x, y = tensors("vdot", input=input, other=other)
    return dot(conj(x), y)


def ger(input: Tensor, vec2: Tensor) -> Tensor:
    """As `outer`."""
    return outer(input, vec2)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Sums of products over both last axes; of a scalar, the product. Raises RuntimeError where their sizes differ."""
    x, y = tensors("inner", input=input, other=other)
    if not x.ndim or not y.ndim:
        return mul(x, y)
    if x.shape[-1] != y.shape[-1]:
        raise RuntimeError(
            f"inner() the last dimension must match on both input tensors but got shapes {list(x.shape)} and "
            f"{list(y.shape)}"
        )
    return tensordot(x, y, ([-1], [-1]))


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sums of products over axes of both: the last `dims` of a and the first of b, or those of two lists. Raises
    RuntimeError for sizes that do not fit."""
    x, y = tensors("tensordot", a=a, b=b)
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(x.ndim, y.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        left, right = list(range(-dims, 0)), list(range(dims))
    else:
        left, right = (list(each) if isinstance(each, (list, tuple)) else [each] for each in dims)
    if len(left) != len(right):
        raise RuntimeError("both dimension lists should have same length")
    given = left
    left, right = [counted(dim, x.ndim) for dim in left], [counted(dim, y.ndim) for dim in right]
    for label, one, other in zip(given, left, right, strict=True):
        if x.shape[one] != y.shape[other]:
            if 1 in (x.shape[one], y.shape[other]):
                x, y = (sum(x, one, keepdim=True), y) if y.shape[other] == 1 else (x, sum(y, other, keepdim=True))
                continue
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {x.shape[one]} in dim {label} and second has "
                f"size {y.shape[other]} in dim {other}"
            )
    kept, others = ([axis for axis in range(each.ndim) if axis not in used] for each, used in ((x, left), (y, right)))
    shape = [x.shape[axis] for axis in kept] + [y.shape[axis] for axis in others]
    size = prod(x.shape[axis] for axis in left)
    rows = reshape(permute(x, [*kept, *left]), (prod(x.shape[axis] for axis in kept), size))
    columns = reshape(permute(y, [*right, *others]), (size, prod(y.shape[axis] for axis in others)))
    return reshape(matmul(rows, columns), shape)


def kron(input: Tensor, other: Tensor) -> Tensor:
    """The Kronecker product: every element of input times the whole of other."""
    x, y = tensors("kron", input=input, other=other)
    rank = max(x.ndim, y.ndim)
    left, right = ([*[1] * (rank - each.ndim), *each.shape] for each in (x, y))
    wide = reshape(x, [size for each in left for size in (each, 1)])
    other_wide = reshape(y, [size for each in right for size in (1, each)])
    return reshape(mul(wide, other_wide), [one * two for one, two in zip(left, right, strict=True)])


def chain_matmul(*matrices: Tensor) -> Tensor:
    """The product of several matrices."""
    if not matrices:
        raise RuntimeError("chain_matmul(): Expected one or more matrices")
    found = matrices[0]
    for each in matrices[1:]:
        found = matmul(found, each)
    return found


def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three numbers, along `dim` or the first axis of that size. Raises RuntimeError
    for other sizes."""
    x, y = tensors("cross", input=input, other=other)
    if dim is None:
        shape = broadcast_tensors(x, y)[0].shape
        dim = next((axis for axis, size in enumerate(shape) if size == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return crossed("linalg.cross", x, y, dim)


def crossed(name: str, x: Tensor, y: Tensor, dim: int) -> Tensor:
    """The cross product along `dim`, for the function `name`."""
    if x.ndim != y.ndim:
        raise RuntimeError(f"{name}: inputs must have the same number of dimensions.")
    axis = counted(dim, x.ndim)
    if x.shape[axis] != 3 or y.shape[axis] != 3:
        raise RuntimeError(
            f"{name}: inputs dimension {dim} must have length 3. Got {x.shape[axis]} and {y.shape[axis]}"
        )
    from .rearranging import roll

    x, y = broadcast_tensors(x, y)
    forward = mul(roll(x, -1, axis), roll(y, -2, axis))
    return sub(forward, mul(roll(x, -2, axis), roll(y, -1, axis)))


@full_precision_on_cuda
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of input - other."""
    x, y = tensors("dist", input=input, other=other)
    return norm(sub(x, y), p)


@full_precision
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: Any = "use_mm_for_euclid_dist_if_necessary") -> Tensor:
    """The p-norms of all differences of rows: [..., m, n] of [..., m, k] and [..., n, k]. Raises RuntimeError for other
    tensors than floats of such shapes."""
    x, y = tensors("cdist", x1=x1, x2=x2)
    for label, each in (("X1", x), ("X2", y)):
        if not each.dtype.is_floating_point:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {label} got: {each.dtype.scalar}")
        if each.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {label} got: {each.ndim}D")
    if x.shape[-1] != y.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x.shape[-1]} X2: {y.shape[-1]}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if not x.shape[-1]:
        lead = broadcast_tensors(x[..., :1, :0].sum(-1), y[..., :1, :0].sum(-1))[0].shape[:-1] if x.numel() else ()
        return zeros(*lead, x.shape[-2], y.shape[-2], dtype=x.dtype, device=x.device)
    rows, others = unsqueeze(x, -2), unsqueeze(y, -3)
    return largest_differences(rows, others) if p == inf else norm(sub(rows, others), p, -1)


@full_precision_on_cuda
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """Each slice along `dim` scaled down to a p-norm of at most maxnorm. Raises RuntimeError for a norm that is
    none."""
    (x,) = tensors("renorm", input=input)
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if x.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {x.ndim} dimensions")
    axis = counted(dim, x.ndim)
    sizes = norm(x, p, [other for other in range(x.ndim) if other != axis], keepdim=True)
    return mul(x, cast(_shrinking(sizes, maxnorm), x.dtype))


def _shrinking(sizes: Tensor, most: float) -> Tensor:
    from .logic import gt, where

    return where(gt(sizes, most), div(most, add(sizes, 1e-7)), 1.0)


def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariances of variables, which are the rows of a matrix of observations: [n, n]. fweights counts each
    observation, aweights weighs it. Raises RuntimeError for weights that do not fit."""
    (x,) = tensors("cov", input=input)
    if x.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {x.ndim} dimensions"
        )
    if x.dtype.ir.is_bool:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    rows = reshape(x, (1, -1)) if x.ndim < 2 else x
    whole = rows if rows.dtype.ir.is_differentiable else cast(rows, dtype_module.get_default_dtype())
    count = rows.shape[1]
    weights: Tensor | None = None
    for label, each, kind in (("fweights", fweights, "integral"), ("aweights", aweights, "floating point")):
        if each is None:
            continue
        if each.ndim > 1:
            raise RuntimeError(
                f"cov(): expected {label} to have one or fewer dimensions but got {label} with {each.ndim} dimensions"
            )
        if (kind == "integral") is not each.dtype.ir.is_integer or (
            kind != "integral" and not each.dtype.is_floating_point
        ):
            raise RuntimeError(
                f"cov(): expected {label} to have {kind} dtype but got {label} with {each.dtype.scalar} dtype"
            )
        if each.numel() != count:
            raise RuntimeError(
                f"cov(): expected {label} to have the same numel as there are observations in the input but got "
                f"{each.numel()} != {count}"
            )
        if each.numel() and bool((each < 0).any()):
            raise RuntimeError(f"cov(): {label} cannot be negative")
        weights = each if weights is None else mul(weights, each)
    if weights is None:
        total: Any = count
        centred = sub(whole, mean(whole, 1, keepdim=True))
        weighted = centred
        freedom: Any = max(count - correction, 0)
    else:
        weights = cast(weights, whole.dtype.to_real()) if not weights.dtype.is_floating_point else weights
        total = sum(weights)
        if float(total) == 0 and count:
            raise RuntimeError("cov(): weights sum to zero, can't be normalized")
        average = div(sum(mul(whole, weights), 1, keepdim=True), total)
        centred = sub(whole, average)
        weighted = mul(centred, weights)
        reduced: Any = (
            correction
            if aweights is None
            else mul(div(sum(mul(weights, cast(aweights, weights.dtype))), total), correction)
        )
        freedom = clamp(sub(total, reduced), min=0)
    found = div(matmul(weighted, conj(transpose(centred, 0, 1))), freedom)
    return reshape(found, ()) if rows.shape[0] == 1 else found


def corrcoef(input: Tensor) -> Tensor:
    """The correlations of variables, which are the rows of a matrix of observations."""
    (x,) = tensors("corrcoef", input=input)
    if x.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {x.ndim} dimensions"
        )
    found = cov(x)
    if not found.ndim:
        return div(found, found)
    from .complexes import imag, real
    from .strided import diagonal

    spread = real(diagonal(found)).sqrt() if found.dtype.is_complex else diagonal(found).sqrt()
    scaled = div(div(found, unsqueeze(spread, 1)), unsqueeze(spread, 0))
    if scaled.dtype.is_complex:
        from .complexes import complex

        return complex(clamp(real(scaled), -1, 1), clamp(imag(scaled), -1, 1))
    return clamp(scaled, -1, 1)
