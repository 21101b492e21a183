"""A group of one process."""

from __future__ import annotations

from collections.abc import Iterator

import diptych.eager as torch
import diptych.eager.distributed as dist
import pytest
from diptych.eager.distributed.algorithms.join import Join
from diptych.eager.utils.data import DistributedSampler
from diptych.ir import Unsupported


@pytest.fixture
def group() -> Iterator[None]:
    dist.init_process_group("gloo", world_size=1, rank=0)
    yield
    dist.destroy_process_group()


@pytest.mark.numpy_alone("on jax, more processes are not refused")
def test_more_processes_are_refused() -> None:
    message = r"^torch.distributed.init_process_group: world_size is 2, but backend numpy has one process\n"
    with pytest.raises(Unsupported, match=message):
        dist.init_process_group("gloo", world_size=2, rank=0)


def test_sizes_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="environment variable RANK expected, but not set"):
        dist.init_process_group()
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(ValueError, match="environment variable WORLD_SIZE expected, but not set"):
        dist.init_process_group()
    monkeypatch.setenv("WORLD_SIZE", "1")
    dist.init_process_group()
    assert dist.get_backend() == "gloo"
    dist.destroy_process_group()


@pytest.mark.parametrize("method", ["tcp://127.0.0.1:5?rank=0&world_size=1", "file:///there?rank=0&world_size=1"])
def test_sizes_come_from_where_processes_meet(method: str) -> None:
    dist.init_process_group("gloo", method)
    assert (dist.get_rank(), dist.get_world_size(), dist.get_pg_count()) == (0, 1, 1)
    dist.new_group([0])
    assert dist.get_pg_count() == 2
    dist.destroy_process_group()
    assert dist.get_pg_count() == 0
    dist.init_process_group("gloo", rank=0, world_size=1, store=dist.HashStore())
    dist.destroy_process_group()
    assert dist.is_backend_available("gloo") and not dist.is_backend_available("nccl")


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("file:///there", "file:// rendezvous: rank parameter missing"),
        ("file:///there?rank=0", "file:// rendezvous: world size parameter missing"),
        ("file://", "file:// rendezvous: path missing"),
        ("tcp://host", "tcp:// rendezvous: port number missing"),
        ("tcp://:5", "tcp:// rendezvous: host name missing"),
        ("tcp://host:5", "tcp:// rendezvous: rank parameter missing"),
    ],
)
def test_what_is_missing_of_a_meeting(method: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"^Error initializing torch.distributed using {what}$"):
        dist.init_process_group("gloo", method)


def test_meetings_that_there_are_not() -> None:
    store = dist.HashStore()
    with pytest.raises(RuntimeError, match="^No rendezvous handler for x://$"):
        dist.init_process_group("gloo", "x://there", rank=0, world_size=1)
    with pytest.raises(AssertionError, match="^world_size must be positive if using store$"):
        dist.init_process_group("gloo", store=store, rank=0)
    with pytest.raises(AssertionError, match="^rank must be non-negative if using store$"):
        dist.init_process_group("gloo", store=store, world_size=1)
    with pytest.raises(AssertionError, match="^Cannot specify both init_method and store.$"):
        dist.init_process_group("gloo", "env://", store=store, rank=0, world_size=1)


def test_shares_of_data_are_of_the_default_group(group: None) -> None:
    assert list(DistributedSampler(range(3), shuffle=False)) == [0, 1, 2]
    dist.destroy_process_group()
    try:
        with pytest.raises(ValueError, match="^Default process group has not been initialized"):
            DistributedSampler(range(3))
    finally:
        dist.init_process_group("gloo", world_size=1, rank=0)


@pytest.mark.usefixtures("group")
def test_what_the_group_says() -> None:
    assert dist.is_initialized()
    assert (dist.get_rank(), dist.get_world_size(), dist.get_backend()) == (0, 1, "gloo")
    assert dist.group.WORLD.size() == 1
    assert dist.new_group([0]).rank() == 0
    with pytest.raises(ValueError, match="trying to initialize the default process group twice!"):
        dist.init_process_group(world_size=1, rank=0)


@pytest.mark.usefixtures("group")
def test_collectives_give_back_what_they_got() -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.zeros(2)
    assert dist.all_reduce(x) is None
    assert dist.all_reduce(x, dist.ReduceOp.AVG, async_op=True).wait()
    dist.broadcast(x, 0)
    dist.reduce(x, 0)
    dist.barrier()
    assert x.tolist() == [1.0, 2.0]
    for collect in (
        lambda: dist.all_gather([y], x),
        lambda: dist.gather(x, [y]),
        lambda: dist.scatter(y, [x]),
        lambda: dist.reduce_scatter(y, [x]),
        lambda: dist.reduce_scatter_tensor(y, x),
        lambda: dist.all_gather_into_tensor(y, x),
        lambda: dist.all_to_all([y], [x]),
    ):
        y.zero_()
        collect()
        assert y.tolist() == [1.0, 2.0]
    found = [None]
    dist.all_gather_object(found, "mine")
    assert found == ["mine"]
    with pytest.raises(ValueError, match="^Invalid destination rank"):
        dist.send(x, 1)
    with pytest.raises(ValueError, match="^Invalid source rank"):
        dist.recv(x, 1)


@pytest.mark.usefixtures("group")
def test_a_module_in_one_process() -> None:
    module = torch.nn.Linear(2, 1)
    wrapped = torch.nn.parallel.DistributedDataParallel(module)
    assert list(wrapped.state_dict()) == ["module.weight", "module.bias"]
    with wrapped.no_sync():
        wrapped(torch.ones(3, 2)).sum().backward()
    assert module.weight.grad.tolist() == [[3.0, 3.0]]
    with pytest.raises(RuntimeError, match="^DistributedDataParallel is not needed when a module doesn't have any"):
        torch.nn.parallel.DistributedDataParallel(torch.nn.ReLU())


@pytest.mark.usefixtures("group")
def test_a_hook_in_one_process() -> None:
    module = torch.nn.Linear(2, 1)
    wrapped = torch.nn.parallel.DistributedDataParallel(module)
    shapes = []

    def doubled(state: list[int], bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
        shapes.append([list(each.shape) for each in bucket.gradients()])
        work = dist.all_reduce(2 * bucket.buffer(), async_op=True)
        return work.get_future().then(lambda done: done.value()[0])

    wrapped.register_comm_hook([], doubled)
    with wrapped.no_sync():
        wrapped(torch.ones(3, 2)).sum().backward()
    assert module.weight.grad.tolist() == [[3.0, 3.0]] and not shapes
    wrapped(torch.ones(3, 2)).sum().backward()
    assert module.weight.grad.tolist() == [[12.0, 12.0]] and shapes == [[[1], [1, 2]]]


@pytest.mark.usefixtures("group")
def test_what_a_work_says() -> None:
    x = torch.ones(2)
    work = dist.all_reduce(x, async_op=True)
    assert work.result() == work.get_future().wait() == [x] and work.exception() is None
    assert dist.barrier(async_op=True).get_future().value() == []
    with pytest.raises(RuntimeError, match=r"^sourceRank\(\) may only be called on work objects that correspond"):
        work.source_rank()


@pytest.mark.usefixtures("group")
def test_a_block_of_one_process() -> None:
    wrapped = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
    with wrapped.join(), Join([wrapped], throw_on_early_termination=True):
        wrapped(torch.ones(3, 2)).sum().backward()
    assert wrapped.module.bias.grad.tolist() == [3.0]
