"""tf.train.Saver: keeps variables in checkpoints and brings them back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diptych.ir import Unsupported, user_location

from ..checkpoints.management import (
    checkpoint_exists,
    get_checkpoint_mtimes,
    meta_graph_filename,
    remove_checkpoint,
    update_checkpoint_state,
)
from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, OpError
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, reshape
from ..operations.control import group
from ..operations.placeholders import placeholder_with_default
from ..platform.logs import info, warning
from ..running.session import BaseSession
from ..serialization.messages import SaverDef
from ..serialization.names_in_scopes import prepended, stripped
from ..variables import state
from ..variables.variable import Variable
from .global_step import global_step as step_of

export("train.SaverDef")(SaverDef)


def variables_by_name(var_list: Any) -> dict[str, Any]:
    """Variables by the names that they are kept under: a dictionary's own, else their operations'. Raises ValueError
    for two of one name, TypeError for what is no variable."""
    pairs = var_list.items() if isinstance(var_list, Mapping) else ((None, each) for each in var_list)
    found: dict[str, Any] = {}
    for name, variable in pairs:
        if not isinstance(variable, Variable) and not (isinstance(variable, Tensor) and variable.op.slot is not None):
            raise TypeError(f"Variable to save is not a Variable: {variable}")
        key = variable.op.name if name is None else name
        if key in found:
            raise ValueError(f"At least two variables have the same name: {key}")
        found[key] = variable
    return dict(sorted(found.items()))


@export("train.Saver")
class Saver:
    """Operations that write variables to checkpoints, TensorFlow's own files, and read them back.

    `var_list` is a list of variables, kept under their names, or a dictionary from names; by default all global
    variables. The last `max_to_keep` checkpoints stay, and one for every `keep_checkpoint_every_n_hours`.
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: SaverDef | None = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: int = 2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. "
                "Either set defer_build=False or var_list=None."
            )
        if write_version != SaverDef.V2 or builder is not None:
            raise Unsupported(
                "tf.train.Saver with a builder or write_version 1 is not supported",
                location=user_location(),
                hint="tf.train.Saver without them",
            )
        self._var_list = var_list
        self._reshape = reshape
        self._sharded = sharded
        self._max_to_keep = max_to_keep or 0
        self._keep_hours = keep_checkpoint_every_n_hours
        self._name = name
        self._allow_empty = allow_empty
        self._pad_step_number = pad_step_number
        self._save_relative_paths = save_relative_paths
        self._filename = filename
        self._last_checkpoints: list[tuple[str, float]] = []
        self._is_built = False
        self._is_empty = False
        self.saver_def: SaverDef | None = None
        if saver_def is not None:
            self._take(saver_def)
        elif not defer_build:
            self.build()

    def build(self) -> None:
        """Makes the operations, once. Raises ValueError where there is no variable."""
        if self._is_built:
            return
        self._is_built = True
        if self._var_list is None:
            graph = get_default_graph()
            keys = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.SAVEABLE_OBJECTS)
            self._var_list = [each for key in keys for each in graph.get_collection(key)]
        if not self._var_list:
            if not self._allow_empty:
                raise ValueError("No variables to save")
            self._is_empty = True
            return
        self.saver_def = self._made(variables_by_name(self._var_list))
        self._next_checkpoint_time = time.time() + self._keep_hours * 3600

    def _take(self, saver_def: SaverDef) -> None:
        """Becomes a saver over operations that are in the graph. Raises ValueError where the message lacks one."""
        for field, what in (
            ("save_tensor_name", "save_tensor_name"), ("restore_op_name", "restore_op_name"),
            ("filename_tensor_name", "filename_tensor_name"),
        ):  # fmt: skip
            if not getattr(saver_def, field):
                raise ValueError(f"saver_def must specify the {what}")
        if saver_def.version not in (SaverDef.V1, SaverDef.V2):
            raise ValueError(f"saver_def's version is {saver_def.version} but must be 1 or 2")
        self.saver_def = _renamed(saver_def, lambda name: prepended(name, self._name or ""))
        self._max_to_keep = saver_def.max_to_keep
        self._sharded = saver_def.sharded
        self._keep_hours = saver_def.keep_checkpoint_every_n_hours
        self._is_built = True
        self._next_checkpoint_time = time.time() + self._keep_hours * 3600

    def _made(self, variables: dict[str, Any]) -> SaverDef:
        graph = get_default_graph()
        names = list(variables)
        with name_scope(self._name, "save", [each.op.outputs[0] for each in variables.values()]):
            filename = placeholder_with_default(self._filename or "model", shape=(), name="filename")
            filename = placeholder_with_default(filename, shape=(), name="Const")
            tensors = [convert_to_tensor(each) for each in variables.values()]
            saved = apply_operation("SaveV2", [filename, names, [""] * len(names), tensors])
            with graph.control_dependencies([saved]):
                path = identity(filename, name="control_dependency")
            types = tuple(each.dtype.base_dtype for each in variables.values())
            restored = apply_operation("RestoreV2", [filename, names, [""] * len(names)], dtypes=types).outputs
            assigned = []
            for variable, value in zip(variables.values(), restored, strict=True):
                if self._reshape and variable.shape.is_fully_defined():
                    value = reshape(value, variable.shape.as_list())
                check = variable.shape.is_fully_defined()
                assigned.append(state.assign(variable, value, validate_shape=check).op)
            restore = group(*assigned, name="restore_all")
        return SaverDef(
            filename_tensor_name=filename.name,
            save_tensor_name=path.name,
            restore_op_name=restore.name,
            max_to_keep=self._max_to_keep,
            sharded=self._sharded,
            keep_checkpoint_every_n_hours=self._keep_hours,
            version=SaverDef.V2,
        )

    # -- which there are ----

    @property
    def last_checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are kept, the last one at the end."""
        return [path for path, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints: Sequence[str]) -> None:
        """Takes these checkpoints for the kept ones, which go when there are too many."""
        self._last_checkpoints = [(path, float("inf")) for path in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time: Sequence[tuple[str, float]]) -> None:
        """The same, with the times when they were written."""
        self._last_checkpoints = list(last_checkpoints_with_time)

    def recover_last_checkpoints(self, checkpoint_paths: Sequence[str]) -> None:
        """The same, with the times that their files have; those that are not there are left out."""
        times = [(path, get_checkpoint_mtimes([path])) for path in checkpoint_paths]
        self._last_checkpoints = [(path, found[0]) for path, found in times if found]

    # -- keeping ----

    def save(
        self,
        sess: Any,
        save_path: str,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str | None:
        """Writes a checkpoint, `save_path` with the step behind it where one is given, and returns its path.

        The graph is written beside it, unless `write_meta_graph` is off. Raises ValueError, TypeError, RuntimeError.
        """
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")
        latest_filename = "checkpoint" if latest_filename is None else latest_filename
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        save_path = os.fspath(save_path)
        if global_step is None:
            path = save_path
            if os.path.basename(save_path) == latest_filename and not self._sharded:
                raise ValueError(f"'latest_filename' collides with 'save_path': '{latest_filename}' and '{save_path}'")
        else:
            number = global_step if hasattr(global_step, "__index__") else step_of(sess, global_step)
            path = f"{save_path}-{number:08d}" if self._pad_step_number else f"{save_path}-{number:d}"
        if not isinstance(sess, BaseSession):
            raise TypeError(f"'sess' must be a Session; {sess}")
        made = self.saver_def
        if made is None:
            return None
        try:
            found = sess.run(made.save_tensor_name, {made.filename_tensor_name: path}).decode()
            if write_state:
                self._keep(found, latest_filename, meta_graph_suffix)
            if write_meta_graph:
                with sess.graph.as_default():
                    self.export_meta_graph(
                        meta_graph_filename(found, meta_graph_suffix), strip_default_attrs=strip_default_attrs
                    )
        except (FailedPreconditionError, NotFoundError) as error:
            if not os.path.isdir(os.path.dirname(save_path) or "."):
                raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from error
            raise
        return found

    def _keep(self, path: str, latest_filename: str, meta_graph_suffix: str) -> None:
        """Notes a new checkpoint and deletes what is too many."""
        gone: tuple[str, float] | None = None
        if self._max_to_keep:
            self._last_checkpoints = [each for each in self._last_checkpoints if each[0] != path]
            self._last_checkpoints.append((path, time.time()))
            if len(self._last_checkpoints) > self._max_to_keep:
                gone = self._last_checkpoints.pop(0)
        update_checkpoint_state(
            os.path.dirname(path), path, self.last_checkpoints, latest_filename, relative=self._save_relative_paths
        )
        if gone is None:
            return
        if gone[1] > self._next_checkpoint_time:
            self._next_checkpoint_time += self._keep_hours * 3600
            return
        try:
            remove_checkpoint(gone[0], SaverDef.V2, meta_graph_suffix)
        except OSError as error:
            warning("Ignoring: %s", error)

    # -- bringing back ----

    def restore(self, sess: Any, save_path: str | None) -> None:
        """Gives the variables the values of a checkpoint; they need not be initialized before.

        Raises ValueError where there is no checkpoint, NotFoundError where it lacks a variable, InvalidArgumentError
        where one has another shape or dtype, and DataLossError where it is damaged.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = os.fspath(save_path)
        if not checkpoint_exists(save_path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        if self.saver_def is None:
            raise RuntimeError("`build()` should be called before restore if defer_build==True")
        info("Restoring parameters from %s", save_path)
        made = self.saver_def
        try:
            sess.run(made.restore_op_name, {made.filename_tensor_name: save_path})
        except NotFoundError as error:
            raise _explained(error, "a Variable name or other graph key that is missing") from error
        except InvalidArgumentError as error:
            raise _explained(error, "a mismatch between the current graph and the graph") from error

    # -- as a file ----

    def export_meta_graph(
        self,
        filename: Any = None,
        collection_list: Sequence[str] | None = None,
        as_text: bool = False,
        export_scope: str | None = None,
        clear_devices: bool = False,
        clear_extraneous_savers: bool = False,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> Any:
        """The default graph with this saver as a MetaGraphDef, which is written where `filename` is given."""
        from ..serialization.meta_graphs import export_meta_graph

        return export_meta_graph(
            filename,
            saver_def=self.saver_def,
            collection_list=collection_list,
            as_text=as_text,
            export_scope=export_scope,
            clear_devices=clear_devices,
            clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs,
        )

    def as_saver_def(self) -> SaverDef | None:
        """The operations of the saver, by their names."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> SaverDef | None:
        """The same without the scope before the names; None where they lie outside of it."""
        found = self.saver_def
        scope = export_scope.rstrip("/") if export_scope else ""
        if found is None or not found.save_tensor_name.startswith(scope):
            return None
        return _renamed(found, lambda name: stripped(name, scope))

    @staticmethod
    def from_proto(saver_def: SaverDef, import_scope: str | None = None) -> Saver:
        """A saver over operations that are in the graph."""
        return Saver(saver_def=saver_def, name=import_scope)


def _renamed(saver_def: SaverDef, rename: Callable[[str], str]) -> SaverDef:
    made = SaverDef.FromString(saver_def.SerializeToString())
    for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
        setattr(made, field, rename(getattr(saver_def, field)))
    return made


def _explained(error: OpError, reason: str) -> OpError:
    message = (
        f"Restoring from checkpoint failed. This is most likely due to {reason} from the checkpoint. Please ensure "
        f"that you have not altered the graph expected based on the checkpoint. Original error:\n\n{error.message}"
    )
    return type(error)(error.node_def, error.op, message)
