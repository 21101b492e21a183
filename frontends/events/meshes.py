"""Summaries of meshes and clouds of points."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from .plugins import COLOR, FACE, VERTEX, MeshPluginData
from .scalars import plugin
from .summary import Summary, Value
from .tensor_messages import DT_FLOAT, TensorProto, shape_proto

_NAMES = {VERTEX: "VERTEX", FACE: "FACE", COLOR: "COLOR"}


def mesh(
    tag: str,
    vertices: np.ndarray,
    colors: np.ndarray | None,
    faces: np.ndarray | None,
    config: dict[str, Any] | None,
) -> Summary:
    """Vertices [batch, n, 3], the colors of each, and faces [batch, m, 3] as places of vertices; `config` goes to the
    viewer."""
    text = "{}" if config is None else json.dumps(config, sort_keys=True)
    parts = [(kind, part) for kind, part in ((VERTEX, vertices), (FACE, faces), (COLOR, colors)) if part is not None]
    components = sum(1 << kind for kind, _ in parts)
    return Summary(value=[_part(tag, kind, part, components, text) for kind, part in parts])


def _part(tag: str, kind: int, part: np.ndarray, components: int, config: str) -> Value:
    content = MeshPluginData(
        name=tag, content_type=kind, components=components, shape=part.shape, json_config=config
    ).SerializeToString()
    tensor = TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto(part.shape), float_val=part.reshape(-1))
    return Value(tag=f"{tag}_{_NAMES[kind]}", metadata=plugin("mesh", content), tensor=tensor)
