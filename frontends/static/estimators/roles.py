"""Which of several processes an estimator runs in, and what it does there."""

from __future__ import annotations

from typing import Any, NamedTuple

from diptych.backends.processes import process_count, process_rank
from diptych.ir import Unsupported, user_location

from ..monitored.clusters import ClusterSpec
from ..strategies import tf_config
from ..strategies.tf_config import CHIEF, EVALUATOR, WORKER


class Role(NamedTuple):
    """The type and index of a process, its number among all of the cluster, and how many train together. The chief
    writes the files. An evaluator is outside of the cluster and has no number there."""

    kind: str
    index: int
    number: int | None
    workers: int
    is_chief: bool
    cluster: ClusterSpec


def role_of(settings: dict[str, Any]) -> Role:
    """What this process is, as TF_CONFIG says or, without a cluster there, as the processes have joined. Raises
    ValueError for what makes no sense."""
    own = tf_config.task()
    task, cluster = settings.get("task", {}), ClusterSpec(settings.get("cluster", {}))
    if own is not None:
        number = _number(cluster, own.kind, own.index)
        return Role(own.kind, own.index, number, len(own.addresses), own.rank == 0, cluster)
    if cluster:  # and an evaluator
        return Role(EVALUATOR, int(task["index"]), None, 0, True, ClusterSpec({}))
    if task.get("type", WORKER) != WORKER:
        raise ValueError('If "cluster" is not set in TF_CONFIG, task type must be WORKER.')
    if int(task.get("index", 0)) != 0:
        raise ValueError('If "cluster" is not set in TF_CONFIG, task index must be 0.')
    count, rank = process_count(), process_rank()
    kind = CHIEF if count > 1 and rank == 0 else WORKER
    return Role(kind, max(rank - 1, 0), rank, count, rank == 0, cluster)


def _number(cluster: ClusterSpec, kind: str, index: int) -> int:
    """The number of a task among all: the chief's is 0, then come the other jobs by their names, parameter servers
    last."""
    jobs = sorted(cluster.jobs, key=lambda job: (job != CHIEF, job == "ps", job))
    return sum(len(cluster.job_tasks(job)) for job in jobs[: jobs.index(kind)]) + index


def shares(strategy: Any) -> bool:
    """Whether several processes run together what is made under a strategy."""
    return strategy is not None and strategy.extended.input_pipelines[0] > 1


def check_shares(strategy: Any, workers: int) -> None:
    """Raises Unsupported for several processes that would train each by itself."""
    if not shares(strategy):
        given = None if strategy is None else type(strategy).__name__
        raise Unsupported(
            f"tf.estimator.RunConfig over {workers} processes: train_distribute is {given} but must be a "
            "MultiWorkerMirroredStrategy; there are no parameter servers", location=user_location(),
            hint="RunConfig(train_distribute=tf.distribute.experimental.MultiWorkerMirroredStrategy())",
        )  # fmt: skip
