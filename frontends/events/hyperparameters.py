"""Summaries of hyperparameters: an experiment, the start of a run with its values, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .plugins import (
    DATA_TYPE_FLOAT64,
    DATA_TYPE_STRING,
    STATUS_SUCCESS,
    Experiment,
    HParamEntry,
    HParamInfo,
    HParamsPluginData,
    MetricInfo,
    MetricName,
    SessionEndInfo,
    SessionStartInfo,
    StructList,
    StructValue,
)
from .scalars import plugin
from .summary import Summary, Value


def hparams(
    values: Mapping[str, bool | int | float | str], metrics: Mapping[str, Any], domains: Mapping[str, list[Any]]
) -> tuple[Summary, Summary, Summary]:
    """The summaries of values by name, of metrics, whose names count, and of the values that there may be. Numbers and
    truth values are written as floats, as PyTorch does."""
    infos, entries = [], []
    for name, value in values.items():
        kind = DATA_TYPE_STRING if isinstance(value, str) else DATA_TYPE_FLOAT64
        listed = StructList(values=[_value(each) for each in domains[name]]) if name in domains else None
        infos.append(HParamInfo(name=name, type=kind, domain_discrete=listed))
        entries.append(HParamEntry(key=name, value=_value(value)))
    experiment = Experiment(
        hparam_infos=infos, metric_infos=[MetricInfo(name=MetricName(tag=name)) for name in metrics]
    )
    return (
        _summary("experiment", HParamsPluginData(experiment=experiment)),
        _summary("session_start_info", HParamsPluginData(session_start_info=SessionStartInfo(hparams=entries))),
        _summary("session_end_info", HParamsPluginData(session_end_info=SessionEndInfo(status=STATUS_SUCCESS))),
    )


def _value(value: bool | int | float | str) -> StructValue:
    return StructValue(string_value=value) if isinstance(value, str) else StructValue(number_value=value)


def _summary(name: str, data: HParamsPluginData) -> Summary:
    return Summary(value=[Value(tag=f"_hparams_/{name}", metadata=plugin("hparams", data.SerializeToString()))])
