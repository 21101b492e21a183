"""tf.train.warm_start and tf.estimator.WarmStartSettings: variables that begin where another training ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from diptych.ir import Unsupported, user_location

from ..checkpoints.initializing import init_from_checkpoint
from ..exports import export
from ..graphs.collections import GraphKeys, get_collection
from ..platform.logs import info
from ..variables.variable import Variable


class _Settings(NamedTuple):
    ckpt_to_initialize_from: Any
    vars_to_warm_start: Any
    var_name_to_vocab_info: Any
    var_name_to_prev_var_name: Any


@export("estimator.WarmStartSettings")
class WarmStartSettings(_Settings):
    """Which variables begin with values of a checkpoint. Raises ValueError."""

    def __new__(
        cls, ckpt_to_initialize_from: Any, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
        var_name_to_prev_var_name: Any = None,
    ) -> WarmStartSettings:  # fmt: skip
        if not ckpt_to_initialize_from:
            raise ValueError("`ckpt_to_initialize_from` MUST be set in WarmStartSettings")
        return super().__new__(
            cls, ckpt_to_initialize_from, vars_to_warm_start, var_name_to_vocab_info or {},
            var_name_to_prev_var_name or {},
        )  # fmt: skip


def settings_of(warm_start_from: Any) -> WarmStartSettings | None:
    """What a user gives an estimator: settings, or the path of a checkpoint. Raises ValueError."""
    if warm_start_from is None or isinstance(warm_start_from, WarmStartSettings):
        return warm_start_from
    if isinstance(warm_start_from, str | bytes):
        return WarmStartSettings(warm_start_from)
    raise ValueError(f"warm_start_from must be a string or a WarmStartSettings, instead got {type(warm_start_from)}")


def _chosen(vars_to_warm_start: Any) -> list[Variable]:
    if vars_to_warm_start is None or isinstance(vars_to_warm_start, str):
        info("Warm-starting variables only in TRAINABLE_VARIABLES.")
        return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope=vars_to_warm_start)
    if not isinstance(vars_to_warm_start, list):
        raise ValueError(f"`vars_to_warm_start must be a `list` or `str`.  Given type is {type(vars_to_warm_start)}")
    if all(isinstance(each, str) for each in vars_to_warm_start):
        scopes = vars_to_warm_start
        return [each for scope in scopes for each in get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope)]
    if all(isinstance(each, Variable) for each in vars_to_warm_start):
        return vars_to_warm_start
    raise ValueError(
        "If `vars_to_warm_start` is a list, it must be all `Variable` or all `str`.  Given types are "
        f"{[type(each) for each in vars_to_warm_start]}"
    )


@export("train.warm_start")
def warm_start(
    ckpt_to_initialize_from: str, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
    var_name_to_prev_var_name: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Makes variables begin with what a checkpoint has: of a text those to train whose names match it, of a list of
    texts all that match one, of None none. `var_name_to_prev_var_name` says what they are called there.

    Raises ValueError for names that were not used, Unsupported for other vocabularies.
    """
    if var_name_to_vocab_info:
        raise Unsupported(
            "tf.train.warm_start with var_name_to_vocab_info is not supported",
            location=user_location(),
            hint="tf.train.warm_start of variables that have the same rows",
        )
    info("Warm-starting from: %s", ckpt_to_initialize_from)
    variables = {variable.op.name: variable for variable in _chosen(vars_to_warm_start)}
    before = dict(var_name_to_prev_var_name or {})
    found = {before.get(name, name): variable for name, variable in variables.items() if vars_to_warm_start}
    init_from_checkpoint(ckpt_to_initialize_from, found)
    info("Warm-started %d variables.", len(found))
    unused = set(before) - set(variables)
    if unused:
        raise ValueError(
            "You provided the following variables in var_name_to_prev_var_name that were not used: "
            f"{unused}.  Perhaps you misspelled them?  Here is the list of viable variable names: {variables.keys()}"
        )
