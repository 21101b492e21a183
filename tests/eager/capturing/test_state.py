"""A captured function runs as Python again once state that it can reach has changed, wherever that lies."""

from __future__ import annotations

import functools
import types
import weakref
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import methodcaller
from typing import Any

import diptych.eager as torch
import pytest
from diptych.eager import nn

from tests.eager.capturing.test_compile import captured, compiled, refusals

SETTINGS = types.ModuleType("settings")
CALLS = 3  # the last one is captured
Number = Callable[[], float]
Way = tuple[Number, Callable[[float], Any]]  # what gives a number, and what has it give another one


def class_attribute() -> Way:
    class Settings:
        scale = 1.0

    return lambda: Settings.scale, functools.partial(setattr, Settings, "scale")


def attribute_of_a_base() -> Way:
    class Base:
        scale = 1.0

    class Settings(Base):
        pass

    found = Settings()
    return lambda: found.scale, functools.partial(setattr, Base, "scale")


def class_of_a_module() -> Way:
    class Scaling(nn.Module):
        scale = 1.0

        def forward(self) -> float:
            return self.scale

    return Scaling(), functools.partial(setattr, Scaling, "scale")


def method() -> Way:
    class Settings:
        def scale(self) -> float:
            return 1.0

    found = Settings()
    return lambda: found.scale(), lambda number: setattr(Settings, "scale", lambda self: number)


def property_() -> Way:
    class Settings:
        _scale = 1.0

        @property
        def scale(self) -> float:
            return self._scale

    found = Settings()
    return lambda: found.scale, functools.partial(setattr, Settings, "_scale")


def function_attribute() -> Way:
    def scale() -> float:
        return scale.number

    scale.number = 1.0
    return scale, functools.partial(setattr, scale, "number")


def new_function_attribute() -> Way:
    def scale() -> float:
        return getattr(scale, "number", 1.0)

    return scale, functools.partial(setattr, scale, "number")


def default() -> Way:
    def scale(kept: list[float] = [1.0]) -> float:  # noqa: B006
        return kept[0]

    return scale, functools.partial(scale.__defaults__[0].__setitem__, 0)


def keyword_default() -> Way:
    def scale(*, kept: list[float] = [1.0]) -> float:  # noqa: B006
        return kept[0]

    return scale, functools.partial(scale.__kwdefaults__["kept"].__setitem__, 0)


def variable_of_a_function_around() -> Way:
    kept = 1.0

    def scale() -> float:
        return kept

    def change(number: float) -> None:
        nonlocal kept
        kept = number

    return scale, change


def variable_behind_what_c_calls() -> Way:
    kept = 1.0

    class Settings:
        def scale(self) -> float:
            return kept

    def change(number: float) -> None:
        nonlocal kept
        kept = number

    return functools.partial(methodcaller("scale"), Settings()), change


def slots() -> Way:
    @dataclass(slots=True)
    class Settings:
        scale: float = 1.0

    found = Settings()
    return lambda: found.scale, functools.partial(setattr, found, "scale")


def empty_slots() -> Way:
    class Settings:
        __slots__ = ("scale",)

    found = Settings()
    return lambda: getattr(found, "scale", 1.0), functools.partial(setattr, found, "scale")


def queue() -> Way:
    kept = deque([1.0], maxlen=1)
    return lambda: kept[0], kept.append


def arguments_kept_by_partial() -> Way:
    kept = [1.0]
    return functools.partial(lambda kept: kept[0], kept), functools.partial(kept.__setitem__, 0)


def attribute_of_a_list() -> Way:
    class Kept(list):
        pass

    kept = Kept([1])
    kept.scale = 1.0
    return lambda: kept.scale, functools.partial(setattr, kept, "scale")


def attribute_of_a_tensor() -> Way:
    kept = torch.ones(1)
    kept.scale = 1.0
    return lambda: kept.scale, functools.partial(setattr, kept, "scale")


def attribute_of_a_key() -> Way:
    class Key:
        scale = 1.0

    key = Key()
    kept = {key: 0}
    return lambda: next_of(kept).scale, functools.partial(setattr, key, "scale")


def next_of(kept: dict[Any, int]) -> Any:
    return list(kept)[0]  # noqa: RUF015 (an iterator is refused)


def weak_reference() -> Way:
    class Settings:
        scale = 1.0

    found = Settings()
    kept = weakref.ref(found)
    return lambda: kept().scale, functools.partial(setattr, found, "scale")


def view_of_a_dict() -> Way:
    kept = {"scale": 1.0}
    view = types.MappingProxyType(kept)
    return lambda: view["scale"], functools.partial(kept.__setitem__, "scale")


def module_in_a_variable() -> Way:
    module = types.ModuleType("settings")
    module.scale = 1.0
    return lambda: module.scale, functools.partial(setattr, module, "scale")


def shift() -> float:
    return SETTINGS.shift


def module_that_two_functions_read() -> Way:
    SETTINGS.shift, SETTINGS.scale = 0.0, 1.0

    def scale() -> float:
        return SETTINGS.scale

    return lambda: scale() + shift(), functools.partial(setattr, SETTINGS, "scale")


def method_of_a_list() -> Way:
    kept = [1.0]
    get = kept.__getitem__
    pop = kept.copy
    return lambda: pop()[0] if get else 0.0, functools.partial(kept.__setitem__, 0)


def cache_that_is_cleared() -> Way:
    kept = [1.0]

    @functools.cache
    def scale() -> float:
        return kept[0]

    def change(number: float) -> None:
        kept[0] = number
        scale.cache_clear()

    scale()  # so that its Python does not run in the calls that are noted
    return scale, change


WAYS = [
    class_attribute, attribute_of_a_base, class_of_a_module, method, property_, function_attribute,
    new_function_attribute, default, keyword_default, variable_of_a_function_around, variable_behind_what_c_calls, slots,
    empty_slots, queue, arguments_kept_by_partial, attribute_of_a_list, attribute_of_a_tensor, attribute_of_a_key,
    weak_reference, view_of_a_dict, module_in_a_variable, module_that_two_functions_read, method_of_a_list,
    cache_that_is_cleared,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_state_that_is_changed_between_calls(way: Callable[[], Way]) -> None:
    number, change = way()
    made = compiled(lambda x: x * number())
    x = torch.ones(2)
    for _ in range(CALLS):
        assert made(x).tolist() == [1.0, 1.0]
    assert captured(made) == 1
    change(3.0)
    assert made(x).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("way", WAYS)
def test_state_that_a_call_changes(way: Callable[[], Way]) -> None:
    number, change = way()

    def counted(x: torch.Tensor) -> torch.Tensor:
        change(number() + 1.0)
        return x * number()

    made = compiled(counted)
    for count in range(2, 7):
        assert made(torch.ones(2)).tolist() == [count, count]


def test_elements_that_are_no_objects_are_not_told_apart() -> None:
    for kept, name in ((array("d", [1.0]), "array.array"), (bytearray([1]), "builtins.bytearray")):
        made = compiled(lambda x, kept=kept: x * kept[0])
        for number in range(1, 6):
            kept[0] = number
            assert made(torch.ones(1)).item() == number
        assert refusals(made) == [f"it can reach a {name}"]


def test_the_clock_is_read_each_time() -> None:
    made = compiled(lambda x: x * (datetime.now().year > 0))
    for _ in range(CALLS):
        made(torch.ones(1))
    assert refusals(made) == ["datetime.now() is called, whose effect is not seen"]
