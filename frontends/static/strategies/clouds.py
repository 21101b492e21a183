"""Cluster resolvers that ask a cloud which processes there are, by libraries of its own. They are refused."""

from __future__ import annotations

from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location

from ..exports import export
from .resolvers import names


def _refused(name: str, library: str) -> NoReturn:
    raise Unsupported(
        f"tf.distribute.cluster_resolver.{name} is not supported: it asks the cloud by {library}",
        location=user_location(), hint="SimpleClusterResolver of a tf.train.ClusterSpec, or TF_CONFIG",
    )  # fmt: skip


@export(*names("GCEClusterResolver"))
class GCEClusterResolver:
    """Raises Unsupported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refused("GCEClusterResolver", "google-api-python-client")


@export(*names("KubernetesClusterResolver"))
class KubernetesClusterResolver:
    """Raises Unsupported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refused("KubernetesClusterResolver", "kubernetes")
