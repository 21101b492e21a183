"""tf.saved_model.Builder: writes graphs and the values of their variables into a folder."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Mapping
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..platform.logs import info
from ..serialization.message_files import write_message
from ..serialization.messages import AssetFileDef, MetaGraphDef, SavedModel, SignatureDef, TensorInfo
from ..training.saver import Saver
from .constants import (
    _SIGNATURES,
    ASSETS,
    FILE,
    INIT_SIGNATURE,
    MAIN_OP_KEY,
    SCHEMA,
    TEXT_FILE,
    TRAIN_SIGNATURE,
    VARIABLES,
)
from .signatures import predict_signature_def

_FIELDS = "All TensorInfo protos used in the SignatureDefs must have"


@export("saved_model.Builder", "saved_model.builder.SavedModelBuilder")
class SavedModelBuilder:
    """Writes into `export_dir`, a folder that is new or empty: first one graph with the values of its variables, then
    as many more graphs over them as there are uses. `save` writes the file."""

    def __init__(self, export_dir: Any) -> None:
        self._export_dir = os.fspath(export_dir)
        if os.path.exists(self._export_dir):
            if os.listdir(self._export_dir):
                raise AssertionError(
                    f"Export directory {self._export_dir} already exists, and isn't empty. Please choose a different "
                    "export directory, or delete all the contents of the specified directory: "
                    f"{os.listdir(self._export_dir)}"
                )
        else:
            os.makedirs(self._export_dir)
        self._saved_model = SavedModel(saved_model_schema_version=SCHEMA)
        self._has_saved_variables = False

    def add_meta_graph_and_variables(
        self,
        sess: Any,
        tags: Iterable[str],
        signature_def_map: Mapping[str, SignatureDef] | None = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Adds the default graph, and writes the values that its variables have in a session. Raises AssertionError
        where that was done before."""
        if self._has_saved_variables:
            raise AssertionError(
                "Graph state including variables and assets has already been saved. Please invoke `add_meta_graph()` "
                "instead."
            )
        _check_signatures(signature_def_map)
        _collect(legacy_init_op if main_op is None else main_op)
        os.makedirs(os.path.join(self._export_dir, VARIABLES[0]), exist_ok=True)
        saver = saver or _saver()
        path = os.path.join(self._export_dir, *VARIABLES)
        saver.save(sess, path, write_meta_graph=False, write_state=False)
        self._add(saver, tags, signature_def_map, assets_collection, clear_devices, strip_default_attrs)
        self._has_saved_variables = True

    def add_meta_graph(
        self,
        tags: Iterable[str],
        signature_def_map: Mapping[str, SignatureDef] | None = None,
        assets_collection: Any = None,
        legacy_init_op: Any = None,
        clear_devices: bool = False,
        main_op: Any = None,
        strip_default_attrs: bool = False,
        saver: Saver | None = None,
    ) -> None:
        """Adds the default graph, over the variables that are written already. Raises AssertionError where none are."""
        if not self._has_saved_variables:
            raise AssertionError(
                "Graph state including variables and assets has not been saved yet. Please invoke "
                "`add_meta_graph_and_variables()` first."
            )
        _check_signatures(signature_def_map)
        _collect(legacy_init_op if main_op is None else main_op)
        self._add(saver or _saver(), tags, signature_def_map, assets_collection, clear_devices, strip_default_attrs)

    def _add(
        self, saver: Saver, tags: Iterable[str], signatures: Mapping[str, SignatureDef] | None, assets: Any,
        clear_devices: bool, strip_default_attrs: bool,
    ) -> None:  # fmt: skip
        made = saver.export_meta_graph(clear_devices=clear_devices, strip_default_attrs=strip_default_attrs)
        self._write_assets(made, assets)
        made.meta_info_def.tags = list(tags)
        for key, signature in (signatures or {}).items():
            made.signature_def[key].CopyFrom(signature)
        self._saved_model.meta_graphs.append(made)

    def _write_assets(self, made: MetaGraphDef, assets: Any) -> None:
        """Copies the files that tensors name, and notes which file is whose."""
        if assets is None:
            info("No assets to save.")
            return
        sources: dict[str, str] = {}
        for tensor in assets:
            source = _path_of(tensor)
            name = _unique(source, sources)
            sources[name] = source
            made.asset_file_def.append(AssetFileDef(filename=name, tensor_info=TensorInfo(name=tensor.name)))
        folder = os.path.join(self._export_dir, ASSETS)
        os.makedirs(folder, exist_ok=True)
        for name, source in sources.items():
            shutil.copyfile(source, os.path.join(folder, name))
        info("Assets added to graph.")

    def save(self, as_text: bool = False) -> bytes:
        """Writes the file of the model; its path."""
        os.makedirs(self._export_dir, exist_ok=True)
        path = os.path.join(self._export_dir, TEXT_FILE if as_text else FILE)
        write_message(self._saved_model, path, as_text=as_text)
        info("SavedModel written to: %s", path)
        return path.encode()


def _saver() -> Saver:
    graph = get_default_graph()
    keys = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.SAVEABLE_OBJECTS)
    return Saver([each for key in keys for each in graph.get_collection(key)], sharded=True, allow_empty=True)


def _collect(main_op: Any) -> None:
    if main_op is None:
        return
    if not isinstance(main_op, Operation):
        raise TypeError(f"main_op needs to be an Operation: {main_op!r}")
    add_to_collection(MAIN_OP_KEY, main_op)


def _check_signatures(signatures: Mapping[str, SignatureDef] | None) -> None:
    """Raises AssertionError for tensors without name or type, KeyError for names that loading keeps for itself."""
    for signature in (signatures or {}).values():
        for tensor_info in (*signature.inputs.values(), *signature.outputs.values()):
            if tensor_info.WhichOneof("encoding") is None:
                raise AssertionError(
                    f"{_FIELDS} one of the 'encoding' fields (e.g., name or coo_sparse) set: {tensor_info}"
                )
            if not tensor_info.dtype:
                raise AssertionError(f"{_FIELDS} the dtype field set: {tensor_info}")
    for key, use in ((INIT_SIGNATURE, "initialization"), (TRAIN_SIGNATURE, "the train op")):
        if key in (signatures or {}):
            raise KeyError(f'SignatureDef map key "{key}" is reserved for {use}. Please use a different key.')


def _path_of(tensor: Any) -> str:
    """The path that a constant holds. Raises TypeError, ValueError."""
    if not isinstance(tensor, Tensor):
        raise TypeError("Asset path tensor must be a Tensor.")
    if tensor.op.type != "Const":
        raise TypeError("Asset path tensor must be of type constant.")
    if tensor.dtype.name != "string":
        raise TypeError("Asset path tensor must be of dtype string.")
    value = tensor.op.attributes["value"]
    if value.size != 1:
        raise TypeError("Asset path tensor must be a scalar.")
    path = value.item().decode()
    if not path:
        raise ValueError(f"Invalid asset filepath tensor {tensor}")
    return path


def _unique(source: str, sources: Mapping[str, str]) -> str:
    """The name of a file in the folder of assets: with a number where another file has it."""
    base = name = os.path.basename(source)
    number = 0
    while name in sources and sources[name] != source and not filecmp.cmp(source, sources[name], shallow=False):
        number += 1
        name = f"{base}_{number}"
    return name


@export("saved_model.simple_save")
def simple_save(
    session: Any, export_dir: Any, inputs: Mapping[str, Any], outputs: Mapping[str, Any], legacy_init_op: Any = None
) -> None:
    """Writes the graph of a session for predictions of `outputs` from `inputs`, tensors by name."""
    signatures = {_SIGNATURES["DEFAULT_SERVING_SIGNATURE_DEF_KEY"]: predict_signature_def(inputs, outputs)}
    builder = SavedModelBuilder(export_dir)
    with session.graph.as_default():
        assets = session.graph.get_collection(GraphKeys.ASSET_FILEPATHS) or None
        builder.add_meta_graph_and_variables(
            session, ["serve"], signatures, assets, main_op=legacy_init_op, clear_devices=True
        )
    builder.save()
