"""tf.train.Example: messages of named lists of numbers and bytes, as files of records hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...events.maps import MapEntry, MessageMap
from ...events.message import Field, Message
from ...events.wire import BYTES, FLOAT, INT64, STRING
from ..exports import export


@export("train.BytesList")
class BytesList(Message):
    """Strings of bytes."""

    FIELDS = (Field(1, "value", BYTES, repeated=True),)


@export("train.FloatList")
class FloatList(Message):
    """Numbers of 32 bits."""

    FIELDS = (Field(1, "value", FLOAT, repeated=True),)


@export("train.Int64List")
class Int64List(Message):
    """Integers."""

    FIELDS = (Field(1, "value", INT64, repeated=True),)


@export("train.Feature")
class Feature(Message):
    """One of the three lists."""

    FIELDS = (
        Field(1, "bytes_list", BytesList, oneof="kind"),
        Field(2, "float_list", FloatList, oneof="kind"),
        Field(3, "int64_list", Int64List, oneof="kind"),
    )


@export("train.FeatureList")
class FeatureList(Message):
    """A feature for each step of a sequence."""

    FIELDS = (Field(1, "feature", Feature, repeated=True),)


class _FeatureEntry(MapEntry):
    """A feature under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", Feature))


class _FeatureListEntry(MapEntry):
    """A list of features under its name."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", FeatureList))


@export("train.Features")
class Features(Message):
    """Features by name: `feature` is a dictionary."""

    FIELDS = (Field(1, "entries", _FeatureEntry, repeated=True),)

    def __init__(self, feature: Mapping[str, Feature] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        self.feature.update(feature or {})

    @property
    def feature(self) -> MessageMap:
        return MessageMap(self.entries)


@export("train.FeatureLists")
class FeatureLists(Message):
    """Lists of features by name: `feature_list` is a dictionary."""

    FIELDS = (Field(1, "entries", _FeatureListEntry, repeated=True),)

    def __init__(self, feature_list: Mapping[str, FeatureList] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        self.feature_list.update(feature_list or {})

    @property
    def feature_list(self) -> MessageMap:
        return MessageMap(self.entries)


@export("train.Example")
class Example(Message):
    """One example."""

    FIELDS = (Field(1, "features", Features),)


@export("train.SequenceExample")
class SequenceExample(Message):
    """A sequence, and what holds for all of it."""

    FIELDS = (Field(1, "context", Features), Field(2, "feature_lists", FeatureLists))
