"""Samples of `ir/ops/elementwise.py`."""

from __future__ import annotations

from . import Refusal, Sample, elementwise_binary, elementwise_unary

SAMPLES: list[Sample] = [*elementwise_unary.SAMPLES, *elementwise_binary.SAMPLES]
REFUSALS: list[Refusal] = [*elementwise_unary.REFUSALS, *elementwise_binary.REFUSALS]
