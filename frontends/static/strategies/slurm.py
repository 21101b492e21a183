"""tf.distribute.cluster_resolver.SlurmClusterResolver: what Slurm tells each task that it starts, by variables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..exports import export
from ..monitored.clusters import ClusterSpec
from .resolvers import ClusterResolver, names, url

MAX_TASKS = 1 << 16
_PART = re.compile(r"([^\[\],]+)(?:\[([^\[\]]*)\])?(?:,|$)")
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_COUNT = re.compile(r"([0-9]+)(?:\(x([0-9]+)\))?")


@export(*names("SlurmClusterResolver"))
class SlurmClusterResolver(ClusterResolver):
    """The tasks of a Slurm step as processes: `jobs` says how many of them are of which type, by default all workers,
    in the order of the types' names. They are at ports from `port_base` on.

    With `gpus_per_node`, `cluster_spec()` gives this task its GPUs, `gpus_per_task` of them or a share of all, by
    CUDA_VISIBLE_DEVICES, unless `auto_set_gpu` is False. Raises RuntimeError where Slurm has started no task here or
    there are fewer tasks or GPUs than asked for, and ValueError for variables that cannot be read.
    """

    def __init__(
        self, jobs: Mapping[str, int] | None = None, port_base: int = 8888, gpus_per_node: int | None = None,
        gpus_per_task: int | None = None, tasks_per_node: int | None = None, auto_set_gpu: bool = True,
        rpc_layer: str | None = "grpc",
    ) -> None:  # fmt: skip
        self._rank = int(_told("PROCID"))
        count = int(_told("STEP_NUM_TASKS", "NTASKS"))
        if not 0 <= self._rank < count:
            raise RuntimeError(f"SLURM_PROCID is {self._rank} but there are {count} tasks.")
        self._jobs = dict(sorted((jobs or {"worker": count}).items()))
        if sum(self._jobs.values()) != count:
            raise RuntimeError(f"Requested {sum(self._jobs.values())} tasks but {count} are assigned.")
        hosts = hosts_of(_told("STEP_NODELIST", "JOB_NODELIST", "NODELIST"))
        counts = [tasks_per_node] * len(hosts) if tasks_per_node else _tasks_by_host(len(hosts))
        self._gpus_per_node, self._sets_gpus = gpus_per_node, auto_set_gpu and gpus_per_node is not None
        places = [(host, number, each) for host, each in zip(hosts, counts, strict=False) for number in range(each)]
        if len(places) < count:
            raise RuntimeError(f"There are {count} tasks but only {len(places)} places for them on {len(hosts)} hosts.")
        self._addresses = [f"{host}:{port_base + number}" for host, number, _ in places[:count]]
        _, number, beside = places[self._rank]
        self._gpus = range(0)
        if gpus_per_node is not None:
            each = gpus_per_task or gpus_per_node // beside
            if each * beside > gpus_per_node:
                raise RuntimeError("Requested more GPUs per node than available.")
            self._gpus = range(number * each, (number + 1) * each)
        self.rpc_layer = rpc_layer
        for kind, index, rank in self._tasks():
            if rank == self._rank:
                self.task_type, self.task_id = kind, index

    def _tasks(self) -> Iterator[tuple[str, int, int]]:
        """The type, number and rank of each task."""
        rank = 0
        for kind, count in self._jobs.items():
            for index in range(count):
                yield kind, index, rank
                rank += 1

    def cluster_spec(self) -> ClusterSpec:
        if self._sets_gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(map(str, self._gpus))
        found: dict[str, list[str]] = {}
        for kind, _, rank in self._tasks():
            found.setdefault(kind, []).append(self._addresses[rank])
        return ClusterSpec(found)

    def get_task_info(self) -> tuple[str | None, int | None]:
        """(type, number) of this task."""
        return self.task_type, self.task_id

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: str | None = None) -> str:
        """The address of a task, by default of this one. Raises ValueError where there is no such task."""
        kind = self.task_type if task_type is None else task_type
        number = self.task_id if task_id is None else task_id
        return url(self.cluster_spec().task_address(kind, number), rpc_layer or self.rpc_layer)

    def num_accelerators(self, task_type: Any = None, task_id: Any = None, config_proto: Any = None) -> dict[str, int]:
        if self._gpus_per_node is None:
            return super().num_accelerators(task_type, task_id, config_proto)
        return {"GPU": self._gpus_per_node}


def _told(*which: str) -> str:
    """The first of these variables that is set."""
    for name in which:
        found = os.environ.get(f"SLURM_{name}")
        if found:
            return found
    raise RuntimeError(f"SLURM_{which[0]} is not set: SlurmClusterResolver is for tasks that srun has started")


def hosts_of(text: str) -> list[str]:
    """The hosts of a list as Slurm writes it, such as n[01-03,5],m2. Raises ValueError for what is none."""
    found: list[str] = []
    position = 0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(f'Invalid hostlist format "{text}": Invalid part: {text[position:]}')
        position = part.end()
        if part[2] is None:
            found.append(part[1])
            continue
        for each in part[2].split(","):
            between = _RANGE.fullmatch(each)
            if between is None:
                raise ValueError(f'Invalid hostlist format "{text}": Invalid range: {each}')
            first, last = int(between[1]), int(between[2] or between[1])
            if last - first + len(found) >= MAX_TASKS:
                raise ValueError(f'Invalid hostlist format "{text}": more than {MAX_TASKS} hosts')
            found.extend(f"{part[1]}{number:0{len(between[1])}}" for number in range(first, last + 1))
    return found


def _tasks_by_host(hosts: int) -> list[int]:
    """How many tasks each host has, of a list such as 2(x3),1. Raises ValueError for what is none."""
    text = _told("STEP_TASKS_PER_NODE", "TASKS_PER_NODE", "NTASKS_PER_NODE")
    found: list[int] = []
    for each in text.split(","):
        count = _COUNT.fullmatch(each.strip())
        if count is None or int(count[2] or 1) + len(found) > MAX_TASKS or int(count[1]) > MAX_TASKS:
            raise ValueError(f'Invalid tasks-per-node list format "{text}": {each}')
        found.extend([int(count[1])] * int(count[2] or 1))
    return found * hosts if len(found) == 1 else found
