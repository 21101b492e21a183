"""The public names: none that PyTorch does not have."""

from __future__ import annotations

from types import ModuleType

import diptych.eager as torch
import pytest

from tests.eager.oracle.answers import load_names
from tests.eager.oracle.names import public_names

OURS = {
    "torch": {"annotations"},
    "torch.Generator": {"take"},
    "torch.dtype": {"ir", "legacy_name", "name", "native", "scalar"},  # which torch's has no names for
    "torch.nn.init": {"annotations"},
}


@pytest.mark.parametrize("place", public_names(torch))
def test_no_name_is_made_up(place: str) -> None:
    theirs = set(load_names()[place]) | OURS.get(place, set())
    found = {
        name
        for name in public_names(torch)[place]
        if name not in theirs and not hasattr(torch, name) and not isinstance(_value(place, name), ModuleType)
    }
    assert not found


def _value(place: str, name: str) -> object:
    holder: object = torch
    for part in [*place.split(".")[1:], name]:
        holder = getattr(holder, part)
    return holder


def test_functions_have_their_own_names_and_say_what_they_do() -> None:
    for name, value in vars(torch).items():
        if callable(value) and not name.startswith("_") and not isinstance(value, type):
            assert value.__doc__, name
            assert value.__name__ in (name, *ALIASES.get(name, ())), name


ALIASES = {"negative": ["neg"], "absolute": ["abs"], "concat": ["cat"], "concatenate": ["cat"]}


def test_what_stands_elsewhere_is_not_at_the_top() -> None:
    for name in ("cast", "getitem", "linear", "max_result", "expand", "view", "contiguous"):
        assert not hasattr(torch, name)
