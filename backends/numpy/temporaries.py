"""Memory that equations take from the system while they run, beside their operands, their results and the arena.

That is what the reference's kernels make on their way, and numpy for them. The numbers of `numpy.linalg` and
`numpy.fft`, which compute single precision in double, are as measured.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import prod

from diptych.ir import Equation, Op, Value, ops
from diptych.ir.ops.contraction import convolution_layout
from diptych.passes.elementwise import ELEMENTWISE

from ..reference.contraction import CHUNK
from ..reference.indexing import BLOCK
from ..reference.window import axes_of
from . import contraction, elementwise, indexing, reduction, windows

WIDE = 8  # bytes of an index, and of a float64
KERNEL_BYTES = 80  # bytes an element that an elementwise kernel makes on its way, at most


def temporaries(equation: Equation) -> int:
    """Bytes that the equation takes while it runs, without those that its nested functions take, and without operands
    of a product that are copied."""
    op = equation.op
    if op in ELEMENTWISE:
        if elementwise.writes(equation):
            return 0
        return KERNEL_BYTES * min(elementwise.KERNEL_BLOCK, _elements(equation.results[0]))
    found = _TEMPORARIES.get(op)
    return found(equation) if found is not None else 0


def _elements(value: Value) -> int:
    return prod(value.type.static_shape())


def _bytes(values: tuple[Value, ...]) -> int:
    return sum(value.type.bytes() for value in values)


def _is_half(value: Value) -> bool:
    return value.dtype.name in ("f16", "bf16")


def _is_single(value: Value) -> bool:
    return value.dtype.name in ("f32", "c64")


def _widened(equation: Equation) -> int:
    """Half precision: operands in float32, and results there before they are rounded."""
    if not _is_half(equation.operands[0]):
        return 0
    return 2 * _bytes(equation.operands) + 2 * _bytes(equation.results)


# -- reductions ----


def _sum(equation: Equation) -> int:
    """An operand in the order of another layout; sums of pieces."""
    how = reduction.summing(equation)
    if how is None or not reduction.writes(equation):
        return _widened(equation)
    (x,), (result,) = equation.operands, equation.results
    turned = x.type.bytes() if how.turned else 0
    pieces = result.type.bytes() * (how.length // how.piece) if how.piece and how.piece < how.length else 0
    return turned + pieces


def _arg(equation: Equation) -> int:
    """numpy turns the axis to the end; other types of indices come from its own."""
    (x,), (result,) = equation.operands, equation.results
    turned = x.type.bytes() if equation.attributes["axis"] % x.rank != x.rank - 1 else 0
    return turned + (0 if reduction.writes(equation) else WIDE * _elements(result)) + _widened(equation)


def _sort(equation: Equation) -> int:
    """The order, save where one operand is sorted itself."""
    operands, keys = equation.operands, equation.operands[: equation.attributes["keys"]]
    if len(operands) == 1 and operands[0].dtype.name != "bf16":
        return 0
    wide = sum(2 * key.type.bytes() for key in keys if key.dtype.name == "bf16")
    return WIDE * _elements(operands[0]) + wide


def _top_k(equation: Equation) -> int:
    x = equation.operands[0]
    wide = 2 * x.type.bytes() if x.dtype.name == "bf16" else 0
    return WIDE * (_elements(x) + 2 * _elements(equation.results[0])) + wide


# -- contraction ----


def _matmul(equation: Equation) -> int:
    if contraction.writes(equation):
        return 0
    (result,) = equation.results
    if not result.dtype.is_integer:
        return _widened(equation)
    exact, own = WIDE * _elements(result), result.type.bytes()
    return max(WIDE * sum(map(_elements, equation.operands)) + exact - own, 2 * exact)


def _convolution(equation: Equation) -> int:
    """An x spread out; windows of it, of integers again in float64; the result as it is before it is rounded."""
    if contraction.writes(equation):
        return contraction.copied(equation)
    x, kernel = equation.operands
    (result,), attributes = equation.results, equation.attributes
    roles = convolution_layout(attributes["layout"])
    sizes, extents = x.type.static_shape(), kernel.type.static_shape()
    size = 4 if _is_half(x) else x.dtype.bytes
    wide = prod(sizes[axis] for axis in roles.x[:2])
    places = zip(roles.x[2:], attributes["padding"], attributes["x_dilation"], strict=True)
    for axis, (before, after), step in places:
        wide *= (sizes[axis] - 1) * step + 1 + before + after
    out = result.type.static_shape()
    image = prod(out[axis] for axis in roles.result[2:])
    each = image * prod(extents) // extents[roles.kernel[0]] * attributes["groups"]
    images = max(1, out[roles.result[0]])
    chunk = each * min(images, max(1, CHUNK // max(1, each)))
    if _is_half(x):
        return 2 * _bytes(equation.operands) + size * (wide + chunk) + 2 * result.type.bytes() - result.type.bytes()
    exact = WIDE * (chunk + _elements(kernel) + chunk * _elements(result) // max(1, each * images))
    return size * (wide + chunk) + (exact if x.dtype.is_integer else 0)


def _window(equation: Equation) -> int:
    """What is made along all axes but the last one; of half precision in float32."""
    if windows.writes(equation):
        return 0
    x = equation.operands[0]
    shape, size = x.type.static_shape(), 4 if _is_half(x) else x.dtype.bytes
    steps = [0]
    for axis in axes_of(shape, **equation.attributes):
        if not axis.is_trivial:
            shape = axis.shape(shape)
            steps.append(size * prod(shape))
    before = max((first + second for first, second in pairwise(steps)), default=0)
    return max(0, before - steps[-1]) + _widened(equation)


# -- indexing ----


def _gather(equation: Equation) -> int:
    """Indices as numpy wants them; of several axes also what they come to."""
    _, *indices = equation.operands
    own = [WIDE * _elements(index) for index in indices if index.dtype.name != "i64" or not _raises(equation)]
    if indexing.writes(equation) or len(indices) == 1:
        return sum(own)
    return sum(own) + WIDE * _elements(indices[0])


def _raises(equation: Equation) -> bool:
    return equation.attributes["bounds"] == "error"


def _scatter(equation: Equation) -> int:
    """Updates in the order of their rows, and their sums; or, one by one, the places of so many at a time."""
    x, updates, *indices = equation.operands
    count, size = _elements(indices[0]), updates.type.bytes()
    if indexing.writes(equation):
        kept = 0 if _raises(equation) else count + size + indices[0].type.bytes()
        if equation.attributes["combine"] == "set":
            return kept + (0 if indices[0].dtype.name == "i64" else WIDE * count)
        sums = min(size, x.type.bytes())
        return kept + WIDE * count + indices[0].type.bytes() + max(size + sums, 2 * sums)
    places = 2 * WIDE * count + count
    if equation.attributes["combine"] == "set":
        return places
    step = min(BLOCK, _elements(updates))
    wide = 2 * (x.type.bytes() + size) if _is_half(x) else 0
    return WIDE * count + count + wide + max(WIDE * count, 3 * WIDE * step)


# -- linear algebra ----


def _matrix(value: Value) -> int:
    """Bytes of one matrix of a stack."""
    *_, rows, columns = value.type.static_shape()
    return rows * columns * value.dtype.bytes


def _cholesky(equation: Equation) -> int:
    (x,) = equation.operands
    if _is_single(x):
        return 3 * x.type.bytes() + 2 * _matrix(x)
    return max(_matrix(x), _elements(x))


def _qr(equation: Equation) -> int:
    (x,), (q, r) = equation.operands, equation.results
    wide = 2 if _is_single(x) else 1
    whole, first, second = x.type.bytes(), q.type.bytes(), r.type.bytes()
    made = wide * (whole + first + second) + _matrix(r) // x.dtype.bytes
    if wide == 2:
        made = max(made + first, made + second - first)
    return max(0, max(wide * (whole + first + _matrix(x) + _matrix(q)), made) - first - second)


def _svd(equation: Equation) -> int:
    (x,), (u, values, v) = equation.operands, equation.results
    work = _matrix(x) + _matrix(u) + _matrix(v) + 11 * values.type.static_shape()[-1] ** 2 * x.dtype.bytes // 4
    return 2 * _bytes(equation.results) + 2 * work if _is_single(x) else work


def _eigh(equation: Equation) -> int:
    (x,) = equation.operands
    return 3 * x.type.bytes() + 6 * _matrix(x) if _is_single(x) else 3 * _matrix(x)


def _eig(equation: Equation) -> int:
    (x,) = equation.operands
    if _is_single(x):
        return 2 * _bytes(equation.results) + 25 * _matrix(x) // 3
    return _bytes(equation.results) + 13 * _matrix(x) // 6


def _triangular_solve(equation: Equation) -> int:
    """What the upper half takes off the lower one; conjugates."""
    a, b = equation.operands
    conjugate = a.type.bytes() if equation.attributes["transform"] == "adjoint" and a.dtype.is_complex else 0
    return b.type.bytes() // 2 + conjugate


def _lu(equation: Equation) -> int:
    (x,) = equation.operands
    rows, columns = x.type.static_shape()[-2:]
    inner = min(rows, columns)
    return x.type.bytes() * (max(0, rows - inner // 2) * max(0, columns - inner // 2)) // max(1, rows * columns)


def _fft(equation: Equation) -> int:
    """Single precision goes through double, save on the way back."""
    (x,), (result,) = equation.operands, equation.results
    size, several = result.type.bytes(), len(equation.attributes["lengths"]) > 1
    single = 3 * size if _is_single(x) and equation.attributes["kind"] in ("fft", "rfft") else 0
    return single + (size if several else 0)


_TEMPORARIES: dict[Op, Callable[[Equation], int]] = {
    ops.reduce_sum: _sum,
    **dict.fromkeys((ops.reduce_prod, ops.reduce_max, ops.reduce_min), _widened),
    **dict.fromkeys((ops.cumulative_sum, ops.cumulative_prod, ops.cumulative_max, ops.cumulative_min), _widened),
    **dict.fromkeys((ops.argmax, ops.argmin), _arg),
    ops.sort: _sort,
    ops.top_k: _top_k,
    ops.matmul: _matmul,
    ops.convolution: _convolution,
    **dict.fromkeys((ops.window_max, ops.window_sum), _window),
    ops.gather: _gather,
    ops.scatter: _scatter,
    ops.cholesky: _cholesky,
    ops.qr: _qr,
    ops.svd: _svd,
    ops.eigh: _eigh,
    ops.eig: _eig,
    ops.lu: _lu,
    ops.triangular_solve: _triangular_solve,
    ops.fft: _fft,
    ops.host_call: lambda equation: max(_bytes(equation.operands), _bytes(equation.results)),
}
