"""tf.train.ClusterSpec, which names processes; and tf.train.Server and its kin, which diptych does not have: processes
share a mesh of devices instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from diptych.ir import Unsupported, user_location

from ..exports import export


@export("train.ClusterSpec")
class ClusterSpec:
    """Addresses of processes by the names of their jobs: of each a list, or a dictionary by numbers. Raises TypeError
    and ValueError."""

    __hash__ = None

    def __init__(self, cluster: Any) -> None:
        if isinstance(cluster, ClusterSpec):
            cluster = cluster.as_dict()
        if not isinstance(cluster, Mapping):
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network addresses, or a "
                "`ClusterDef` protocol buffer"
            )
        self._jobs = {job: _tasks(job, tasks) for job, tasks in cluster.items()}

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    def __repr__(self) -> str:
        found = self.as_dict()
        return f"ClusterSpec({{{', '.join(f'{job!r}: {found[job]!r}' for job in sorted(found))}}})"

    def as_dict(self) -> dict[str, Any]:
        """The addresses of each job: a list where its tasks have the numbers from 0 on, else a dictionary."""
        return {
            job: list(tasks.values()) if list(tasks) == list(range(len(tasks))) else dict(tasks)
            for job, tasks in self._jobs.items()
        }

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._jobs)

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has. Raises ValueError where there is no such job."""
        return len(self._tasks_of(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The numbers of a job's tasks. Raises ValueError where there is no such job."""
        return list(self._tasks_of(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of a task. Raises ValueError where there is none."""
        tasks = self._tasks_of(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job's tasks by their numbers, None where there is none. Raises ValueError where there is
        no such job."""
        tasks = self._tasks_of(job_name)
        return [tasks.get(number) for number in range(max(tasks, default=-1) + 1)]

    def _tasks_of(self, job: str) -> dict[int, str]:
        if job not in self._jobs:
            raise ValueError(f"No such job in cluster: {job!r}")
        return self._jobs[job]


def _tasks(job: Any, tasks: Any) -> dict[int, str]:
    if isinstance(tasks, list | tuple):
        tasks = dict(enumerate(tasks))
    if not isinstance(tasks, Mapping):
        raise TypeError(f"The tasks for job {job!r} must be a list or a dictionary from integers to strings.")
    found = dict(sorted((int(number), address) for number, address in tasks.items()))
    for address in found.values():
        if not isinstance(address, str | bytes):
            raise TypeError(f"Task address {address!r} must be bytes or unicode")
    return {number: address.decode() if isinstance(address, bytes) else address for number, address in found.items()}


def _refused(name: str, hint: str = "tf.distribute.experimental.MultiWorkerMirroredStrategy") -> NoReturn:
    raise Unsupported(
        f"tf.train.{name} is not supported: processes share a mesh of devices instead", location=user_location(),
        hint=hint,
    )  # fmt: skip


@export("train.Server", "distribute.Server")
class Server:
    """Raises Unsupported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refused("Server")

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> NoReturn:
        """Raises Unsupported."""
        _refused("Server.create_local_server", "tf.Session without a target")


@export("train.replica_device_setter")
def replica_device_setter(
    ps_tasks: int = 0, ps_device: str = "/job:ps", *_: Any, cluster: Any = None, **__: Any
) -> Callable[[Any], str] | None:
    """None where there are no parameter servers, as in TensorFlow; raises Unsupported where there are."""
    if cluster is not None:
        spec, job = ClusterSpec(cluster), ps_device.strip("/").removeprefix("job:").partition("/")[0]
        ps_tasks = spec.num_tasks(job) if job in spec.jobs else 0
    if ps_tasks:
        _refused("replica_device_setter")
    return None
