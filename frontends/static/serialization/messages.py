"""The messages around graphs: what a file says of variables, savers, collections and signatures."""

from __future__ import annotations

from ...events.graph import GraphDef, OpList
from ...events.maps import MapEntry, MapField
from ...events.message import Field, Message
from ...events.tensor_messages import DATA_TYPE, TensorShapeProto
from ...events.wire import BOOL, BYTES, ENUM, FLOAT, INT32, INT64, STRING, enumeration


class SaveSliceInfoDef(Message):
    """Which part of a larger variable a variable is."""

    FIELDS = (
        Field(1, "full_name", STRING),
        Field(2, "full_shape", INT64, repeated=True),
        Field(3, "var_offset", INT64, repeated=True),
        Field(4, "var_shape", INT64, repeated=True),
    )


class VariableDef(Message):
    """The operations of a variable, by their names."""

    FIELDS = (
        Field(1, "variable_name", STRING),
        Field(2, "initializer_name", STRING),
        Field(3, "snapshot_name", STRING),
        Field(4, "save_slice_info_def", SaveSliceInfoDef),
        Field(5, "is_resource", BOOL),
        Field(6, "initial_value_name", STRING),
        Field(7, "trainable", BOOL),
        Field(8, "synchronization", ENUM),
        Field(9, "aggregation", ENUM),
    )


_FORMATS = enumeration("CheckpointFormatVersion", {0: "LEGACY", 1: "V1", 2: "V2"})


class SaverDef(Message):
    """The operations of a saver, by their names, and how it keeps checkpoints."""

    LEGACY, V1, V2 = 0, 1, 2
    FIELDS = (
        Field(1, "filename_tensor_name", STRING),
        Field(2, "save_tensor_name", STRING),
        Field(3, "restore_op_name", STRING),
        Field(4, "max_to_keep", INT32),
        Field(5, "sharded", BOOL),
        Field(6, "keep_checkpoint_every_n_hours", FLOAT),
        Field(7, "version", _FORMATS),
    )


class QueueRunnerDef(Message):
    """The operations of a queue runner, by their names."""

    FIELDS = (
        Field(1, "queue_name", STRING),
        Field(2, "enqueue_op_name", STRING, repeated=True),
        Field(3, "cancel_op_name", STRING),
        Field(4, "close_op_name", STRING),
        Field(5, "queue_closed_exception_types", ENUM, repeated=True),
    )


class NodeList(Message):
    """Names of operations and tensors."""

    FIELDS = (Field(1, "value", STRING, repeated=True),)


class BytesList(Message):
    """Texts, and messages on the wire."""

    FIELDS = (Field(1, "value", BYTES, repeated=True),)


class Int64List(Message):
    """Integers."""

    FIELDS = (Field(1, "value", INT64, repeated=True),)


class FloatList(Message):
    """Numbers."""

    FIELDS = (Field(1, "value", FLOAT, repeated=True),)


class Any(Message):
    """A message with the name of its type."""

    FIELDS = (Field(1, "type_url", STRING), Field(2, "value", BYTES))


class AnyList(Message):
    """Messages of any type."""

    FIELDS = (Field(1, "value", Any, repeated=True),)


class CollectionDef(Message):
    """What is in a collection."""

    FIELDS = (
        Field(1, "node_list", NodeList, oneof="kind"),
        Field(2, "bytes_list", BytesList, oneof="kind"),
        Field(3, "int64_list", Int64List, oneof="kind"),
        Field(4, "float_list", FloatList, oneof="kind"),
        Field(5, "any_list", AnyList, oneof="kind"),
    )


class CooSparse(Message):
    """The tensors of a sparse tensor, by their names."""

    FIELDS = (
        Field(1, "values_tensor_name", STRING),
        Field(2, "indices_tensor_name", STRING),
        Field(3, "dense_shape_tensor_name", STRING),
    )


class TensorInfo(Message):
    """A tensor by its name, with its type and shape."""

    CooSparse = CooSparse
    FIELDS = (
        Field(1, "name", STRING, oneof="encoding"),
        Field(2, "dtype", DATA_TYPE),
        Field(3, "tensor_shape", TensorShapeProto),
        Field(4, "coo_sparse", CooSparse, oneof="encoding"),
    )


class TensorInfoEntry(MapEntry):
    """A tensor under the name that a signature has for it."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", TensorInfo))


class SignatureDef(Message):
    """What a graph computes: which tensors are given, and which come out."""

    FIELDS = (
        Field(1, "inputs_entries", TensorInfoEntry, repeated=True),
        Field(2, "outputs_entries", TensorInfoEntry, repeated=True),
        Field(3, "method_name", STRING),
    )
    inputs = MapField("inputs_entries")
    outputs = MapField("outputs_entries")


class SignatureEntry(MapEntry):
    """A signature under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", SignatureDef))


class CollectionEntry(MapEntry):
    """A collection under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", CollectionDef))


class AssetFileDef(Message):
    """A file beside a graph, and the tensor that holds its path."""

    FIELDS = (Field(1, "tensor_info", TensorInfo), Field(2, "filename", STRING))


class MetaInfoDef(Message):
    """Who wrote a graph, and for what."""

    FIELDS = (
        Field(1, "meta_graph_version", STRING),
        Field(2, "stripped_op_list", OpList),
        Field(3, "any_info", Any),
        Field(4, "tags", STRING, repeated=True),
        Field(5, "tensorflow_version", STRING),
        Field(6, "tensorflow_git_version", STRING),
        Field(7, "stripped_default_attrs", BOOL),
    )


class MetaGraphDef(Message):
    """A graph with its saver, collections and signatures."""

    MetaInfoDef = MetaInfoDef
    FIELDS = (
        Field(1, "meta_info_def", MetaInfoDef),
        Field(2, "graph_def", GraphDef),
        Field(3, "saver_def", SaverDef),
        Field(4, "collection_def_entries", CollectionEntry, repeated=True),
        Field(5, "signature_def_entries", SignatureEntry, repeated=True),
        Field(6, "asset_file_def", AssetFileDef, repeated=True),
    )
    collection_def = MapField("collection_def_entries")
    signature_def = MapField("signature_def_entries")


class SavedModel(Message):
    """Graphs that share variables, each for some use."""

    FIELDS = (Field(1, "saved_model_schema_version", INT64), Field(2, "meta_graphs", MetaGraphDef, repeated=True))
