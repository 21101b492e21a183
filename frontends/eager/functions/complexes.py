"""Complex numbers and their parts: views of them, angles, conjugates."""

from __future__ import annotations

from diptych.functions.constants import filled_like
from diptych.ir import Builder, DType, Value, dtypes

from ..dtypes import default_type
from ..promotion import promoted_floats
from ..tapes.batches import BOOL, check_single
from ..tapes.lazy import INFERENCE
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors import steps, views
from ..tensors.tensor import Tensor
from .elementary import angle_of
from .operands import tensors

# -- operations: what is written as equations ----


@operation
def _complex(b: Builder, real: Value, imag: Value) -> Value:
    from diptych.functions.broadcasting import broadcast_together

    return b.complex(*broadcast_together(b, real, imag))


@operation
def _polar(b: Builder, size: Value, angle: Value) -> Value:
    from diptych.functions.broadcasting import broadcast_together

    size, angle = broadcast_together(b, size, angle)
    return b.complex(b.mul(size, b.cos(angle)), b.mul(size, b.sin(angle)))


@operation
def _conj(b: Builder, x: Value) -> Value:
    return b.conj(x)


@operation
def _angle(b: Builder, x: Value, default: DType) -> Value:
    if x.dtype.is_complex:
        return angle_of(b, b.imag(x), b.real(x))
    (x,) = promoted_floats(b, x, default=default)
    zero = b.stop_gradient(filled_like(b, 0, x))
    turned = b.select(b.lt(x, zero), filled_like(b, 3.141592653589793, x), zero)
    return b.select(b.ne(x, x), x, turned)


@operation
def _sgn(b: Builder, x: Value) -> Value:
    size = b.abs(x)
    is_zero = b.eq(size, filled_like(b, 0, size))
    safe = b.select(is_zero, filled_like(b, 1, size), size)
    return b.select(is_zero, filled_like(b, 0, x), b.div(x, b.cast(safe, dtype=x.dtype)))


@operation
def _is_real(b: Builder, x: Value) -> Value:
    if not x.dtype.is_complex:
        return b.eq(x, x) if not x.dtype.is_float else b.eq(filled_like(b, 0, x), filled_like(b, 0, x))
    part = b.imag(x)
    return b.eq(part, filled_like(b, 0, part))


# -- functions: what users call ----

_PARTS = (dtypes.f16, dtypes.f32, dtypes.f64)


def _checked_parts(name: str, labels: tuple[str, str], real: Tensor, imag: Tensor) -> tuple[Tensor, Tensor]:
    x, y = tensors(name, **dict(zip(labels, (real, imag), strict=True)))
    for each in (x, y):
        if each.dtype.ir not in _PARTS:
            raise RuntimeError(
                f"Expected both inputs to be Half, Float or Double tensors but got {x.dtype.scalar} and "
                f"{y.dtype.scalar}"
            )
    if x.dtype is not y.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {x.dtype.scalar} but got scalar type {y.dtype.scalar} for second argument"
        )
    return x, y


def complex(real: Tensor, imag: Tensor) -> Tensor:
    """real + i * imag, of floats of one dtype. Raises RuntimeError for others."""
    return call(_complex, _checked_parts("complex", ("real", "imag"), real, imag))


def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """abs * (cos(angle) + i * sin(angle)). Raises RuntimeError for other dtypes than floats."""
    return call(_polar, _checked_parts("polar", ("abs", "angle"), abs, angle))


def real(input: Tensor) -> Tensor:
    """The real part: a view of complex numbers, real ones themselves."""
    (x,) = tensors("real", input=input)
    return views.view_of(x, steps.real, steps.real_write, ()) if x.dtype.is_complex else x


def imag(input: Tensor) -> Tensor:
    """A view of the imaginary part. Raises RuntimeError for real numbers."""
    (x,) = tensors("imag", input=input)
    if not x.dtype.is_complex:
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return views.view_of(x, steps.imag, steps.imag_write, ())


def view_as_real(input: Tensor) -> Tensor:
    """A view of complex numbers as pairs, in a new last axis. Raises RuntimeError for real numbers."""
    (x,) = tensors("view_as_real", input=input)
    if not x.dtype.is_complex:
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return views.view_of(x, steps.view_as_real, steps.pairs_write, ())


def view_as_complex(input: Tensor) -> Tensor:
    """A view of pairs, in the last axis, as complex numbers. Raises RuntimeError for what are no pairs of floats."""
    (x,) = tensors("view_as_complex", input=input)
    if x.dtype.ir not in _PARTS:
        raise RuntimeError(
            f"view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{x.dtype.scalar}"
        )
    if not x.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if x.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    return views.view_of(x, steps.view_as_complex, steps.complex_write, ())


def conj(input: Tensor) -> Tensor:
    """The complex conjugate; real numbers themselves."""
    (x,) = tensors("conj", input=input)
    return call(_conj, (x,)) if x.dtype.is_complex else x


def conj_physical(input: Tensor) -> Tensor:
    """As `conj`, always a new tensor for complex numbers."""
    return conj(input)


def resolve_conj(input: Tensor) -> Tensor:
    """The input itself: conjugates are computed at once."""
    return tensors("resolve_conj", input=input)[0]


def resolve_neg(input: Tensor) -> Tensor:
    """The input itself: negatives are computed at once."""
    return tensors("resolve_neg", input=input)[0]


def is_conj(input: Tensor) -> bool:
    """Whether a conjugate is still to be computed: never."""
    tensors("is_conj", input=input)
    return False


def is_neg(input: Tensor) -> bool:
    """Whether a negative is still to be computed: never."""
    tensors("is_neg", input=input)
    return False


def angle(input: Tensor) -> Tensor:
    """The angle of complex numbers; of real ones 0, or pi below 0."""
    return call(_angle, tensors("angle", input=input), (default_type(),))


def sgn(input: Tensor) -> Tensor:
    """input / |input|, and 0 of 0: of real numbers, `sign`."""
    from .ordering import sign

    (x,) = tensors("sgn", input=input)
    return call(_sgn, (x,)) if x.dtype.is_complex else sign(x)


def isreal(input: Tensor) -> Tensor:
    """Whether the imaginary part is 0."""
    return call(_is_real, tensors("isreal", input=input))


def is_complex(input: Tensor) -> bool:
    """Whether the dtype is complex."""
    return tensors("is_complex", input=input)[0].dtype.is_complex


def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is a float."""
    return tensors("is_floating_point", input=input)[0].dtype.is_floating_point


def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not zero. Raises RuntimeError of more or fewer."""
    (x,) = tensors("is_nonzero", input=input)
    if x.numel() != 1:
        what = "no values" if not x.numel() else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
    check_single(x, BOOL)
    return bool(x.item())


def is_signed(input: Tensor) -> bool:
    """Whether the dtype has negative numbers."""
    return tensors("is_signed", input=input)[0].dtype.is_signed


def is_inference(input: Tensor) -> bool:
    """Whether the tensor was made in inference mode."""
    (x,) = tensors("is_inference", input=input)
    return not x.is_sparse and x._storage.edge == INFERENCE
