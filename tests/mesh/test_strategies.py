"""Programs of tf.distribute train as they do without a strategy: on numpy to the bit, on eight devices and in two
processes but for the rounding of sums; there each batch is shared."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import diptych.static as tf
import pytest

from tests.mesh.strategy_programs import BATCH, PROGRAMS
from tests.mesh.test_processes import HERE, launched


@pytest.mark.parametrize("program", PROGRAMS)
def test_numpy_computes_what_it_does_without(program: str) -> None:
    train = PROGRAMS[program]
    assert train(tf.distribute.MirroredStrategy()) == train(None)


def test_eight_devices_share_each_batch() -> None:
    pytest.importorskip("jax")
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
    command = [sys.executable, "-m", "tests.mesh.strategy_programs"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    for program in PROGRAMS:
        alone, shared = found[f"{program} alone"], found[f"{program} shared"]
        assert shared["losses"] == pytest.approx(alone["losses"], rel=1e-5)
        assert alone["rows"] == [BATCH] and shared["rows"] == [BATCH // 8]


def _ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def by_variable(
    count: int, folder: Path, script: str = "workers.py", devices: int = 1, chief_status: int = 0
) -> list[dict[str, Any]]:
    """What each of several processes found that TF_CONFIG names, the chief first, which ends with a status."""
    addresses = [f"localhost:{port}" for port in _ports(count)]
    cluster = {"chief": addresses[:1], "worker": addresses[1:]}
    tasks = [("chief", 0), *(("worker", index) for index in range(count - 1))]
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "FOUND_IN": str(folder)}
    processes = [
        subprocess.Popen(
            [sys.executable, str(HERE / script)], stderr=subprocess.PIPE, text=True,
            env={**os.environ, **flags, "TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": k, "index": i}})},
        )
        for k, i in tasks
    ]  # fmt: skip
    try:
        for each in processes:
            _, told = each.communicate(timeout=300)
            assert each.returncode == (chief_status if each is processes[0] else 0), told
    finally:
        for each in processes:
            each.kill()
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(count)]


def test_two_processes_share_each_batch(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    (alone,) = launched(1, "workers.py")
    named, started = by_variable(2, tmp_path), launched(2, "workers.py", "input")
    assert [each["device"] for each in named] == [
        f"/job:{job}/replica:0/task:0/device:CPU:0" for job in ("chief", "worker")
    ]  # fmt: skip
    for found, ran in ((named, ("loop", "keras", "input")), (started, ("input",))):
        assert [each["is chief"] for each in found] == [True, False]
        for each in found:
            for program in ran:
                assert each[program] == pytest.approx(alone[program], rel=1e-5)
            assert each["refused"] == [
                "experimental_distribute_dataset: elements must be batches, which processes share, but are "
                "<DatasetV1Adapter shapes: (), types: tf.int64>; call batch() first",
                "tf.data.Options: experimental_distribute must leave it to strategies to give each process its rows of "
                "a batch",
            ]
