"""Meta graphs: graphs with their collections and savers, in files of their own and beside checkpoints."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...events.graph import GraphDef, NodeDef
from ..exports import export
from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.graph import Graph
from .attributes import attr_value
from .collections_of_graphs import VARIABLE_KEYS, CollectionReader, collection_def
from .graph_writer import graph_def_of
from .importer import import_graph_def
from .kinds import defaults_of
from .message_files import read_message, write_message
from .messages import MetaGraphDef, MetaInfoDef, SaverDef
from .names_in_scopes import stripped

export("MetaGraphDef")(MetaGraphDef)

VERSION = "1.15.0"  # of TensorFlow, in whose form graphs are written
UNBOUND = "$unbound_inputs_"  # before the names of inputs that lie outside of what is exported


# -- writing ----


def export_scoped_meta_graph(
    filename: Any = None,
    graph_def: GraphDef | None = None,
    graph: Graph | None = None,
    export_scope: str | None = None,
    as_text: bool = False,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    clear_devices: bool = False,
    saver_def: SaverDef | None = None,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    meta_info_def: MetaInfoDef | None = None,
    collection_list: Sequence[str] | None = None,
) -> tuple[MetaGraphDef, dict[str, Any]]:
    """The message of a graph, or of its part in a scope, whose name is taken off; written where `filename` is given.
    And the variables by their names in it. Raises ValueError, TypeError."""
    graph = get_default_graph() if graph is None else graph
    scope = f"{export_scope.rstrip('/')}/" if export_scope else ""
    full = graph_def_of(graph, add_shapes=True) if graph_def is None else graph_def
    excluded = _other_savers(full, saver_def) if clear_extraneous_savers else set()
    unbound: list[str] = []
    nodes = [
        _exported(node, scope, unbound, clear_devices)
        for node in full.node
        if node.name.startswith(scope) and node.name not in excluded
    ]
    made = MetaGraphDef(meta_info_def=meta_info_def or MetaInfoDef())
    made.meta_info_def.tensorflow_version = VERSION
    made.meta_info_def.tensorflow_git_version = "unknown"
    made.graph_def = GraphDef(node=nodes)
    made.graph_def.versions.CopyFrom(full.versions)
    made.graph_def.library.CopyFrom(full.library)
    if strip_default_attrs:
        for node in made.graph_def.node:
            _strip_defaults(node)
        made.meta_info_def.stripped_default_attrs = True
    if saver_def is not None:
        made.saver_def.CopyFrom(saver_def)
    keys = graph.get_all_collection_keys() if collection_list is None else collection_list
    for key in keys:
        members = [each for each in graph.get_collection(key) if getattr(each, "name", None) not in excluded]
        if key == GraphKeys.SAVERS and clear_extraneous_savers:
            members = []
        found = collection_def(members, key, scope)
        if found is not None:
            made.collection_def[key].CopyFrom(found)
    if unbound and unbound_inputs_col_name:
        made.collection_def[unbound_inputs_col_name].bytes_list.value.extend(name.encode() for name in unbound)
    if filename:
        path = os.fspath(filename)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        write_message(made, path, as_text=as_text)
    variables = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope or None)
    return made, {stripped(variable.name, scope): variable for variable in variables}


def _exported(node: NodeDef, scope: str, unbound: list[str], clear_devices: bool) -> NodeDef:
    """A node without its scope; inputs from outside of that are unbound."""
    if not scope and not clear_devices:
        return node
    made = NodeDef.FromString(node.SerializeToString())
    if clear_devices:
        made.device = ""
    if scope:
        made.name = stripped(node.name, scope)
        for place, text in enumerate(node.input):
            if text.removeprefix("^").startswith(scope):
                made.input[place] = stripped(text, scope)
            else:
                sign = "^" if text.startswith("^") else ""
                made.input[place] = f"{sign}{UNBOUND}{text.removeprefix('^')}"
                if not sign and made.input[place] not in unbound:
                    unbound.append(made.input[place])
        made.input = [text for text in made.input if not text.startswith(f"^{UNBOUND}")]
    return made


_SAVING = ("SaveV2", "Save", "RestoreV2", "Restore")


def _other_savers(graph_def: GraphDef, saver_def: SaverDef | None) -> set[str]:
    """The nodes in the scopes of savers other than this one."""
    kept: set[str] = set()
    if saver_def is not None:
        kept = {_scope(saver_def.save_tensor_name), _scope(saver_def.restore_op_name)}
    scopes = {_scope(node.name) for node in graph_def.node if node.op in _SAVING} - kept - {""}
    return {node.name for node in graph_def.node if any(node.name.startswith(f"{scope}/") for scope in scopes)}


def _scope(name: str) -> str:
    return name.split(":")[0].rpartition("/")[0]


def _strip_defaults(node: NodeDef) -> None:
    """Takes away the attributes that have their defaults."""
    defaults = defaults_of(node.op)
    node.attr_entries = [
        entry
        for entry in node.attr_entries
        if entry.key not in defaults or attr_value(defaults[entry.key]) != entry.value
    ]


@export("train.export_meta_graph")
def export_meta_graph(
    filename: Any = None,
    meta_info_def: MetaInfoDef | None = None,
    graph_def: GraphDef | None = None,
    saver_def: SaverDef | None = None,
    collection_list: Sequence[str] | None = None,
    as_text: bool = False,
    graph: Graph | None = None,
    export_scope: str | None = None,
    clear_devices: bool = False,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
) -> MetaGraphDef:
    """The default graph, or `graph`, with its collections as a MetaGraphDef, which is written where `filename` is
    given. With `export_scope` only what is in that scope. Raises ValueError, TypeError."""
    return export_scoped_meta_graph(
        filename, graph_def, graph, export_scope, as_text, "unbound_inputs", clear_devices, saver_def,
        clear_extraneous_savers, strip_default_attrs, meta_info_def, collection_list,
    )[0]  # fmt: skip


# -- reading ----


@export("train.import_meta_graph")
def import_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    input_map: Mapping[str, Any] | None = None,
) -> Any:
    """Adds a meta graph, a message or a file, to the default graph, under the scope `import_scope`; a tf.train.Saver
    for it, None where it has no variables. Raises OSError for files that cannot be read, ValueError for damaged
    ones."""
    from ..training.saver import Saver

    message = _message(meta_graph_or_file)
    variables, _ = import_scoped_meta_graph(message, clear_devices, None, import_scope, input_map)
    if message.HasField("saver_def"):
        scope = import_scope
        if variables:
            key, variable = next(iter(variables.items()))
            scope = variable.name[: -len(key)]
        return Saver(saver_def=message.saver_def, name=scope)
    graph = get_default_graph()
    keys = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.SAVEABLE_OBJECTS)
    return Saver() if any(graph.get_collection(key, import_scope) for key in keys) else None


def _message(meta_graph_or_file: Any) -> MetaGraphDef:
    if isinstance(meta_graph_or_file, MetaGraphDef):
        return meta_graph_or_file
    return read_message(MetaGraphDef, os.fspath(meta_graph_or_file))


def import_scoped_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    graph: Graph | None = None,
    import_scope: str | None = None,
    input_map: Mapping[str, Any] | None = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda key: True,
    return_elements: Sequence[str] | None = None,
) -> tuple[dict[str, Any], list[Any] | None]:
    """The variables that come in, by their names in the message, and the elements that are asked for. Raises
    ValueError, KeyError, TypeError."""
    message = _message(meta_graph_or_file)
    graph = get_default_graph() if graph is None else graph
    collections = dict(message.collection_def.items())
    _check_bound(collections.get(unbound_inputs_col_name or ""), input_map)
    with graph.as_default():
        scope = graph.unique_name(import_scope or "", mark_as_used=False)
        if clear_devices:
            for node in message.graph_def.node:
                node.device = ""
        elements = import_graph_def(message.graph_def, input_map, return_elements, name=import_scope or scope)
        reader = CollectionReader(graph, scope)
        first = [key for key in VARIABLE_KEYS[:1] if key in collections]
        for key in [*first, *sorted(set(collections).difference(first))]:
            if key != unbound_inputs_col_name and restore_collections_predicate(key):
                reader.add(key, collections[key])
    found = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=re.escape(scope) if scope else None)
    return {stripped(variable.name, scope): variable for variable in found}, elements


def _check_bound(unbound: Any, input_map: Mapping[str, Any] | None) -> None:
    if unbound is None:
        return
    names = [value.decode("utf-8", "replace") for value in unbound.bytes_list.value]
    missing = [name for name in names if name not in (input_map or {})]
    if missing:
        raise ValueError(
            f"Graph contains unbound inputs: {','.join(missing)}. Must provide these inputs through input_map."
        )
