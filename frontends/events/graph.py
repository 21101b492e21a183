"""The messages of graphs: nodes, their inputs and attributes, and functions that nodes may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .maps import MapEntry, MapField
from .message import Field, Message
from .tensor_messages import DATA_TYPE, TensorProto, TensorShapeProto
from .wire import BOOL, BYTES, FLOAT, INT32, INT64, STRING


class NameAttrList(Message):
    """The name of a function, with attributes for it."""

    attr = MapField("attr_entries")


class ListValue(Message):
    """Many values of one attribute."""

    FIELDS = (
        Field(2, "s", BYTES, repeated=True),
        Field(3, "i", INT64, repeated=True),
        Field(4, "f", FLOAT, repeated=True),
        Field(5, "b", BOOL, repeated=True),
        Field(6, "type", DATA_TYPE, repeated=True),
        Field(7, "shape", TensorShapeProto, repeated=True),
        Field(8, "tensor", TensorProto, repeated=True),
        Field(9, "func", NameAttrList, repeated=True),
    )


class AttrValue(Message):
    """The value of an attribute."""

    ListValue = ListValue
    FIELDS = (
        Field(1, "list", ListValue, oneof="value"),
        Field(2, "s", BYTES, oneof="value"),
        Field(3, "i", INT64, oneof="value"),
        Field(4, "f", FLOAT, oneof="value"),
        Field(5, "b", BOOL, oneof="value"),
        Field(6, "type", DATA_TYPE, oneof="value"),
        Field(7, "shape", TensorShapeProto, oneof="value"),
        Field(8, "tensor", TensorProto, oneof="value"),
        Field(9, "placeholder", STRING, oneof="value"),
        Field(10, "func", NameAttrList, oneof="value"),
    )


class AttrEntry(MapEntry):
    """An attribute under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", AttrValue))


NameAttrList.declare((Field(1, "name", STRING), Field(2, "attr_entries", AttrEntry, repeated=True)))


class NodeDef(Message):
    """A node; slashes in its name are groups, `input` holds names of other nodes."""

    FIELDS = (
        Field(1, "name", STRING),
        Field(2, "op", STRING),
        Field(3, "input", STRING, repeated=True),
        Field(4, "device", STRING),
        Field(5, "attr_entries", AttrEntry, repeated=True),
    )
    attr = MapField("attr_entries")

    def __init__(self, attr: Mapping[str, Any] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        for key, value in (attr or {}).items():
            self.attr[key] = value


class ArgDef(Message):
    """An input or output of a type of operation."""

    FIELDS = (
        Field(1, "name", STRING),
        Field(2, "description", STRING),
        Field(3, "type", DATA_TYPE),
        Field(4, "type_attr", STRING),
        Field(5, "number_attr", STRING),
        Field(6, "type_list_attr", STRING),
        Field(16, "is_ref", BOOL),
    )


class AttrDef(Message):
    """An attribute of a type of operation."""

    FIELDS = (
        Field(1, "name", STRING),
        Field(2, "type", STRING),
        Field(3, "default_value", AttrValue),
        Field(4, "description", STRING),
        Field(5, "has_minimum", BOOL),
        Field(6, "minimum", INT64),
        Field(7, "allowed_values", AttrValue),
    )


class OpDef(Message):
    """A type of operation, or what is called as one: a function."""

    ArgDef = ArgDef
    AttrDef = AttrDef
    FIELDS = (
        Field(1, "name", STRING),
        Field(2, "input_arg", ArgDef, repeated=True),
        Field(3, "output_arg", ArgDef, repeated=True),
        Field(4, "attr", AttrDef, repeated=True),
        Field(5, "summary", STRING),
        Field(6, "description", STRING),
        Field(16, "is_aggregate", BOOL),
        Field(17, "is_stateful", BOOL),
        Field(18, "is_commutative", BOOL),
        Field(19, "allows_uninitialized_input", BOOL),
        Field(20, "control_output", STRING, repeated=True),
    )


class OpList(Message):
    """Types of operations."""

    FIELDS = (Field(1, "op", OpDef, repeated=True),)


class TextEntry(MapEntry):
    """A text under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", STRING))


class FunctionDef(Message):
    """A function of a graph: `ret` says which output of which node is a result."""

    FIELDS = (
        Field(1, "signature", OpDef),
        Field(3, "node_def", NodeDef, repeated=True),
        Field(4, "ret_entries", TextEntry, repeated=True),
        Field(5, "attr_entries", AttrEntry, repeated=True),
        Field(6, "control_ret_entries", TextEntry, repeated=True),
    )
    ret = MapField("ret_entries")
    attr = MapField("attr_entries")
    control_ret = MapField("control_ret_entries")


class GradientDef(Message):
    """Which function is the gradient of another."""

    FIELDS = (Field(1, "function_name", STRING), Field(2, "gradient_func", STRING))


class FunctionDefLibrary(Message):
    """The functions of a graph."""

    FIELDS = (Field(1, "function", FunctionDef, repeated=True), Field(2, "gradient", GradientDef, repeated=True))


class VersionDef(Message):
    """The version of whoever made the graph."""

    FIELDS = (
        Field(1, "producer", INT32),
        Field(2, "min_consumer", INT32),
        Field(3, "bad_consumers", INT32, repeated=True),
    )


class GraphDef(Message):
    """A graph."""

    FIELDS = (
        Field(1, "node", NodeDef, repeated=True),
        Field(2, "library", FunctionDefLibrary),
        Field(3, "version", INT32),
        Field(4, "versions", VersionDef),
    )


class DeviceStepStats(Message):
    """What one device did; here its name alone."""

    FIELDS = (Field(1, "device", STRING),)


class StepStats(Message):
    """What all devices did."""

    FIELDS = (Field(1, "dev_stats", DeviceStepStats, repeated=True),)


class RunMetadata(Message):
    """What was measured of a run."""

    FIELDS = (Field(1, "step_stats", StepStats),)
