"""The messages of summaries: what a program says of itself at one step."""

from __future__ import annotations

from .message import Field, Message
from .tensor_messages import TensorProto
from .wire import BYTES, DOUBLE, ENUM, FLOAT, INT32, INT64, STRING

# The kind of data that a plugin shows, from summary.proto.
DATA_CLASS_SCALAR, DATA_CLASS_TENSOR, DATA_CLASS_BLOB_SEQUENCE = 1, 2, 3


class PluginData(Message):
    """Which plugin of TensorBoard shows the value, and a message of its own."""

    FIELDS = (Field(1, "plugin_name", STRING), Field(2, "content", BYTES))


class SummaryMetadata(Message):
    """What is said of a tag once, with its first value."""

    PluginData = PluginData
    FIELDS = (
        Field(1, "plugin_data", PluginData),
        Field(2, "display_name", STRING),
        Field(3, "summary_description", STRING),
        Field(4, "data_class", ENUM),
    )


class SummaryDescription(Message):
    """The kind of summary that an operation makes."""

    FIELDS = (Field(1, "type_hint", STRING),)


class HistogramProto(Message):
    """Counts of values: bucket i holds those from bucket_limit[i-1] up to, but not including, bucket_limit[i]."""

    FIELDS = (
        Field(1, "min", DOUBLE),
        Field(2, "max", DOUBLE),
        Field(3, "num", DOUBLE),
        Field(4, "sum", DOUBLE),
        Field(5, "sum_squares", DOUBLE),
        Field(6, "bucket_limit", DOUBLE, repeated=True),
        Field(7, "bucket", DOUBLE, repeated=True),
    )


class Image(Message):
    """A picture as a PNG, JPEG or GIF file; `colorspace` is its number of channels."""

    FIELDS = (
        Field(1, "height", INT32),
        Field(2, "width", INT32),
        Field(3, "colorspace", INT32),
        Field(4, "encoded_image_string", BYTES),
    )


class Audio(Message):
    """A sound as a file of the type `content_type`."""

    FIELDS = (
        Field(1, "sample_rate", FLOAT),
        Field(2, "num_channels", INT64),
        Field(3, "length_frames", INT64),
        Field(4, "encoded_audio_string", BYTES),
        Field(5, "content_type", STRING),
    )


class Value(Message):
    """One value under its tag."""

    FIELDS = (
        Field(7, "node_name", STRING),
        Field(1, "tag", STRING),
        Field(9, "metadata", SummaryMetadata),
        Field(2, "simple_value", FLOAT, oneof="value"),
        Field(3, "obsolete_old_style_histogram", BYTES, oneof="value"),
        Field(4, "image", Image, oneof="value"),
        Field(5, "histo", HistogramProto, oneof="value"),
        Field(6, "audio", Audio, oneof="value"),
        Field(8, "tensor", TensorProto, oneof="value"),
    )


class Summary(Message):
    """Values of one step."""

    Image, Audio, Value = Image, Audio, Value
    FIELDS = (Field(1, "value", Value, repeated=True),)
