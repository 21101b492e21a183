"""The layout of charts that show several scalars together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .plugins import Category, Chart, Layout, MarginChartContent, MultilineChartContent, Series
from .scalars import plugin
from .summary import Summary, Value
from .tensor_messages import DT_STRING, TensorProto, TensorShapeProto


def custom_scalars(layout: Mapping[str, Mapping[str, Sequence[Any]]]) -> Summary:
    """Headings, charts under each, and of each chart its kind, "Multiline" or "Margin", and its tags. Raises
    AssertionError where a margin chart has not three: the line, its lower and its upper bound."""
    categories = [
        Category(title=title, chart=[_chart(name, *chart[:2]) for name, chart in charts.items()])
        for title, charts in layout.items()
    ]
    content = Layout(category=categories).SerializeToString()
    tensor = TensorProto(dtype=DT_STRING, tensor_shape=TensorShapeProto(), string_val=[content])
    return Summary(value=[Value(tag="custom_scalars__config__", metadata=plugin("custom_scalars"), tensor=tensor)])


def _chart(title: str, kind: str, tags: Sequence[str]) -> Chart:
    if kind != "Margin":
        return Chart(title=title, multiline=MultilineChartContent(tag=tags))
    if len(tags) != 3:
        raise AssertionError("len(tags) != 3")
    series = Series(value=tags[0], lower=tags[1], upper=tags[2])
    return Chart(title=title, margin=MarginChartContent(series=[series]))
