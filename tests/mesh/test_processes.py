"""Two and four processes on one machine: trainings come out as in one process, and collectives as they should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

pytest.importorskip("jax")
HERE = Path(__file__).parent


def launched(processes: int, script: str, *arguments: str, devices: int = 1) -> list[dict[str, Any]]:
    """What each process found, in the order of their ranks."""
    launch = [sys.executable, "-m", "diptych.cli", "launch", "--backend", "jax", "--processes", str(processes)]
    flags = f"--xla_force_host_platform_device_count={devices}"
    command = [*launch, str(HERE / script), *arguments]
    with TemporaryDirectory() as folder:  # what several print at once may be mixed
        environment = {**os.environ, "XLA_FLAGS": flags, "FOUND_IN": folder}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, ran.stderr
        assert "Exception ignored" not in ran.stderr, ran.stderr  # such as what is raised where a process forks
        return [json.loads(Path(folder, f"{rank}.json").read_text()) for rank in range(processes)]


@pytest.mark.parametrize("count", [2, 4])
def test_modules_in_several_processes(count: int) -> None:
    (alone,), found = launched(1, "parallel.py"), launched(count, "parallel.py")
    ranks = range(count)
    assert [each["rank"] for each in found] == list(ranks)
    for rank, each in enumerate(found):
        assert each["losses"] == pytest.approx(alone["losses"], rel=1e-5)
        assert each["total"] == pytest.approx(alone["total"], rel=1e-5) and each["total"] == found[0]["total"]
        owns = [[place + 1.0, -float(place)] for place in ranks]
        firsts, seconds = zip(*owns, strict=True)
        assert each["SUM"] == [sum(firsts), sum(seconds)]
        assert each["AVG"] == [sum(firsts) / count, sum(seconds) / count]
        assert each["MIN"] == [1.0, min(seconds)] and each["MAX"] == [float(count), 0.0]
        assert each["PRODUCT"] == [{2: 2.0, 4: 24.0}[count], 0.0]
        assert each["BAND"] == [0, 3] and each["BOR"] == [2**count - 1, 3]
        assert each["BXOR"] == [2**count - 1, 0]
        assert each["broadcast"] == owns[-1] and each["all_gather"] == owns
        assert each["reduce"] == (each["SUM"] if rank == 0 else owns[rank])
        assert each["gather"] == (owns if rank == 0 else [])
        assert each["scatter"] == [10.0 * rank, 1.0]
        assert each["reduce_scatter"] == [total + count * rank for total in each["SUM"]]
        assert each["reduce_scatter MAX"] == [most + rank for most in each["MAX"]]
        assert each["all_to_all"] == [10.0 * place + rank for place in ranks]
        assert each["all_gather_object"] == [{"rank": place, "text": "x" * place} for place in ranks]
        assert each["broadcast_object_list"] == [count - 1, "one"]


def test_collectives_that_are_not_the_same() -> None:
    found = launched(2, "unequal.py")
    assert found[0] == found[1]
    one, other = "float32 [3]", "float32 [4]"
    pairs = {
        name: (f"{told} of {one}", f"{told} of {other}")
        for name, told in (
            ("all_reduce", "all_reduce SUM"),
            ("reduce", "reduce SUM"),
            ("broadcast", "broadcast"),
            ("all_gather", "all_gather"),
            ("all_gather_into_tensor", "all_gather_into_tensor"),
            ("gather", "gather"),
        )
    }
    pairs |= {
        name: (f"{told} of float32 [2, 3]", f"{told} of float32 [2, 4]")
        for name, told in (
            ("scatter", "scatter"),
            ("reduce_scatter", "reduce_scatter SUM"),
            ("reduce_scatter_tensor", "reduce_scatter SUM"),
            ("all_to_all", "all_to_all"),
        )
    }
    pairs |= {
        "dtype": (f"all_reduce SUM of {one}", "all_reduce SUM of int64 [3]"),
        "op": (f"all_reduce SUM of {one}", f"all_reduce MAX of {one}"),
        "other": (f"all_reduce SUM of {one}", "barrier of int32 []"),
    }
    assert found[0] == {
        name: "Detected mismatch between collectives on ranks. "
        f"Rank 0 is running collective: {first}, but Rank 1 is running collective: {second}."
        for name, (first, second) in pairs.items()
    } | {
        "modules": "[1]: params[0] in this process with sizes [4, 2] appears not to match sizes of the same param in "
        "process 0.",
        "fewer": "DDP expects same model across all ranks, but Rank 0 has 2 params, while rank 1 has inconsistent 1 "
        "params.",
    }


@pytest.mark.parametrize(
    ("processes", "axes"), [(2, {"data": 4}), (2, {"data": 2, "model": 2}), (4, {"data": 4, "model": 2})]
)
def test_a_mesh_of_several_processes(processes: int, axes: dict[str, int]) -> None:
    devices = prod(axes.values())
    (alone,) = launched(1, "graph.py", json.dumps(axes), devices=devices)
    found = launched(processes, "graph.py", json.dumps(axes), devices=devices // processes)
    for each in found:
        assert each["losses"] == pytest.approx(alone["losses"], rel=1e-5)
        assert each["drawn"] == found[0]["drawn"]
        assert each["small"] == pytest.approx(alone["small"], rel=1e-5)
        assert each["same"] == [2, 4, 6]
        assert each["means"] == pytest.approx(found[0]["means"]) and len(set(each["means"])) == 3
        text = "bucket: batches are not filled up: each of several processes feeds its part of what is on a mesh"
        assert each["told"][:1] == [text]
        other = 1 if each["rank"] == 0 else 0
        assert each["unlike"].splitlines()[0] == (
            f"batch: processes {other} and {each['rank']} have other numbers in an array of shape [3], which is no "
            "part of a batch and must be the same in all"
        )
    rows = [row for each in found for row in each["rows"]]
    assert len(rows) == len(alone["rows"]) == 64
    for row, wanted in zip(rows, alone["rows"], strict=True):
        assert row == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def test_a_process_that_fails_ends_the_others(tmp_path: Path) -> None:
    script = tmp_path / "fails.py"
    script.write_text("import os, sys, time\nif os.environ['RANK'] == '1':\n    sys.exit(5)\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "diptych.cli", "launch", "--processes", "2", str(script)]
    assert subprocess.run(command, timeout=30, capture_output=True).returncode == 5


def test_ranks_that_make_no_sense(tmp_path: Path) -> None:
    script = tmp_path / "mesh.py"
    script.write_text("import diptych\ndiptych.join_processes(count=2, rank=5)\n")
    command = [sys.executable, "-m", "diptych.cli", "launch", str(script)]
    ran = subprocess.run(command, timeout=60, capture_output=True, text=True)
    assert ran.returncode != 0 and "join: rank is 5 and count 2, but rank must be from 0 to count - 1" in ran.stderr


@pytest.mark.parametrize(("processes", "axes"), [(2, {"data": 2}), (2, {"data": 2, "model": 2})])
def test_tensors_on_a_mesh_of_several_processes(processes: int, axes: dict[str, int]) -> None:
    devices = prod(axes.values())
    (alone,) = launched(1, "eager_batches.py", json.dumps(axes), devices=devices)
    found = launched(processes, "eager_batches.py", json.dumps(axes), devices=devices // processes)
    for each in found:
        assert each["losses"] == pytest.approx(alone["losses"], rel=1e-5)
        assert each["shapes"] == alone["shapes"] == [[16, 6]] * 20
        turned = "mesh: data is split within processes, but each of them has its part of every batch"
        assert each["turned"] == (turned if "model" in axes else "")
        assert each["refused"] == "batch: x requires a gradient, which does not flow through it"
    told = "batch: process {} has a part of shape {} and process {} one of {}, but the parts of a batch must be alike"
    assert found[0]["uneven"] == told.format(1, [6, 6], 0, [8, 6])
    assert found[1]["uneven"] == told.format(0, [8, 6], 1, [6, 6])


def test_a_program_for_one_graphics_processor_a_process() -> None:
    for rank, each in enumerate(launched(2, "on_cuda.py")):
        assert each == {
            "count": 2, "device": f"cuda:{rank}", "total": [2, 2], "gradient": [[3, 3, 3]], "name": "cpu",
        }  # fmt: skip


@pytest.mark.parametrize("end", ["raise ValueError('no')", "sys.exit(3)"])
def test_one_that_fails_when_all_have_joined_ends_the_others(tmp_path: Path, end: str) -> None:
    script = tmp_path / "fails.py"
    script.write_text(
        "import sys, time\nimport torch.distributed as dist\ndist.init_process_group()\n"
        f"if dist.get_rank() == 1:\n    {end}\ntime.sleep(200)\n"
    )
    command = [sys.executable, "-m", "diptych.cli", "launch", "--processes", "2", str(script)]
    ran = subprocess.run(command, timeout=100, capture_output=True, text=True)
    assert ran.returncode == (3 if "exit" in end else 1)
    assert "ValueError: no" in ran.stderr or "exit" in end


def test_processes_end_with_the_command_that_started_them(tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(tmp_path)!r}, os.environ['RANK']).write_text(str(os.getpid()))\ntime.sleep(200)\n"
    )
    launch = subprocess.Popen([sys.executable, "-m", "diptych.cli", "launch", "--processes", "2", str(script)])
    files = [tmp_path / "0", tmp_path / "1"]
    while not all(file.exists() and file.read_text() for file in files):
        assert launch.poll() is None
        time.sleep(0.05)
    launch.terminate()
    assert launch.wait(30) == 143
    for file in files:
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.read_text()), 0)


def test_steps_in_several_processes() -> None:
    (alone,), found = launched(1, "steps.py"), launched(2, "steps.py")
    whole = ("plain", "clip", "buckets", "uneven", "norm", "model", "unused by one", "unused by all")
    for name, wanted in alone.items():
        one, other = (each[name] for each in found)
        assert one["state"] == other["state"], name  # to the bit
        if name == "unused by one":  # of which alone there is none
            continue
        rel = 1e-2 if name == "scaled" else 1e-4
        assert one["losses"] == pytest.approx(wanted["losses"], rel=rel), name
        assert one["state"] == pytest.approx(wanted["state"], rel=rel, abs=rel / 10), name
    for each in found:
        for name in whole:
            assert each[name]["programs"][2:] == [1] * 5, name
        assert each["missing"].startswith("Expected to have finished reduction in the prior iteration before starting")
        assert f"did not receive grad for rank {found.index(each)}: 2 3" in each["missing"]
        assert each["joined"] == found[0]["joined"]
    assert found[1]["early"] == "Detected at least one rank that exhausted inputs. Throwing across all ranks."
    assert found[0]["early"] == "Rank 0 exhausted all inputs."
    assert [each["sampled"] for each in found] == [[[0, 2, 4], [6]], [[1, 3, 5], [0]]]


@pytest.mark.parametrize("count", [2, 3])
def test_messages(count: int) -> None:
    found = launched(count, "messages.py")
    unlike = "Detected mismatch between collectives on ranks. Rank 0 is running collective: all_reduce SUM of f32[2], "
    for rank, each in enumerate(found):
        assert each["ring"] == [(rank - 1) % count] * 2 and each["batch"] == [2 * ((rank + 1) % count)] * 2
        assert each["pending"] == [count] * 2
        assert each["objects"] == [[place] * 2 for place in range(count)]
        assert each["scattered"] and each["broadcast"] and each["flags"] == [True, False]
        assert each["to all"] == [100 * place + 2 * rank + part for place in range(count) for part in range(2)]
        start = sum(range(1, rank + 1))
        assert each["to all, unlike"] == [100 * p + start + part for p in range(count) for part in range(rank + 1)]
        if rank < 2:
            part = [3, 30][rank]
            assert each["group"] == [[3, 4], [0, 1], part, 0.5, [True, False], [0, 1]]
            assert each["ranks"] == [rank, 2, [0, 1], 1, 0]
            assert (
                count == 2 or each["unlike"] == unlike + "but Rank 1 is running collective: all_reduce SUM of f32[3]."
            )
        else:
            text = "Running all_reduce on global rank 2 which does not belong to the given group."
            assert each["outside"] == [text, [3.0, 2.0], -1, -1]
        assert each["refused"] == [
            "Cannot use ReduceOp.BAND with non-integral dtype",
            "Invalid function argument. Expected parameter `tensor` of type torch.Tensor",
            f"all_gather: a list of 1 tensors is given but must be of {count}, one a process",
            "Invalid function argument. Expected parameter `tensor_list` of type List[torch.Tensor]",
            "Must specify global_rank or group_rank",
            "Invalid destination rank: destination rank should not be the same as the rank of the current process.",
            f"broadcast: rank is {count} but must be below {count}, the number of processes",
            "The new group's rank should be within the world_size set by init_process_group",
            "the new group's world size should be less or equal to the world size set by init_process_group",
            "Invalid ``op``. Expected ``op`` to be of type ``torch.distributed.isend`` or ``torch.distributed.irecv``.",
            f"all_to_all_single: input is [{count + 1}] but must divide by {count} processes",
            f"all_to_all_single: input split sizes are {[1] * count} but must be {count} that add up to 2"
            if count != 2
            else "all_to_all_single: output split sizes are [5, 5] but must be 2 that add up to 2",
            each["refused"][-1],
        ]
        assert each["refused"][-1].startswith("torch.distributed: what other processes are given: ")


def test_what_waits_at_the_end_is_done_for_the_others(tmp_path: Path) -> None:
    script = tmp_path / "ends.py"
    script.write_text(
        "import torch\nimport torch.distributed as dist\ndist.init_process_group()\n"
        "net = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 2))\n"
        "net(torch.ones(1, 2)).sum().backward()\n"
        "if dist.get_rank() == 0:\n    print(net.module.weight.grad.tolist())\n"
    )
    command = [sys.executable, "-m", "diptych.cli", "launch", "--backend", "jax", "--processes", "2", str(script)]
    ran = subprocess.run(command, timeout=100, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "[[1.0, 1.0], [1.0, 1.0]]" in ran.stdout
