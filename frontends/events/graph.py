"""The messages of graphs that TensorBoard draws: nodes, their inputs and some attributes."""

from __future__ import annotations

from .message import Field, Message
from .tensor_messages import TensorShapeProto
from .wire import BOOL, BYTES, ENUM, FLOAT, INT32, INT64, STRING


class ListValue(Message):
    """Many values of one attribute."""

    FIELDS = (Field(2, "s", BYTES, repeated=True), Field(7, "shape", TensorShapeProto, repeated=True))


class AttrValue(Message):
    """The value of an attribute."""

    ListValue = ListValue
    FIELDS = (
        Field(1, "list", ListValue, oneof="value"),
        Field(2, "s", BYTES, oneof="value"),
        Field(3, "i", INT64, oneof="value"),
        Field(4, "f", FLOAT, oneof="value"),
        Field(5, "b", BOOL, oneof="value"),
        Field(6, "type", ENUM, oneof="value"),
        Field(7, "shape", TensorShapeProto, oneof="value"),
    )


class AttrEntry(Message):
    """An attribute under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", AttrValue))


class NodeDef(Message):
    """A node; slashes in its name are groups, `input` holds names of other nodes."""

    FIELDS = (
        Field(1, "name", STRING),
        Field(2, "op", STRING),
        Field(3, "input", STRING, repeated=True),
        Field(4, "device", STRING),
        Field(5, "attr", AttrEntry, repeated=True),
    )


class VersionDef(Message):
    """The version of whoever made the graph."""

    FIELDS = (Field(1, "producer", INT32), Field(2, "min_consumer", INT32))


class GraphDef(Message):
    """A graph."""

    FIELDS = (Field(1, "node", NodeDef, repeated=True), Field(4, "versions", VersionDef))


class DeviceStepStats(Message):
    """What one device did; here its name alone."""

    FIELDS = (Field(1, "device", STRING),)


class StepStats(Message):
    """What all devices did."""

    FIELDS = (Field(1, "dev_stats", DeviceStepStats, repeated=True),)


class RunMetadata(Message):
    """What was measured of a run."""

    FIELDS = (Field(1, "step_stats", StepStats),)
