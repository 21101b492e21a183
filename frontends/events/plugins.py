"""The messages of TensorBoard's plugins, which stand in the metadata of a tag or as a tensor of bytes."""

from __future__ import annotations

from .message import Field, Message
from .wire import BOOL, DOUBLE, ENUM, INT32, STRING, UINT32

# -- hparams: hyperparameters ----

DATA_TYPE_STRING, DATA_TYPE_BOOL, DATA_TYPE_FLOAT64 = 1, 2, 3
STATUS_SUCCESS = 1


class StructValue(Message):
    """A number, a string or a truth value: google.protobuf.Value."""

    FIELDS = (
        Field(2, "number_value", DOUBLE, oneof="kind"),
        Field(3, "string_value", STRING, oneof="kind"),
        Field(4, "bool_value", BOOL, oneof="kind"),
    )


class StructList(Message):
    """Many of them: google.protobuf.ListValue."""

    FIELDS = (Field(1, "values", StructValue, repeated=True),)


class HParamInfo(Message):
    """A hyperparameter and the values it may take."""

    FIELDS = (Field(1, "name", STRING), Field(4, "type", ENUM), Field(5, "domain_discrete", StructList))


class MetricName(Message):
    """The tag of a metric."""

    FIELDS = (Field(1, "group", STRING), Field(2, "tag", STRING))


class MetricInfo(Message):
    """A metric."""

    FIELDS = (Field(1, "name", MetricName),)


class Experiment(Message):
    """Which hyperparameters and metrics there are."""

    FIELDS = (Field(4, "hparam_infos", HParamInfo, repeated=True), Field(5, "metric_infos", MetricInfo, repeated=True))


class HParamEntry(Message):
    """A hyperparameter and its value."""

    FIELDS = (Field(1, "key", STRING), Field(2, "value", StructValue))


class SessionStartInfo(Message):
    """The hyperparameters of one run."""

    FIELDS = (Field(1, "hparams", HParamEntry, repeated=True),)


class SessionEndInfo(Message):
    """How a run ended."""

    FIELDS = (Field(1, "status", ENUM), Field(2, "end_time_secs", DOUBLE))


class HParamsPluginData(Message):
    """One of the three."""

    FIELDS = (
        Field(1, "version", INT32),
        Field(2, "experiment", Experiment, oneof="data"),
        Field(3, "session_start_info", SessionStartInfo, oneof="data"),
        Field(4, "session_end_info", SessionEndInfo, oneof="data"),
    )


# -- custom_scalars: charts of several tags ----


class MultilineChartContent(Message):
    """A line for each tag; tags may be regular expressions."""

    FIELDS = (Field(1, "tag", STRING, repeated=True),)


class Series(Message):
    """Tags of a line and of the bounds around it."""

    FIELDS = (Field(1, "value", STRING), Field(2, "lower", STRING), Field(3, "upper", STRING))


class MarginChartContent(Message):
    """Lines with bounds."""

    FIELDS = (Field(1, "series", Series, repeated=True),)


class Chart(Message):
    """A chart of either kind."""

    FIELDS = (
        Field(1, "title", STRING),
        Field(2, "multiline", MultilineChartContent, oneof="content"),
        Field(3, "margin", MarginChartContent, oneof="content"),
    )


class Category(Message):
    """Charts under a heading."""

    FIELDS = (Field(1, "title", STRING), Field(2, "chart", Chart, repeated=True))


class Layout(Message):
    """All headings."""

    FIELDS = (Field(1, "version", INT32), Field(2, "category", Category, repeated=True))


# -- the others ----

VERTEX, FACE, COLOR = 1, 2, 3


class MeshPluginData(Message):
    """Which part of a mesh a tensor is, and which parts there are, as bits."""

    FIELDS = (
        Field(1, "version", INT32),
        Field(2, "name", STRING),
        Field(3, "content_type", ENUM),
        Field(5, "json_config", STRING),
        Field(6, "shape", INT32, repeated=True),
        Field(7, "components", UINT32),
    )


class PrCurvePluginData(Message):
    """Thresholds of a precision-recall curve."""

    FIELDS = (Field(1, "version", INT32), Field(2, "num_thresholds", UINT32))
