"""Devices and settings of a process that programs name."""

from __future__ import annotations

CASES = """
torch.device("cuda")
torch.device("cuda:1").index
torch.device("cuda", 1)
torch.device("mps")
torch.device("meta").type
torch.device("xpu", 0)
torch.device("cuda") == torch.device("cuda:0")
torch.device(0)
floats(2).is_cpu
floats(2).is_pinned()
floats(2).pin_memory()
floats(2).get_device()
floats(2).xpu()
torch.zeros(2, device="cuda")
torch.rand(2, device="cuda")
torch.tensor([1.0], device="cuda")
torch.ones(2).to("mps")
torch.ones(2).to("xpu")
torch.ones(2).to("cpu", non_blocking=True)
nn.Linear(2, 2, device="cuda")
torch.accelerator.is_available()
torch.accelerator.device_count()
torch.accelerator.current_accelerator()
torch.accelerator.current_accelerator(check_available=True)
torch.accelerator.synchronize()
torch.accelerator.current_device_index()
torch.accelerator.set_device_index(0)
torch.accelerator.current_stream()
torch.accelerator.device_index(None).__enter__()
torch.backends.cudnn.is_available()
torch.backends.cudnn.version()
torch.backends.cudnn.benchmark
torch.backends.cudnn.deterministic
torch.backends.cudnn.enabled
torch.backends.cudnn.allow_tf32
torch.backends.cuda.is_built()
torch.backends.cuda.matmul.allow_tf32
torch.backends.cuda.flash_sdp_enabled()
torch.backends.cuda.math_sdp_enabled()
torch.backends.cuda.mem_efficient_sdp_enabled()
torch.backends.mps.is_available()
torch.backends.mps.is_built()
torch.backends.opt_einsum.get_opt_einsum() is None
torch.cpu.is_available()
torch.cpu.device_count()
torch.cpu.current_device()
torch.cpu.synchronize()
torch.mps.is_available()
torch.mps.device_count()
torch.mps.manual_seed(0)
torch.mps.empty_cache()
torch.mps.synchronize()
torch.xpu.is_available()
torch.xpu.device_count()
torch.xpu.manual_seed_all(1)
torch.xpu.empty_cache()
torch.version.cuda
torch.version.hip
torch.version.debug
torch.get_float32_matmul_precision()
torch.set_float32_matmul_precision("high")
torch.set_float32_matmul_precision("highest")
torch.are_deterministic_algorithms_enabled()
torch.is_deterministic_algorithms_warn_only_enabled()
torch.get_deterministic_debug_mode()
torch.set_deterministic_debug_mode("odd")
torch.set_deterministic_debug_mode(3)
torch.set_deterministic_debug_mode(1.5)
torch.set_num_threads(0)
torch.set_num_threads("1")
torch.set_num_threads(1.5)
torch.set_num_interop_threads(0)
torch.get_default_device()
torch.set_flush_denormal(False)
torch.set_default_tensor_type("torch.odd")
torch.set_default_tensor_type(torch.float32)
torch.set_default_tensor_type(torch.LongTensor)
torch.is_inference_mode_enabled()
torch.compiler.is_compiling()
torch.compiler.is_dynamo_compiling()
torch.compile(lambda x: x * 2, mode="odd")
torch.compile(lambda x: x * 2, mode="default", options={"a": 1})
torch.compile(None)(nn.ReLU())(floats(2))
torch.jit.is_scripting()
torch.jit.is_tracing()
torch.jit.annotate(int, 1)
torch.profiler.supported_activities() >= {torch.profiler.ProfilerActivity.CPU}
torch.distributed.is_available()
torch.distributed.is_initialized()
torch.distributed.get_rank()
torch.distributed.get_world_size()
torch.distributed.barrier()
torch.distributed.all_reduce(floats(2))
torch.distributed.destroy_process_group()
torch.distributed.get_default_backend_for_device("cpu")
nn.parallel.DistributedDataParallel(nn.Linear(2, 2))
list(nn.DataParallel(nn.Linear(2, 2)).state_dict())
nn.DataParallel(nn.ReLU())(floats(2))
torch.FloatTensor(2, 3).shape
torch.FloatTensor([1, 2])
torch.LongTensor([1, 2])
torch.ByteTensor([1, 2])
torch.BoolTensor([1, 0])
torch.DoubleTensor([1, 2])
torch.HalfTensor([1, 2])
torch.IntTensor([[1], [2]])
torch.ShortTensor([1])
torch.CharTensor([1])
torch.BFloat16Tensor([1])
torch.FloatTensor(floats(2)).dtype
torch.FloatTensor(doubles(2))
torch.FloatTensor(1.5)
torch.FloatTensor(floats(2, 3).shape).shape
torch.FloatTensor().shape
torch.FloatTensor.dtype
torch.FloatTensor.is_cuda
floats(2).type(torch.DoubleTensor)
floats(2).type("torch.LongTensor")
ints(2).type(torch.FloatTensor)
floats(2).type(int)
floats(2).type(nn.Linear)
torch.random.initial_seed()
torch.get_rng_state().dtype
torch.set_rng_state(floats(2))
torch.profiler.schedule(wait=1, warmup=1, active=2)(3).name
[torch.profiler.schedule(wait=1, warmup=1, active=2, repeat=1)(step).name for step in range(6)]
[torch.profiler.schedule(wait=1, warmup=0, active=1, skip_first=2)(step).name for step in range(6)]
torch.multiprocessing.get_sharing_strategy()
"""


def deterministic_modes(torch):
    found = []
    for mode, warns in ((True, False), (True, True), (False, False)):
        torch.use_deterministic_algorithms(mode, warn_only=warns)
        found.append(
            (
                torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
                torch.get_deterministic_debug_mode(),
            )
        )
    for mode in ("warn", "error", 0):
        torch.set_deterministic_debug_mode(mode)
        found.append(torch.get_deterministic_debug_mode())
    return found


def precisions(torch):
    torch.set_float32_matmul_precision("medium")
    found = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    return found


def threads(torch):
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    found = torch.get_num_threads()
    torch.set_num_threads(before)
    return found, torch.get_num_interop_threads() > 0


def backends_are_assigned(torch):
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.deterministic = True
    torch.backends.cuda.matmul.allow_tf32 = False
    found = torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
    torch.backends.cudnn.benchmark = torch.backends.cudnn.deterministic = False
    with torch.backends.cudnn.flags(enabled=False, benchmark=True):
        within = torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark
    return found, within, torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark


def ways_of_attention(torch):
    torch.backends.cuda.enable_flash_sdp(False)
    torch.backends.cuda.enable_mem_efficient_sdp(False)
    found = torch.backends.cuda.flash_sdp_enabled(), torch.backends.cuda.mem_efficient_sdp_enabled()
    torch.backends.cuda.enable_flash_sdp(True)
    torch.backends.cuda.enable_mem_efficient_sdp(True)
    return found


def default_devices(torch):
    torch.set_default_device("cpu")
    found = [str(torch.get_default_device()), str(torch.zeros(2).device)]
    torch.set_default_device("cuda")
    try:
        torch.zeros(2)
    except AssertionError as error:
        found.append(str(error))
    torch.set_default_device(None)
    with torch.device("cpu"):
        found.append(str(torch.zeros(2).device))
    return [*found, str(torch.get_default_device())]


def default_tensor_types(torch):
    torch.set_default_tensor_type(torch.DoubleTensor)
    found = torch.ones(1)
    torch.set_default_tensor_type("torch.FloatTensor")
    return found, torch.ones(1)


def streams_that_continue(torch):
    state = torch.get_rng_state()
    first = torch.rand(3)
    torch.set_rng_state(state)
    second = torch.rand(3)
    with torch.random.fork_rng():
        torch.rand(2)
    torch.rand(1)
    return bool((first == second).all()), torch.default_generator.get_state().shape == state.shape


def compiled_functions(torch, leaf):
    @torch.compile
    def double(x):
        """Doubles."""
        return x * 2

    @torch.compile(dynamic=True, fullgraph=True)
    def triple(x):
        return x * 3

    return double(leaf(2)), triple(leaf(2)), double.__name__, double.__doc__


def compiled_modules(torch, nn, floats):
    model = torch.compile(nn.Linear(2, 2))
    model.eval()
    return list(model.state_dict()), model._orig_mod.training, model.in_features, len(list(model.parameters()))


def scripted(torch, nn, floats):
    module = nn.Linear(2, 2)
    x = floats(3, 2)
    scripted, traced = torch.jit.script(module), torch.jit.trace(module, x)
    return bool((scripted(x) == module(x)).all()), bool((traced(x) == module(x)).all())


def blocks_are_profiled(torch, floats):
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        for _ in range(2):
            with torch.profiler.record_function("mine"):
                floats(2) * 2
    (found,) = [each for each in profiler.key_averages() if each.key == "mine"]
    return found.count, found.cpu_time_total > 0, "mine" in profiler.key_averages().table(sort_by="cpu_time_total")


def schedules_are_followed(torch):
    seen = []
    with torch.profiler.profile(
        schedule=torch.profiler.schedule(wait=1, warmup=1, active=1, repeat=2),
        on_trace_ready=lambda profiler: seen.append(profiler.step_num),
    ) as profiler:
        for _ in range(8):
            profiler.step()
    return seen


def printing(torch, doubles):
    found = []
    for options in (
        {"precision": 2}, {"sci_mode": True}, {"sci_mode": False}, {"threshold": 3, "edgeitems": 1},
        {"linewidth": 30}, {"profile": "short"}, {"profile": "full"}, {"profile": "default"},
    ):  # fmt: skip
        torch.set_printoptions(**options)
        found.append(repr(doubles(8)))
    torch.set_printoptions(profile="default")
    return found
