"""Parameters of distributions of classes: logits or probabilities, and counts."""

from __future__ import annotations

import hashlib
from typing import Any

from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, smallest_normal
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.checks import (
    assert_equal,
    assert_less_equal,
    assert_near,
    assert_non_negative,
)
from ..operations.control import with_dependencies
from ..operations.neural import softmax
from ..operations.random import random_uniform
from ..operations.reductions import reduced


def logits_and_probs(
    logits: Any, probs: Any, *, many: bool = False, validate_args: bool = False, name: str = "get_logits_and_probs"
) -> tuple[Tensor, Tensor]:
    """Both, of whichever is given, of several classes along the last axis or of one. Raises ValueError where both or
    neither are given, TypeError for what is no float."""
    with name_scope(name, values=[logits, probs]):
        if (probs is None) == (logits is None):
            raise ValueError("Must pass probs or logits, but not both.")
        if probs is None:
            logits = convert_to_tensor(logits, name="logits")
            if not logits.dtype.is_floating:
                raise TypeError("logits must having floating type.")
            if many and validate_args:
                check_classes(logits)
            return logits, softmax(logits, name="probs") if many else apply("Sigmoid", [logits], name="probs")
        probs = convert_to_tensor(probs, name="probs")
        if not probs.dtype.is_floating:
            raise TypeError("probs must having floating type.")
        if validate_args:
            probs = _checked(probs, many=many)
        with name_scope("logits"):
            if many:
                return apply("Log", [probs]), probs
            return apply("Log", [probs]) - apply("Log1p", [-1.0 * probs]), probs


def _checked(probs: Tensor, *, many: bool) -> Tensor:
    one = convert_to_tensor(1.0, dtype=probs.dtype)
    checks = [assert_non_negative(probs)]
    if many:
        check_classes(probs)
        total = reduced("Sum", probs, -1, False, None)
        checks.append(assert_near(total, one, message="probs does not sum to 1."))
    else:
        checks.append(assert_less_equal(probs, one, message="probs has components greater than 1."))
    return with_dependencies(checks, probs)


def check_classes(x: Tensor) -> None:
    """Raises ValueError for parameters of fewer than two classes."""
    if x.shape.ndims is not None and x.shape.ndims < 1:
        raise ValueError("A categorical-distribution parameter must have at least 1 dimension.")
    count = x.shape[-1].value if x.shape.ndims else None
    if count is not None and count < 2:
        raise ValueError("A categorical-distribution parameter must have at least 2 events.")


def checked_counts(counts: Tensor, total: Tensor, message: str) -> Tensor:
    """Counts, which a run checks to be integers from 0 on that sum to `total`."""
    checks = [
        assert_non_negative(counts),
        assert_equal(counts, apply("Floor", [counts]), message="counts must be integers"),
        assert_equal(total, reduced("Sum", counts, -1, False, None), message=message),
    ]
    return with_dependencies(checks, counts)


def log_combinations(n: Tensor, counts: Tensor) -> Tensor:
    """The logarithm of n! / (counts! ...), along the last axis."""
    with name_scope("log_combinations", values=[n, counts]):
        redundant = reduced("Sum", apply("Lgamma", [counts + 1]), [-1], False, None)
        return apply("Lgamma", [n + 1]) - redundant


def below_one(sizes: Tensor, dtype: DType, seed: Any) -> Tensor:
    """Uniform numbers between 0 and 1, both excluded, whose logarithms are finite."""
    return random_uniform(sizes, minval=smallest_normal(dtype), maxval=1.0, dtype=dtype, seed=seed)


def new_seed(seed: Any, salt: str) -> int | None:
    """Another seed, made of a seed and a text."""
    if seed is None:
        return None
    text = f"{seed}{salt}".encode()
    return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF
