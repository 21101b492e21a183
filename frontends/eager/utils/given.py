"""What users give a writer, tensors, arrays and numbers, as what summaries hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensors.tensor import Tensor


def array_of(value: Any) -> np.ndarray:
    """An array of a tensor, an array or a number; bfloat16 as float16. Raises NotImplementedError for others."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, Tensor):
        array = np.asarray(value.detach()._array())
        return array.astype(np.float16) if value.dtype.name == "bfloat16" else array
    if np.isscalar(value):
        return np.array([value])
    raise NotImplementedError(f"Got {type(value)}, but numpy array or torch tensor are expected.")


def listed_of(value: Any) -> Any:
    """A tensor as an array, all else as it is."""
    return array_of(value) if isinstance(value, Tensor) else value


def number_of(value: Any) -> float:
    """The only element. Raises AssertionError of many."""
    if type(value) is float or type(value) is int:
        return float(value)
    array = array_of(value).squeeze()
    if array.ndim:
        raise AssertionError(
            "Tensor should contain one element (0 dimensions).             "
            f"Was given size: {array.size} and {array.ndim} dimensions."
        )
    return float(array)


def plain_of(value: Any) -> Any:
    """The value of a hyperparameter."""
    if isinstance(value, int | float | str):
        return value
    if isinstance(value, Tensor):
        return array_of(value)[0].item()
    raise ValueError("value should be one of int, float, str, bool, or torch.Tensor")


def checked_domains(values: dict[str, Any], domains: Any) -> dict[str, list[Any]]:
    """The values that numbers and texts may have."""
    if not isinstance(domains, dict):
        raise TypeError("parameter: hparam_domain_discrete should be a dictionary, nothing logged.")
    for name, listed in domains.items():
        kind = type(values.get(name))
        if name not in values or not isinstance(listed, list) or not all(isinstance(each, kind) for each in listed):
            raise TypeError(
                f"parameter: hparam_domain_discrete[{name}] should be a list of same type as hparam_dict[{name}]."
            )
    return {name: listed for name, listed in domains.items() if not isinstance(values[name], Tensor)}
