"""Summaries of text, which TensorBoard shows as Markdown."""

from __future__ import annotations

from .scalars import plugin
from .summary import Summary, Value
from .tensor_messages import DT_STRING, TensorProto, shape_proto


def text(tag: str, content: str) -> Summary:
    """A text under `tag/text_summary`."""
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=shape_proto((1,)), string_val=[content.encode()])
    return Summary(value=[Value(tag=tag + "/text_summary", metadata=plugin("text"), tensor=tensor)])
