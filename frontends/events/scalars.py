"""Summaries of one number."""

from __future__ import annotations

from .summary import PluginData, Summary, SummaryMetadata, Value
from .tensor_messages import DT_DOUBLE, DT_FLOAT, TensorProto


def scalar(tag: str, number: float, *, new_style: bool = False, double_precision: bool = False) -> Summary:
    """A number under its tag. In the new style it is a tensor of the plugin `scalars`, of 32 bits or of 64."""
    if not new_style:
        return Summary(value=[Value(tag=tag, simple_value=number)])
    if double_precision:
        tensor = TensorProto(dtype=DT_DOUBLE, double_val=[number])
    else:
        tensor = TensorProto(dtype=DT_FLOAT, float_val=[number])
    return Summary(value=[Value(tag=tag, metadata=plugin("scalars"), tensor=tensor)])


def plugin(name: str, content: bytes = b"") -> SummaryMetadata:
    """Metadata that names a plugin."""
    return SummaryMetadata(plugin_data=PluginData(plugin_name=name, content=content))
