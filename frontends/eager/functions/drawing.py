"""Random numbers of distributions: coins, choices, normal numbers with means and spreads, and filling in place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes as dtype_module
from ..random import Generator, filled_normal, rand, randint, randn
from ..tensors import inplace, views
from ..tensors.tensor import Tensor
from .arithmetic import add, div, mul, neg
from .logic import lt
from .operands import tensors
from .ordering import clamp
from .pointwise import cast
from .sorting import topk

# -- new tensors ----


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that input, or p, has, 0 otherwise, in input's dtype. Raises RuntimeError for what is no
    probability."""
    (x,) = tensors("bernoulli", input=input)
    if p is not None:
        _check_probability("bernoulli_", p)
        chances: Any = p
    else:
        if not x.dtype.is_floating_point:
            raise RuntimeError(f"\"bernoulli_tensor_cpu_self_\" not implemented for '{x.dtype.scalar}'")
        values = x._array()
        if bool(((values < 0) | (values > 1)).any()):
            raise RuntimeError(
                "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be "
                "improved?  If "
                "so, please report an enhancement request to PyTorch.)"
            )
        chances = x.detach()
    draws = rand(tuple(x.shape), generator=generator, device=x.device)
    return views.with_history(cast(lt(draws, chances), x.dtype), x)


def _check_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise RuntimeError(f"{name} expects p to be in [0, 1], but got p={p:g}")


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Places drawn by weights: [num_samples] of a vector, [rows, num_samples] of a matrix, as int64. Raises
    RuntimeError for weights that are none, and more draws than there are without replacement."""
    (x,) = tensors("multinomial", input=input)
    if x.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not x.dtype.is_floating_point:
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {x.dtype.scalar}")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    size = x.shape[-1]
    if not replacement and num_samples > size:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    weights = x.detach()
    values = weights._array()
    if bool((values < 0).any()) or not math.isfinite(float(values.sum())):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if bool((values.sum(-1) <= 0).any()):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement:  # the largest of exponential numbers divided by the weights
        draws = rand(tuple(x.shape), generator=generator, dtype=dtype_module.float64, device=x.device)
        clocks = neg(mul(draws, -1).log1p())
        return topk(div(cast(weights, dtype_module.float64), clocks), num_samples).indices
    return _with_replacement(weights, num_samples, generator)


def _with_replacement(weights: Tensor, count: int, generator: Generator | None) -> Tensor:
    from .reductions import cumsum
    from .searching import searchsorted

    sums = cumsum(cast(weights, dtype_module.float64), -1)
    shape = (*weights.shape[:-1], count)
    drawn = rand(shape, generator=generator, dtype=dtype_module.float64, device=weights.device)
    draws = mul(drawn, sums[..., -1:])
    found = searchsorted(sums, draws, right=True)
    return clamp(found, max=weights.shape[-1] - 1)


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: Any = None,
    device: Any = None, layout: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Normal numbers of a mean and a standard deviation each: tensors, or numbers with a size. Raises RuntimeError for
    a deviation below 0."""
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if size is None:
            raise TypeError("normal() received an invalid combination of arguments - got two numbers without a size")
        if std < 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
        made = add(mul(randn(size, generator=generator, dtype=dtype, device=device), std), mean)
        return made.requires_grad_() if requires_grad else made
    if isinstance(std, Tensor):
        if std.dtype.is_complex:
            raise RuntimeError("normal expects standard deviation to be non-complex")
        if std.numel() and bool((std.detach() < 0).any()):
            raise RuntimeError("normal expects all elements of std >= 0.0")
    elif std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    from .shapes import broadcast_tensors

    known = [each.detach() for each in (mean, std) if isinstance(each, Tensor)]
    like = broadcast_tensors(*known)[0]
    draws = randn(tuple(like.shape), generator=generator, dtype=known[0].dtype, device=like.device)
    found = add(
        mul(draws, std.detach() if isinstance(std, Tensor) else std),
        mean.detach() if isinstance(mean, Tensor) else mean,
    )
    for each in (mean, std):
        found = views.with_history(found, each) if isinstance(each, Tensor) else found
    return found


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Numbers of events, of a rate each. Raises RuntimeError for rates below 0. The numbers are drawn now."""
    from ..host_random import random_seed
    from ..tensors.data import from_array

    (x,) = tensors("poisson", input=input)
    rates = np.asarray(x.detach()._array())
    if (rates < 0).any():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    drawn = np.asarray(np.random.default_rng(random_seed(generator)).poisson(rates))
    return from_array(drawn.astype(rates.dtype), x.device)


def randint_like(
    input: Tensor, low: Any = None, high: Any = None, *, generator: Generator | None = None, dtype: Any = None,
    device: Any = None, layout: Any = None, pin_memory: bool = False, requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """Integers in [low, high), or from 0 below one bound, of input's shape and dtype."""
    (x,) = tensors("randint_like", input=input)
    low, high = (0, low) if high is None else (low, high)
    low, high = (int(each) for each in (low, high))
    return randint(
        low, high, tuple(x.shape), generator=generator, dtype=dtype or x.dtype,
        device=x.device if device is None else device,
        requires_grad=requires_grad,
    )  # fmt: skip


# -- filling in place ----


def _filled(self: Tensor, drawn: Tensor) -> Tensor:
    inplace.check_writable(self)
    views.overwrite(self, cast(drawn, self.dtype))
    return self


def lower_bound(name: str, low: Any, bound: dict[str, Any]) -> Any:
    """The bound given first, or by the name `from`, which is a word of Python's own. Raises TypeError for others."""
    for each in bound:
        if each != "from":
            raise TypeError(f"{name}() got an unexpected keyword argument '{each}'")
    return bound.get("from", low)


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Writes 1 with probability p, a number or a tensor, 0 otherwise."""
    if not isinstance(p, Tensor):
        _check_probability("bernoulli_", p)
    draws = rand(tuple(self.shape), generator=generator, device=self.device)
    return _filled(self, lt(draws, p.detach() if isinstance(p, Tensor) else p))


def _check_floats(name: str, self: Tensor, kind: str) -> None:
    if not self.dtype.is_floating_point:
        raise RuntimeError(
            f"{name} is a continuous probability distribution. dtype must be a floating point but you specified "
            f"{self.dtype.scalar}"
        )


def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Writes numbers of Cauchy's distribution. Raises RuntimeError for a sigma that is not above 0."""
    if sigma <= 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    _check_floats("Cauchy distribution", self, "cauchy")
    draws = rand(tuple(self.shape), generator=generator, dtype=dtype_module.float64, device=self.device)
    return _filled(self, add(mul(mul(add(draws, -0.5), math.pi).tan(), sigma), median))


def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None) -> Tensor:
    """Writes exp of normal numbers. Raises RuntimeError for a deviation that is not above 0."""
    if std <= 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    if not self.dtype.is_floating_point:
        raise NotImplementedError(f"\"log_normal\" not implemented for '{self.dtype.scalar}'")
    return _filled(self, filled_normal(self.detach(), mean, std, generator).exp())


def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Writes how many trials of probability p there are until the first that succeeds. Raises RuntimeError for a p that
    is not in (0, 1)."""
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    draws = rand(tuple(self.shape), generator=generator, dtype=dtype_module.float64, device=self.device)
    return _filled(self, div(mul(draws, -1).log1p(), math.log1p(-p)).ceil().clamp(min=1))


def random_(
    self: Tensor, low: Any = None, /, to: Any = None, *, generator: Generator | None = None, **bound: Any
) -> Tensor:
    """Writes integers in [low, to), from 0 below one bound, or all that the dtype counts exactly. By name the first
    bound is `from`."""
    kind = self.dtype.ir
    low = lower_bound("random_", low, bound)
    low, high = (0, low) if to is None else (0 if low is None else low, to)
    if high is None:
        digits = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}.get(self.dtype.name)
        high = 2 if kind.is_bool else 2 ** (digits or min(kind.bits - (kind.kind == "signed"), 63))
        high += 1 if digits else 0
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    drawn = randint(int(low), int(min(high, 2**63 - 1)), tuple(self.shape), generator=generator, device=self.device)
    return _filled(self, drawn)
