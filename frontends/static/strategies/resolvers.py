"""tf.distribute.cluster_resolver: what says which processes there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ..exports import export
from ..monitored.clusters import ClusterSpec
from . import tf_config
from .devices import own_device


def names(name: str, before: str = "") -> tuple[str, ...]:
    """The public names of a resolver, and what it is called in tf.contrib."""
    return f"distribute.cluster_resolver.{name}", f"contrib.cluster_resolver.{before or name}"


def url(address: str, rpc_layer: str | None) -> str:
    """An address with how it is talked to."""
    return f"{rpc_layer}://{address}" if rpc_layer and address else address


@export(*names("ClusterResolver"))
class ClusterResolver(ABC):
    """The base. `task_type`, `task_id` and `environment` say what this process is."""

    task_type: str | None = None
    task_id: int | None = None
    rpc_layer: str | None = None
    environment: str | None = ""

    @abstractmethod
    def cluster_spec(self) -> ClusterSpec:
        """The processes."""

    @abstractmethod
    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """The address of one of them."""

    def num_accelerators(self, task_type: Any = None, task_id: Any = None, config_proto: Any = None) -> dict[str, int]:
        """How many devices this process has, by their kind."""
        return {own_device().split(":")[-2]: 1}


@export(*names("SimpleClusterResolver"))
class SimpleClusterResolver(ClusterResolver):
    """What a tf.train.ClusterSpec says. Raises TypeError for another thing."""

    def __init__(
        self, cluster_spec: ClusterSpec, master: str = "", task_type: str | None = None, task_id: int | None = None,
        environment: str = "", num_accelerators: dict[str, int] | None = None, rpc_layer: str | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(cluster_spec, ClusterSpec):
            raise TypeError("cluster_spec must be a `tf.train.ClusterSpec`.")
        self._cluster_spec, self._master = cluster_spec, master
        self._num_accelerators = num_accelerators or {}
        self.task_type, self.task_id = task_type, task_id
        self.environment, self.rpc_layer = environment, rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        return self._cluster_spec

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """The one that was given or, with both, that of a task. Raises ValueError where there is no such task."""
        if task_type is not None and task_id is not None:
            found = self._cluster_spec.task_address(task_type, task_id)
        else:
            found = self._master
        return url(found, rpc_layer or self.rpc_layer)

    def num_accelerators(self, task_type: Any = None, task_id: Any = None, config_proto: Any = None) -> dict[str, int]:
        return dict(self._num_accelerators)


@export(*names("TFConfigClusterResolver"))
class TFConfigClusterResolver(ClusterResolver):
    """What the environment variable TF_CONFIG says; it is read anew each time. Raises ValueError where that makes no
    sense."""

    def __init__(
        self, task_type: str | None = None, task_id: int | None = None, rpc_layer: str | None = None,
        environment: str | None = None,
    ) -> None:  # fmt: skip
        self._type, self._id, self._layer = task_type, task_id, rpc_layer
        self.environment = environment

    @property
    def task_type(self) -> str | None:
        """`chief`, `worker` and such."""
        return self._type if self._type is not None else tf_config.read().get("task", {}).get("type")

    @task_type.setter
    def task_type(self, task_type: str | None) -> None:
        self._type = task_type

    @property
    def task_id(self) -> int | None:
        """Its number among those of its type."""
        found = self._id if self._id is not None else tf_config.read().get("task", {}).get("index")
        return None if found is None else int(found)

    @task_id.setter
    def task_id(self, task_id: int | None) -> None:
        self._id = task_id

    @property
    def rpc_layer(self) -> str | None:
        """By what processes talk."""
        return self._layer if self._layer is not None else tf_config.read().get("rpc_layer")

    @rpc_layer.setter
    def rpc_layer(self, rpc_layer: str | None) -> None:
        self._layer = rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        return ClusterSpec(tf_config.read().get("cluster", {}))

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """The address of a task, by default of this process; nothing where there is only one. Raises ValueError where
        there is no such task."""
        session = tf_config.read().get("session_master")
        if session is not None:
            return session
        spec = self.cluster_spec()
        if sum(map(spec.num_tasks, spec.jobs)) < 2:
            return ""
        kind = self.task_type if task_type is None else task_type
        number = self.task_id if task_id is None else task_id
        return url(spec.task_address(kind, number), rpc_layer or self.rpc_layer)


@export(*names("UnionResolver", "UnionClusterResolver"))
class UnionResolver(ClusterResolver):
    """The processes of several resolvers; the first says the rest. Raises ValueError and TypeError."""

    def __init__(self, *args: ClusterResolver, rpc_layer: str | None = None, **_: Any) -> None:
        if not args:
            raise ValueError("At least one ClusterResolver is required.")
        if not all(isinstance(each, ClusterResolver) for each in args):
            raise TypeError("All arguments must be a sub-class of `ClusterResolver.`")
        self._resolvers = args
        self.task_type, self.task_id, self.environment = args[0].task_type, args[0].task_id, args[0].environment
        self.rpc_layer = rpc_layer or args[0].rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        """All processes: one list behind the other, or by their numbers where a resolver has some of these only. Raises
        KeyError for numbers that several have then."""
        each = [resolver.cluster_spec().as_dict() for resolver in self._resolvers]
        jobs = dict.fromkeys(job for spec in each for job in spec)
        return ClusterSpec({job: _joined([spec[job] for spec in each if job in spec]) for job in jobs})

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """That of a task or, without both, the first resolver's."""
        if task_type is not None and task_id is not None:
            return url(self.cluster_spec().task_address(task_type, task_id), rpc_layer or self.rpc_layer)
        return self._resolvers[0].master(rpc_layer=rpc_layer)


def _joined(parts: list[Any]) -> Any:
    """The tasks of a job, of lists and of dicts by their numbers."""
    if all(isinstance(each, list) for each in parts):
        return [address for each in parts for address in each]
    found: dict[int, str] = {}
    for each in parts:
        tasks = dict(enumerate(each)) if isinstance(each, list) else each
        if found.keys() & tasks.keys():
            raise KeyError(f"Duplicate keys detected when merging two ClusterSpecs: {found.keys() & tasks.keys()}")
        found |= tasks
    return found


@export(*names("TPUClusterResolver"))
class TPUClusterResolver(ClusterResolver):
    """A TPU by its name or address, both of which are kept as they are: jax finds the TPUs of this machine. Raises
    ValueError without one."""

    def __init__(
        self, tpu: Any = None, zone: str | None = None, project: str | None = None, job_name: str = "worker",
        coordinator_name: str | None = None, coordinator_address: str | None = None, credentials: Any = "default",
        service: Any = None, discovery_url: str | None = None,
    ) -> None:  # fmt: skip
        found = tpu[0] if isinstance(tpu, list | tuple) else tpu
        if not found:
            raise ValueError("Please provide a TPU Name to connect to.")
        self._name, self._job = found.decode() if isinstance(found, bytes) else str(found), job_name
        self.task_type, self.task_id = job_name, 0

    def _address(self) -> str:
        return "" if self._name == "local" else self._name

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """The address, or the name, with which it was made; nothing for `local`."""
        return self._address()

    def get_master(self) -> str:
        """As `master`."""
        return self.master()

    def get_job_name(self) -> str:
        """The name of its tasks."""
        return self._job

    def cluster_spec(self) -> ClusterSpec:
        """The one task of its address; none for `local`."""
        address = self._address().partition("://")[2] or self._address()
        return ClusterSpec({self._job: [address]} if address else {})
