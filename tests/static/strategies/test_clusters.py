"""TF_CONFIG, what it says of processes, and tf.train.ClusterSpec and cluster resolvers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import diptych.static as tf
import pytest
from diptych.ir import Unsupported
from diptych.static.strategies import tf_config

RESOLVERS = tf.distribute.cluster_resolver
WORKERS = tf.distribute.experimental.MultiWorkerMirroredStrategy
TWO = {"worker": ["a:1", "b:2"]}


def one(**task: Any) -> dict[str, Any]:
    return {"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0, **task}}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nonsense", "TF_CONFIG is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[1]", "TF_CONFIG is [1] but must be an object"),
        ({"cluster": 3}, '"cluster" in TF_CONFIG is 3 but must be an object'),
        ({"cluster": TWO, "task": [0]}, '"task" in TF_CONFIG is [0] but must be an object'),
        ({"cluster": {"worker": "a:1"}}, '"worker" in TF_CONFIG is "a:1" but must be a list of "HOST:PORT"'),
        ({"cluster": {"worker": ["a"]}}, '"worker" in TF_CONFIG is ["a"] but must be a list of "HOST:PORT"'),
        ({"cluster": {"worker": ["a:x"]}}, '"worker" in TF_CONFIG is ["a:x"] but must be a list of "HOST:PORT"'),
        ({"cluster": {"x": ["a:1"]}}, '"cluster" in TF_CONFIG has \'x\' but must have some of chief, worker, evaluator, ps'),
        ({"cluster": {"chief": ["a:1", "b:1"]}}, "There must be at most one 'chief' job."),
        ({"cluster": TWO}, '"task" in TF_CONFIG must have "type" and "index", beside "cluster"'),
        (one(index="a"), '"index" in TF_CONFIG is "a" but must be a whole number, 0 or more'),
        (one(index=-1), '"index" in TF_CONFIG is -1 but must be a whole number, 0 or more'),
        (one(index=0.5), '"index" in TF_CONFIG is 0.5 but must be a whole number, 0 or more'),
        (one(index=7), "The `task_id` 7 exceeds the maximum id of worker."),
        (one(type="chief"), "`task_type` 'chief' not found in cluster_spec."),
        ({"cluster": {**TWO, "ps": ["p:1"]}, "task": {"type": "ps", "index": 0}},
         '"type" in TF_CONFIG is "ps", but workers share each batch and need no parameter servers'),
    ],
)  # fmt: skip
def test_a_variable_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch, given: Any, words: str) -> None:
    monkeypatch.setenv("TF_CONFIG", given if isinstance(given, str) else json.dumps(given))
    for read in (WORKERS, tf.estimator.RunConfig):
        with pytest.raises(ValueError) as caught:
            read()
        assert str(caught.value) == words


@pytest.mark.numpy_alone("processes join before jax begins, which other tests let it")
def test_the_chief_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tf_config.task() is None
    cluster = {**TWO, "chief": ["c:3"], "ps": ["p:1"], "evaluator": ["e:1"]}
    for kind, index, rank in (("chief", 0, 0), ("worker", 0, 1), ("worker", "1", 2)):
        monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}}))
        assert tf_config.task() == (kind, int(index), ("c:3", "a:1", "b:2"), rank)
        with pytest.raises(Unsupported, match=r"^tf\.distribute over 3 processes is not supported on backend numpy"):
            WORKERS()
        with pytest.raises(Unsupported, match=r"^tf\.estimator\.RunConfig over 3 processes: train_distribute is N"):
            tf.estimator.RunConfig()
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": "evaluator", "index": 0}}))
    assert tf_config.task() is None and WORKERS().num_replicas_in_sync == 1
    config = tf.estimator.RunConfig(train_distribute=WORKERS())
    assert (config.task_type, config.task_id, config.is_chief) == ("evaluator", 0, True)
    assert (config.num_worker_replicas, config.global_id_in_cluster) == (0, None)
    assert config.cluster_spec == tf.train.ClusterSpec({})


def test_a_cluster_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps(one()))
    strategy = WORKERS()
    assert strategy.extended.worker_devices == ("/job:worker/replica:0/task:0/device:CPU:0",)
    assert strategy.extended.experimental_between_graph
    config = tf.estimator.RunConfig(train_distribute=strategy)
    assert (config.task_type, config.task_id, config.is_chief) == ("worker", 0, True)
    assert config.cluster_spec == tf.train.ClusterSpec({"worker": ["a:1"]})


@pytest.mark.numpy_alone("processes join before jax begins, which other tests let it")
def test_a_resolver_says_what_there_is() -> None:
    spec = tf.train.ClusterSpec(TWO)
    resolver = RESOLVERS.SimpleClusterResolver(spec, task_type="worker", task_id=1)
    with pytest.raises(Unsupported, match=r"over 2 processes"):
        WORKERS(cluster_resolver=resolver)
    with pytest.raises(ValueError, match=r'^"task" in cluster_resolver must have'):
        WORKERS(cluster_resolver=RESOLVERS.SimpleClusterResolver(spec))


def test_cluster_specs() -> None:
    spec = tf.train.ClusterSpec({"worker": ("a:1", b"b:2"), "ps": {3: "d:2", "0": "c:1"}})
    assert spec.as_dict() == {"worker": ["a:1", "b:2"], "ps": {0: "c:1", 3: "d:2"}}
    assert repr(spec) == "ClusterSpec({'ps': {0: 'c:1', 3: 'd:2'}, 'worker': ['a:1', 'b:2']})"
    assert spec.jobs == ["worker", "ps"] and spec.num_tasks("ps") == 2 and spec.task_indices("ps") == [0, 3]
    assert spec.task_address("ps", 3) == "d:2" and spec.job_tasks("ps") == ["c:1", None, None, "d:2"]
    assert spec == tf.train.ClusterSpec(spec) and spec != tf.train.ClusterSpec({}) and not tf.train.ClusterSpec({})
    assert tf.train.replica_device_setter(cluster=TWO) is None
    with pytest.raises(Unsupported, match=r"^tf\.train\.replica_device_setter is not supported"):
        tf.train.replica_device_setter(cluster=spec)


def test_resolvers(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tf.train.ClusterSpec(TWO)
    simple = RESOLVERS.SimpleClusterResolver(spec, "m:1", "worker", 1, "e", {"GPU": 2}, "grpc")
    assert simple.cluster_spec() is spec and (simple.task_type, simple.task_id, simple.environment) == (
        "worker",
        1,
        "e",
    )
    assert (simple.master(), simple.master("worker", 0)) == ("grpc://m:1", "grpc://a:1")
    assert simple.num_accelerators() == {"GPU": 2}
    union = RESOLVERS.UnionResolver(simple, RESOLVERS.SimpleClusterResolver(tf.train.ClusterSpec({"worker": ["c:3"]})))
    assert union.cluster_spec().as_dict() == {"worker": ["a:1", "b:2", "c:3"]} and union.task_id == 1
    assert (union.master(), union.master("worker", 2)) == ("grpc://m:1", "grpc://c:3")

    given = RESOLVERS.TFConfigClusterResolver()
    assert (given.task_type, given.task_id, given.rpc_layer, given.master()) == (None, None, None, "")
    task = {"type": "worker", "index": "1"}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": TWO, "task": task, "rpc_layer": "grpc"}))
    assert (given.task_type, given.task_id, given.rpc_layer, given.environment) == ("worker", 1, "grpc", None)
    assert (given.master(), given.master("worker", 0), given.num_accelerators()) == (
        "grpc://b:2",
        "grpc://a:1",
        {"CPU": 1},
    )
    own = RESOLVERS.TFConfigClusterResolver("chief", 3, "x", "google")
    assert (own.task_type, own.task_id, own.rpc_layer, own.environment) == ("chief", 3, "x", "google")
    monkeypatch.setenv("TF_CONFIG", json.dumps({"session_master": "s:1"}))
    assert given.master() == "s:1"

    tpu = RESOLVERS.TPUClusterResolver(tpu=["grpc://10.0.0.1:8470"])
    assert tpu.master() == tpu.get_master() == "grpc://10.0.0.1:8470" and tpu.get_job_name() == "worker"
    assert tpu.cluster_spec().as_dict() == {"worker": ["10.0.0.1:8470"]}
    assert RESOLVERS.TPUClusterResolver("local").cluster_spec().as_dict() == {}


def test_resolvers_that_are_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": TWO, "task": {"type": "worker", "index": 1}}))
    resolver = RESOLVERS.TFConfigClusterResolver()
    resolver.task_type, resolver.task_id, resolver.rpc_layer = "worker", 0, "http"
    assert (resolver.task_type, resolver.task_id, resolver.master()) == ("worker", 0, "http://a:1")


def union(*specs: Any) -> Any:
    return RESOLVERS.UnionResolver(*(RESOLVERS.SimpleClusterResolver(tf.train.ClusterSpec(each)) for each in specs))


def test_unions_of_some_tasks() -> None:
    """By their numbers where a resolver has some of them only."""
    assert union({"w": {1: "a:1"}}, {"w": {3: "b:1"}}).cluster_spec().as_dict() == {"w": {1: "a:1", 3: "b:1"}}
    assert union({"w": {1: "a:1"}}, {"w": ["b:1"]}).cluster_spec().as_dict() == {"w": ["b:1", "a:1"]}
    with pytest.raises(KeyError, match=r"Duplicate keys detected when merging two ClusterSpecs: \{1\}"):
        union({"w": {1: "a:1"}}, {"w": {1: "b:1"}}).cluster_spec()


class Late(RESOLVERS.SimpleClusterResolver):
    """Knows which task this is when it has been asked for the cluster."""

    def cluster_spec(self) -> Any:
        self.task_type, self.task_id = "worker", 1
        return super().cluster_spec()


@pytest.mark.numpy_alone("processes join before jax begins, which other tests let it")
def test_a_resolver_that_knows_late() -> None:
    with pytest.raises(Unsupported, match=r"over 2 processes"):
        WORKERS(cluster_resolver=Late(tf.train.ClusterSpec(TWO)))


def slurm(patch: pytest.MonkeyPatch, rank: int = 0, tasks: int = 4, hosts: str = "t[1-2]", each: str = "2(x2)") -> None:
    for name in ("CUDA_VISIBLE_DEVICES", *(name for name in os.environ if name.startswith("SLURM_"))):
        patch.delenv(name, raising=False)
    given = {"PROCID": rank, "STEP_NUM_TASKS": tasks, "STEP_NODELIST": hosts, "STEP_TASKS_PER_NODE": each}
    for name, value in given.items():
        patch.setenv(f"SLURM_{name}", str(value))


@pytest.mark.numpy_alone("processes join before jax begins, which other tests let it")
def test_slurm_says_which_tasks_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    slurm(monkeypatch, 3)
    found = RESOLVERS.SlurmClusterResolver()
    assert found.cluster_spec().as_dict() == {"worker": ["t1:8888", "t1:8889", "t2:8888", "t2:8889"]}
    assert (found.task_type, found.task_id, found.master()) == ("worker", 3, "grpc://t2:8889")
    assert found.num_accelerators() == {"CPU": 1} and "CUDA_VISIBLE_DEVICES" not in os.environ
    with pytest.raises(Unsupported, match=r"over 4 processes"):
        WORKERS(cluster_resolver=found)

    shared = RESOLVERS.SlurmClusterResolver({"ps": 1, "worker": 3}, 9000, gpus_per_node=4, rpc_layer=None)
    assert shared.cluster_spec().as_dict() == {"ps": ["t1:9000"], "worker": ["t1:9001", "t2:9000", "t2:9001"]}
    assert (shared.get_task_info(), shared.master(), shared.master("ps", 0)) == (("worker", 2), "t2:9001", "t1:9000")
    assert shared.num_accelerators() == {"GPU": 4} and os.environ["CUDA_VISIBLE_DEVICES"] == "2,3"

    slurm(monkeypatch, 2, 3, "n[01,09-10],m", "1")
    found = tf.contrib.cluster_resolver.SlurmClusterResolver(gpus_per_node=1, auto_set_gpu=False)
    assert found.cluster_spec().as_dict() == {"worker": ["n01:8888", "n09:8888", "n10:8888"]}
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert tf.contrib.cluster_resolver.SlurmClusterResolver(tasks_per_node=3).master() == "grpc://n01:8890"


@pytest.mark.parametrize(
    ("how", "options", "kind", "words"),
    [
        ({}, {"jobs": {"worker": 3}}, RuntimeError, "Requested 3 tasks but 4 are assigned."),
        ({}, {"gpus_per_node": 2, "gpus_per_task": 2}, RuntimeError, "Requested more GPUs per node than available."),
        ({"tasks": 5}, {}, RuntimeError, "There are 5 tasks but only 4 places for them on 2 hosts."),
        ({"rank": 4}, {}, RuntimeError, "SLURM_PROCID is 4 but there are 4 tasks."),
        ({"hosts": "t[1"}, {}, ValueError, 'Invalid hostlist format "t[1": Invalid part: t[1'),
        ({"hosts": "t[a-b]"}, {}, ValueError, 'Invalid hostlist format "t[a-b]": Invalid range: a-b'),
        ({"hosts": "t[1-999999999]"}, {}, ValueError, 'Invalid hostlist format "t[1-999999999]": more than 65536 hosts'),
        ({"each": "2(x"}, {}, ValueError, 'Invalid tasks-per-node list format "2(x": 2(x'),
        ({"tasks": ""}, {}, RuntimeError,
         "SLURM_STEP_NUM_TASKS is not set: SlurmClusterResolver is for tasks that srun has started"),
    ],
)  # fmt: skip
def test_what_slurm_says_that_makes_no_sense(
    monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    slurm(monkeypatch, **how)
    with pytest.raises(kind) as caught:
        RESOLVERS.SlurmClusterResolver(**options)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("name", "library"),
    [("GCEClusterResolver", "google-api-python-client"), ("KubernetesClusterResolver", "kubernetes")],
)
def test_clouds_are_refused(name: str, library: str) -> None:
    with pytest.raises(Unsupported) as caught:
        getattr(RESOLVERS, name)()
    assert caught.value.message == (
        f"tf.distribute.cluster_resolver.{name} is not supported: it asks the cloud by {library}"
    )
    assert caught.value.hint == "SimpleClusterResolver of a tf.train.ClusterSpec, or TF_CONFIG"


SPEC = tf.train.ClusterSpec(TWO)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda: tf.train.ClusterSpec(3), TypeError,
         "`cluster` must be a dictionary mapping one or more job names to lists of network addresses, or a `ClusterDef` "
         "protocol buffer"),
        (lambda: tf.train.ClusterSpec({"a": "b:1"}), TypeError,
         "The tasks for job 'a' must be a list or a dictionary from integers to strings."),
        (lambda: tf.train.ClusterSpec({"a": [3]}), TypeError, "Task address 3 must be bytes or unicode"),
        (lambda: SPEC.num_tasks("x"), ValueError, "No such job in cluster: 'x'"),
        (lambda: SPEC.task_address("worker", 2), ValueError, "No task with index 2 in job 'worker'"),
        (lambda: RESOLVERS.SimpleClusterResolver(3), TypeError, "cluster_spec must be a `tf.train.ClusterSpec`."),
        (lambda: RESOLVERS.UnionResolver(), ValueError, "At least one ClusterResolver is required."),
        (lambda: RESOLVERS.UnionResolver(3), TypeError, "All arguments must be a sub-class of `ClusterResolver.`"),
        (lambda: RESOLVERS.TPUClusterResolver(), ValueError, "Please provide a TPU Name to connect to."),
    ],
    ids=map(str, range(9)),
)  # fmt: skip
def test_what_is_refused(wrong: Callable[[], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        wrong()
    assert str(caught.value) == words
