"""tf.train.init_from_checkpoint: variables whose initial values are in a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.defaults import get_default_graph
from ..graphs.scopes import name_scope
from ..variables import state
from ..variables.store import store_of
from ..variables.variable import Variable
from .reading import load_checkpoint


@export("train.init_from_checkpoint", "contrib.framework.init_from_checkpoint")
def init_from_checkpoint(ckpt_dir_or_file: str, assignment_map: Mapping[str, Any]) -> None:
    """Makes the initializers of variables read their values from a checkpoint, or the last one in a folder.

    `assignment_map` is from names of tensors there to variables or their names, and from scopes there ("scope/", or "/"
    for the root) to scopes here. Raises ValueError for what is not there, or has another shape.
    """
    reader = load_checkpoint(ckpt_dir_or_file)
    shapes = reader.get_variable_to_shape_map()
    path = reader._bundle.prefix
    known = store_of(get_default_graph()).variables
    for name, target in sorted(assignment_map.items(), key=lambda pair: pair[0]):
        variable = target if isinstance(target, Variable) else known.get(target)
        if variable is not None:
            if name not in shapes:
                raise ValueError(f"Tensor {name} is not found in {ckpt_dir_or_file} checkpoint {shapes}")
            if not variable.shape.is_compatible_with(shapes[name]):
                raise ValueError(
                    f"Shape of variable {variable.name} ({variable.shape}) doesn't match with shape of tensor {name} "
                    f"({shapes[name]}) from checkpoint reader."
                )
            _initialized_from(path, name, variable)
            continue
        scope = target.rpartition("/")[0]
        if not name.endswith("/"):
            raise ValueError(
                f"Assignment map with scope only name {scope} should map to scope only {name}. Should be 'scope/': "
                "'other_scope/'."
            )
        for each in sorted(each for each in known if not scope or each.startswith(f"{scope}/")):
            inner = each[len(scope) + 1 :] if scope else each
            found = inner if name == "/" else name + inner
            if found not in shapes:
                raise ValueError(f"Tensor {found} ({inner} in {name}) is not found in {ckpt_dir_or_file} checkpoint")
            _initialized_from(path, found, known[each])


def _initialized_from(path: str, name: str, variable: Variable) -> None:
    """The variable's initializer reads a tensor of a checkpoint."""
    with get_default_graph().control_dependencies(None), name_scope("checkpoint_initializer"):
        types = (variable.dtype.base_dtype,)
        made = apply_operation("RestoreV2", [path, [name], [""]], dtypes=types)
        made.outputs[0].set_shape(variable.shape)
        variable._initializer_op = state.assign(variable, made.outputs[0]).op
