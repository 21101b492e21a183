"""`torch.cuda` where jax has an accelerator, for which its CPU stands here."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import diptych.eager as torch
import pytest
from diptych.backends import accelerators
from diptych.ir import Unsupported

F = torch.nn.functional
NO_CUDA = "^Torch not compiled with CUDA enabled$"


def test_nothing_is_available_without_an_accelerator(use_backend) -> None:
    for backend in ("numpy", "jax"):
        use_backend(backend)
        assert not torch.cuda.is_available() and torch.cuda.device_count() == 0
        with pytest.raises(AssertionError, match=NO_CUDA):
            torch.zeros(2, device="cuda")


def test_devices_are_told(cuda) -> None:
    assert torch.cuda.is_available() and torch.cuda.is_initialized() and torch.cuda.is_bf16_supported()
    assert torch.cuda.device_count() == torch.accelerator.device_count() == len(accelerators.accelerators())
    assert torch.cuda.current_device() == 0 and torch.cuda.get_device_name(0) == "cpu"
    found = torch.cuda.get_device_properties("cuda")
    assert repr(found) == (
        "_CudaDeviceProperties(name='cpu', major=0, minor=0, total_memory=0MB, multi_processor_count=0)"
    )
    assert torch.accelerator.current_accelerator() == torch.device("cuda") and torch.device(0) == cuda
    with pytest.raises(Unsupported, match=r"^torch.cuda.get_device_capability: cpu has none\n"):
        torch.cuda.get_device_capability()
    for call in (lambda: torch.cuda.set_device(9), lambda: torch.zeros(1, device="cuda:9")):
        with pytest.raises(torch.cuda.AcceleratorError, match=r"^CUDA error: invalid device ordinal$"):
            call()
    with pytest.raises(ValueError, match=r"^Expected a cuda device, but got: cpu$"):
        torch.cuda.get_device_name("cpu")
    torch.cuda.set_device("cuda:0")
    with torch.cuda.device(0), torch.accelerator.device_index(0), torch.cuda.device_of(torch.ones(1, device=cuda)):
        assert torch.cuda.current_device() == 0


def test_memory_is_told_as_jax_counts_it(cuda, monkeypatch) -> None:
    assert torch.cuda.memory_allocated() == 0  # of a CPU jax tells nothing
    counts = {"bytes_in_use": 10, "peak_bytes_in_use": 20, "bytes_limit": 100}
    monkeypatch.setattr("diptych.eager.cuda.memory.memory_of", lambda device: counts)
    assert (torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated(cuda)) == (10, 20)
    assert (torch.cuda.memory_reserved(), torch.cuda.max_memory_reserved()) == (10, 20)
    assert torch.cuda.mem_get_info() == (90, 100)
    assert torch.cuda.memory_stats()["allocated_bytes.all.peak"] == 20
    assert torch.cuda.memory_summary().splitlines()[0].split() == ["allocated_bytes.all.current", "10"]
    with pytest.raises(Unsupported, match=r"^torch.cuda.reset_peak_memory_stats: jax counts from the start"):
        torch.cuda.reset_peak_memory_stats()
    with pytest.raises(Unsupported, match=r"^torch.cuda.set_per_process_memory_fraction: jax has taken its part"):
        torch.cuda.set_per_process_memory_fraction(0.5)


def test_tensors_say_where_they_are(cuda) -> None:
    x = torch.ones(2, 3, device="cuda")
    assert x.device == cuda and x.is_cuda and not x.is_cpu and x.get_device() == 0
    assert repr(x[0]) == "tensor([1., 1., 1.], device='cuda:0')"
    assert repr(torch.zeros(0, 3, device=cuda)) == "tensor([], device='cuda:0', size=(0, 3))"
    assert x.type() == "torch.cuda.FloatTensor" and isinstance(x, torch.cuda.FloatTensor)
    assert not isinstance(x, torch.FloatTensor) and torch.cuda.FloatTensor([1.0]).is_cuda
    assert x.type("torch.DoubleTensor").device.type == "cpu" and x.cpu().type(torch.cuda.LongTensor).is_cuda
    assert x.untyped_storage().device == cuda and x.is_cuda  # also when somebody has looked at its memory
    assert (x + 1).device == cuda


@pytest.mark.parametrize(
    "make",
    [
        lambda d: torch.tensor([1, 2], device=d), lambda d: torch.as_tensor([1.0], device=d),
        lambda d: torch.arange(3, device=d), lambda d: torch.linspace(0, 1, 3, device=d),
        lambda d: torch.eye(2, device=d), lambda d: torch.full((2,), 3, device=d), lambda d: torch.randn(2, device=d),
        lambda d: torch.randint(0, 3, (2,), device=d), lambda d: torch.randperm(3, device=d),
        lambda d: torch.rand_like(torch.ones(2, device=d)), lambda d: torch.ones(2, device=d).new_zeros(3),
        lambda d: torch.zeros_like(torch.ones(2), device=d), lambda d: torch.ones(2).to(d, torch.float64),
        lambda d: torch.ones(2).to(torch.ones(1, device=d)), lambda d: torch.ones(2).cuda(non_blocking=True),
        lambda d: torch.ones(2).pin_memory().to(d, non_blocking=True), lambda d: torch.ones(2).cuda(0),
        lambda d: torch.nonzero(torch.ones(2, device=d)), lambda d: torch.ones(3, device=d).unique(),
        lambda d: torch.sparse_coo_tensor([[0]], torch.ones(1, device=d), (2,)).to_dense(),
        lambda d: copy.deepcopy(torch.ones(2, device=d)), lambda d: pickle.loads(pickle.dumps(torch.ones(2, device=d))),
    ],
)  # fmt: skip
def test_where_results_are(cuda, make) -> None:
    assert make(cuda).device == cuda


def test_new_tensors_where_a_block_says(cuda) -> None:
    with torch.device("cuda"):
        assert torch.zeros(2).device == torch.randn(2).device == torch.nn.Linear(2, 2).weight.device == cuda
    torch.set_default_device("cuda")
    assert torch.tensor([1.0]).device == cuda == torch.get_default_device()
    torch.set_default_device(None)
    assert torch.zeros(2).device.type == "cpu"


APART = "Expected all tensors to be on the same device, but "
GOT = APART + "got {} is on {}, different from other tensors on {} (when checking argument in method wrapper_CUDA_{})"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda c, g: c + g, APART + "found at least two devices, cpu and cuda:0!"),
        (lambda c, g: g.add_(c), APART + "found at least two devices, cuda:0 and cpu!"),
        (lambda c, g: c[0, 0].add_(g[0, 0]), APART + "found at least two devices, cpu and cuda:0!"),
        (lambda c, g: c @ g, GOT.format("mat2", "cuda:0", "cpu", "mm")),
        (lambda c, g: g[None] @ c[None], GOT.format("mat2", "cpu", "cuda:0", "bmm")),
        (lambda c, g: F.linear(c, g, g[0]), GOT.format("mat1", "cpu", "cuda:0", "addmm")),
        (lambda c, g: F.linear(g, c), GOT.format("mat2", "cpu", "cuda:0", "mm")),
        (lambda c, g: torch.addmm(g, g, c), GOT.format("mat2", "cpu", "cuda:0", "addmm")),
        (lambda c, g: F.embedding(c[0].long(), g), GOT.format("index", "cpu", "cuda:0", "_index_select")),
        (lambda c, g: torch.cat([g, c]), GOT.format("tensors", "cpu", "cuda:0", "cat")),
        (lambda c, g: F.cross_entropy(g, c[0].long()), GOT.format("target", "cpu", "cuda:0", "nll_loss_forward")),
        (lambda c, g: F.layer_norm(g, (2,), c[0]), GOT.format("weight", "cpu", "cuda:0", "_native_layer_norm")),
        (
            lambda c, g: F.conv1d(g[None], c[None]),
            "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same",
        ),
        (
            lambda c, g: F.conv1d(c[None], g[None]),
            "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same or input should "
            "be a MKLDNN tensor and weight is a dense tensor",
        ),
        (
            lambda c, g: c[g[0].long()],
            "indices should be either on cpu or on the same device as the indexed tensor (cpu)",
        ),
        (
            lambda c, g: torch.randn(2, device="cuda", generator=torch.Generator()),
            "Expected a 'cuda' device type for generator but found 'cpu'",
        ),
        (
            lambda c, g: setattr(c.requires_grad_(), "grad", g),
            "attempting to assign a gradient with device type 'cuda' to a tensor with device type 'cpu'. Please ensure "
            "that the gradient and the tensor are on the same device",
        ),
    ],
)
def test_tensors_that_are_apart(cuda, call, text) -> None:
    with pytest.raises(RuntimeError) as caught:
        call(torch.ones(2, 2), torch.ones(2, 2, device=cuda))
    assert str(caught.value) == text


def test_what_goes_together_all_the_same(cuda) -> None:
    x = torch.arange(4.0, device=cuda)
    assert (x * torch.tensor(2.0)).device == cuda and (torch.tensor(2.0) * x).tolist() == [0, 2, 4, 6]
    assert x[torch.tensor([3, 0])].tolist() == [3, 0]
    x[1:3] = torch.tensor([5.0, 6.0])
    x[0] = torch.tensor(9.0)
    assert x.copy_(x.cpu() + 1).tolist() == [10, 6, 7, 4] and x.device == cuda
    assert torch.zeros(4).copy_(x).device.type == "cpu"


def test_numpy_takes_what_is_on_the_cpu(cuda) -> None:
    x = torch.ones(2, device=cuda)
    with pytest.raises(TypeError) as caught:
        x.numpy()
    assert str(caught.value) == (
        "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
    )
    assert x.cpu().numpy().tolist() == x.numpy(force=True).tolist() == x.tolist() == [1, 1] and x.sum().item() == 2


def test_gradients_go_back_to_where_tensors_are(cuda) -> None:
    x = torch.ones(2, requires_grad=True)
    moved = x.cuda()
    assert moved.grad_fn.name() == "ToCopyBackward0" and x.cpu() is x and moved.cuda() is moved
    (moved * 3).sum().backward()
    assert x.grad.device.type == "cpu" and x.grad.tolist() == [3, 3]
    weight = torch.ones(2, device=cuda, requires_grad=True)
    (weight * 2).sum().cpu().backward()
    assert weight.grad.device == cuda


def test_modules_and_optimizers_move(cuda) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2), torch.nn.LazyLinear(2))
    first = net[0].weight
    assert net.to("cuda", torch.float64) is net and net[0].weight is first
    net(torch.ones(3, 2, device=cuda, dtype=torch.float64)).sum().backward()
    assert {each.device for each in (*net.parameters(), *net.buffers(), first.grad)} == {cuda}
    assert net[1].num_batches_tracked.dtype is torch.int64
    optimizer = torch.optim.Adam(net.parameters())
    optimizer.step()
    state = optimizer.state[first]
    assert state["exp_avg"].device == cuda and state["step"].device.type == "cpu"
    assert net.cpu().cuda(0).state_dict()["0.weight"].device == cuda
    saved = copy.deepcopy(optimizer.state_dict())
    saved["state"][0]["exp_avg"] = saved["state"][0]["exp_avg"].cpu()
    optimizer.load_state_dict(saved)
    assert optimizer.state[first]["exp_avg"].device == cuda
    assert torch.nn.DataParallel(net)(torch.ones(3, 2, dtype=torch.float64)).device == cuda


def _saved(cuda: torch.device) -> bytes:
    file = io.BytesIO()
    torch.save({"x": torch.arange(3, device=cuda), "y": torch.ones(1)}, file)
    return file.getvalue()


def test_files_say_where_tensors_were(cuda) -> None:
    content = _saved(cuda)
    assert b"cuda:0" in content
    load = lambda where=None: torch.load(io.BytesIO(content), map_location=where)["x"].device.type  # noqa: E731
    assert load() == load("cuda") == load({"cuda:0": "cuda"}) == load(lambda storage, place: None) == "cuda"
    assert load("cpu") == load(torch.device("cpu")) == load(lambda storage, place: storage) == "cpu"
    assert torch.load(io.BytesIO(content), map_location=lambda storage, place: storage.cuda(0))["y"].device == cuda
    with pytest.raises(
        RuntimeError, match=r"^Attempting to deserialize object on CUDA device 7 but torch.cuda.device_c"
    ):
        load("cuda:7")


def test_files_with_cuda_tensors_where_there_is_none(cuda, use_backend) -> None:
    content = _saved(cuda)
    use_backend("numpy")
    refusal = (
        r"^Attempting to deserialize object on a CUDA device but torch.cuda.is_available\(\) is False. If you are "
    )
    for where in (None, "cuda"):
        with pytest.raises(RuntimeError, match=refusal):
            torch.load(io.BytesIO(content), map_location=where)
    assert torch.load(io.BytesIO(content), map_location="cpu")["x"].tolist() == [0, 1, 2]


def test_one_stream_for_all_devices(cuda) -> None:
    torch.manual_seed(3)
    wanted = torch.randn(4).tolist()
    torch.cuda.manual_seed_all(3)
    assert torch.randn(4, device=cuda).tolist() == wanted and torch.cuda.initial_seed() == 3
    states = torch.cuda.get_rng_state_all()
    wanted = torch.rand(2, device=cuda).tolist()
    torch.cuda.set_rng_state_all(states)
    assert torch.rand(2).tolist() == wanted
    own = torch.Generator("cuda").manual_seed(5)
    assert own.device.type == "cuda" and torch.rand(2, device=cuda, generator=own).device == cuda


def test_streams_and_events(cuda) -> None:
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    with pytest.raises(ValueError, match=r"^Both events must be recorded before calculating elapsed time.$"):
        first.elapsed_time(last)
    with pytest.raises(ValueError, match=r"^Both events must be created with argument 'enable_timing=True'.$"):
        first.elapsed_time(torch.cuda.Event())
    first.record()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        x = torch.ones(8, 8, device=cuda) @ torch.ones(8, 8, device=cuda)
    last.record(side)
    torch.cuda.synchronize()
    assert first.elapsed_time(last) > 0 and last.query() and x._storage.lazy.array is not None


def test_safetensors_load_onto_a_device(cuda, tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    from diptych.eager.serialization.tensor_files import load_file, save_file

    save_file({"x": torch.ones(2, device=cuda)}, tmp_path / "x.safetensors")
    assert load_file(tmp_path / "x.safetensors", device="cuda")["x"].device == cuda
