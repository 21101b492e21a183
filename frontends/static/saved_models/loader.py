"""tf.saved_model.load: reads a graph and the values of its variables from a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ..exports import export
from ..graphs.collections import get_collection
from ..graphs.defaults import get_default_graph
from ..graphs.errors import NotFoundError
from ..platform.logs import info
from ..serialization.message_files import read_message
from ..serialization.messages import MetaGraphDef, SavedModel
from ..serialization.meta_graphs import import_meta_graph
from ..serialization.names_in_scopes import prepended
from .constants import ASSETS, FILE, INIT_SIGNATURE, LEGACY_INIT_OP_KEY, MAIN_OP_KEY, TEXT_FILE, VARIABLES


def read_saved_model(export_dir: Any) -> SavedModel:
    """The model in a folder. Raises OSError where there is none and where it is damaged."""
    folder = os.fspath(export_dir)
    for name in (FILE, TEXT_FILE):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return read_message(SavedModel, path)
    raise OSError(f"SavedModel file does not exist at: {folder}/{{{TEXT_FILE}|{FILE}}}")


@export(
    "saved_model.contains_saved_model",
    "saved_model.maybe_saved_model_directory",
    "saved_model.loader.maybe_saved_model_directory",
)
def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder has the file of a model."""
    return any(os.path.exists(os.path.join(os.fspath(export_dir), name)) for name in (TEXT_FILE, FILE))


@export("saved_model.load", "saved_model.loader.load")
def load(
    sess: Any, tags: Iterable[str], export_dir: Any, import_scope: str | None = None, **saver_kwargs: Any
) -> MetaGraphDef:
    """Adds the graph that was saved for the uses `tags` to the graph of a session, restores its variables there and
    runs what the graph wants run then; the graph as a message.

    Raises OSError where there is no model and where it is damaged, RuntimeError where it has no graph for the tags.
    """
    folder = os.fspath(export_dir)
    found = _tagged(read_saved_model(folder), list(tags))
    with sess.graph.as_default():
        saver = import_meta_graph(found, import_scope=import_scope, **saver_kwargs)
        if saver is None:
            info("The specified SavedModel has no variables; no checkpoints were restored.")
        else:
            saver.restore(sess, os.path.join(folder, *VARIABLES))
        first = _first_operation(found, import_scope)
        if first is not None:
            sess.run([first], _assets(found, folder, import_scope))
    return found


def _tagged(model: SavedModel, tags: list[str]) -> MetaGraphDef:
    available = [set(each.meta_info_def.tags) for each in model.meta_graphs]
    for found, own in zip(model.meta_graphs, available, strict=True):
        if own == set(tags):
            return found
    raise RuntimeError(
        f"MetaGraphDef associated with tags {str(tags).strip('[]')} could not be found in SavedModel. To inspect "
        f"available tag-sets in the SavedModel, please use the SavedModel CLI: `saved_model_cli`\n"
        f"available_tags: {available}"
    )


def _first_operation(found: MetaGraphDef, import_scope: str | None) -> Any:
    """What is to be run after the variables are restored. Raises RuntimeError where that is several operations."""
    signature = dict(found.signature_def.items()).get(INIT_SIGNATURE)
    if signature is not None:
        name = signature.outputs[INIT_SIGNATURE].name
        try:
            return get_default_graph().as_graph_element(prepended(name, import_scope or ""))
        except KeyError as error:
            raise NotFoundError(
                None, None, f"The {INIT_SIGNATURE} could not be found in the graph: {error.args[0]}"
            ) from error
    collections = dict(found.collection_def.items())
    for key in (MAIN_OP_KEY, LEGACY_INIT_OP_KEY):
        if key in collections:
            names = list(collections[key].node_list.value)
            if len(names) != 1:
                raise RuntimeError(f"Expected exactly one SavedModel init op. Found: {names}")
            return get_collection(key)[0]
    return None


def _assets(found: MetaGraphDef, folder: str, import_scope: str | None) -> dict[str, bytes]:
    """The paths of the files beside the graph, by the tensors that hold them. Raises ValueError for files elsewhere."""
    paths: dict[str, bytes] = {}
    for asset in found.asset_file_def:
        name = asset.filename
        if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
            raise ValueError(f"an asset of the SavedModel is {name!r} but must be the name of a file in its folder")
        paths[prepended(asset.tensor_info.name, import_scope or "")] = os.path.join(folder, ASSETS, name).encode()
    return paths
