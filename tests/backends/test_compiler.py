"""Compiling: what the cache takes for the same, its bound and counters, threads, settings, checked mode, errors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from diptych import backends
from diptych.backends import cache_statistics, clear_cache, compiler, pipelines
from diptych.backends import settings as settings_module
from diptych.backends.executable import Executable, Polymorphic
from diptych.backends.pipelines import PIPELINES
from diptych.backends.settings import configure
from diptych.ir import Builder, DiptychError, Function, TensorType, Value, VerificationError, dtypes, named, parse
from diptych.passes.manager import Pass
from diptych.passes.provenance import Fired

from tests.samples.control import function


@pytest.fixture(autouse=True)
def fresh_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty cache, and default settings that are put back."""
    monkeypatch.setattr(settings_module, "_current", settings_module.Settings())
    clear_cache()
    yield
    clear_cache()


def chain(name: str = "chain", shape: str = "3", extra: bool = False) -> Function:
    return function(name, f"f32[{shape}]", lambda b, x: b.exp(b.sin(b.neg(x) if extra else x)))


def counts() -> tuple[int, int, int, int]:
    found = cache_statistics()
    return found.hits, found.misses, found.evictions, found.size


def test_equal_structure_is_compiled_once() -> None:
    first = backends.compile(chain())
    assert counts() == (0, 1, 0, 1)
    assert backends.compile(first.function) is first
    other = backends.compile(chain("another name"))
    assert counts() == (2, 1, 0, 1)
    assert isinstance(first, Executable) and isinstance(other, Executable)
    assert other.runner is first.runner and other.function.name == "another name"


def test_order_and_names_do_not_matter() -> None:
    left = parse(
        "func @f(%x: f32[2]) -> (f32[2], f32[2]) {\n%a: f32[2] = sin %x\n%b: f32[2] = cos %x\nreturn %a, %b\n}"
    )
    right = parse(
        "func @g(%y: f32[2]) -> (f32[2], f32[2]) {\n%c: f32[2] = cos %y\n%s: f32[2] = sin %y\nreturn %s, %c\n}"
    )
    backends.compile(left)
    backends.compile(right)
    assert counts() == (1, 1, 0, 1)


def test_what_tells_programs_apart() -> None:
    """Shape, structure, backend, donation and fast math, and nothing else here."""
    f = chain()
    for miss, compiled in enumerate(
        (
            lambda: backends.compile(f),
            lambda: backends.compile(chain(shape="4")),
            lambda: backends.compile(chain(extra=True)),
            lambda: backends.compile(f, backend="reference"),
            lambda: backends.compile(f, backend="jax"),
            lambda: backends.compile(f, donate=[0]),
        ),
        1,
    ):
        compiled()
        assert counts() == (miss - 1, miss, 0, miss)
        compiled()
        assert counts() == (miss, miss, 0, miss)
    configure(fast_math=True)
    backends.compile(f)
    assert cache_statistics().misses == 7


def test_passes_run_once_whatever_is_donated(monkeypatch: pytest.MonkeyPatch) -> None:
    """And errors name the lines of the program that was given, whichever of both it was."""
    text = "func @f(%x: f32[3]) -> (f32[3]) {{\n%y: f32[3] = sin %x // {}\n%z: f32[3] = exp %y\nreturn %z\n}}"
    first = backends.compile(parse(text.format("first.py:1")))
    monkeypatch.setattr(compiler, "run_passes", None)
    second = backends.compile(parse(text.format("second.py:2")), donate=[0])
    assert isinstance(first, Executable) and isinstance(second, Executable)
    assert second.optimised is first.optimised and second.records is first.records
    assert second.runner is not first.runner and (first.donate, second.donate) == ((), (0,))
    assert str(second.function.equations[0].location) == "second.py:2"
    assert counts() == (0, 2, 0, 2)
    x = np.linspace(0, 1, 3, dtype=np.float32)
    wanted = first(x)[0]
    assert second(x)[0] is x and np.array_equal(x, wanted)


def test_donation_is_a_set() -> None:
    f = function("f", "f32[3] f32[3]", lambda b, x, y: [b.exp(x), b.sin(y)])
    backends.compile(f, donate=[1, 0, 1])
    backends.compile(f, donate=(0, 1))
    assert counts() == (1, 1, 0, 1)


def test_the_cache_is_bounded_and_forgets_the_oldest_use() -> None:
    configure(cache_size=2)
    backends.compile(chain(shape="1"))
    backends.compile(chain(shape="2"))
    backends.compile(chain(shape="1"))
    backends.compile(chain(shape="3"))  # lets 2 go
    assert counts() == (1, 3, 1, 2)
    backends.compile(chain(shape="1"))
    assert counts() == (2, 3, 1, 2)
    backends.compile(chain(shape="2"))
    assert counts() == (2, 4, 2, 2)


def test_clearing() -> None:
    backends.compile(chain())
    clear_cache()
    assert counts() == (0, 0, 0, 0)


def test_threads_that_compile_the_same_thing_get_the_same_program() -> None:
    start = Barrier(8)
    f = chain()

    def work(_: int) -> Executable:
        start.wait()
        compiled = backends.compile(f)
        assert isinstance(compiled, Executable)
        return compiled

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert len({id(each.runner) for each in found}) == 1
    hits, misses, evictions, size = counts()
    assert (hits + misses, evictions, size) == (8, 0, 1)


# -- backends and settings ----


def test_the_backend_of_the_settings() -> None:
    compiled = backends.compile(chain())
    assert isinstance(compiled, Executable) and compiled.backend == "numpy"
    configure(backend="reference")
    compiled = backends.compile(chain())
    assert isinstance(compiled, Executable) and compiled.backend == "reference"
    chosen = backends.compile(chain(), backend="numpy")
    assert isinstance(chosen, Executable) and chosen.backend == "numpy"


def test_fast_math() -> None:
    f = function("f", "f32[3]", lambda b, x: b.sub(b.exp(x), b.exp(x)))
    x = np.array([1, np.inf, 2], np.float32)
    assert np.isnan(backends.compile(f)(x)[0][1])
    configure(fast_math=True)
    assert backends.compile(f)(x)[0].tolist() == [0, 0, 0]


def test_what_an_executable_shows() -> None:
    f = chain(extra=True)
    numpy_program = backends.compile(f, backend="numpy")
    assert isinstance(numpy_program, Executable)
    assert [record.name for record in numpy_program.records] == list(PIPELINES["numpy"])
    assert [equation.op.name for equation in numpy_program.optimised.equations] == ["fused"]
    assert "exp(" in numpy_program.source and numpy_program.peak_bytes == 64 + 12
    reference = backends.compile(f, backend="reference")
    assert isinstance(reference, Executable)
    assert (reference.optimised, reference.records, reference.source, reference.peak_bytes) == (f, (), "", None)


@pytest.mark.parametrize("backend", ["numpy", "reference", "jax"])
def test_every_backend_runs(backend: str) -> None:
    (result,) = backends.compile(chain(), backend=backend)(np.array([0, 1, 2], np.float32))
    np.testing.assert_allclose(result, np.exp(np.sin([0, 1, 2])), rtol=1e-6)


def test_results_of_the_reference_are_copies() -> None:
    f = function("f", "f32[2]", lambda b, x: [x, b.broadcast(x, shape=(3, 2), axes=(1,))])
    x = np.ones(2, np.float32)
    for result in backends.compile(f, backend="reference")(x):
        assert result.flags.writeable and not np.shares_memory(result, x)


# -- checked mode ----


def _broken(function: Function, fired: Fired) -> Function:
    stray = Builder().parameter(TensorType(dtypes.f32, (3,)), "stray")
    return Function(function.name, function.parameters, function.equations, (stray,))


def test_checked_mode_catches_a_broken_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pipelines.PASSES, "trim", Pass("trim", "breaks the program", _broken))
    configure(checked=True)
    with pytest.raises(VerificationError) as caught:
        backends.compile(chain())
    assert str(caught.value) == "@chain after trim: 1 fault\n  result 0, %stray, is not defined in this function"
    assert cache_statistics().size == 0


def test_a_failed_compilation_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(pipelines.PASSES, "fuse", Pass("fuse", "fails", lambda f, fired: 1 / 0))
        with pytest.raises(ZeroDivisionError):
            backends.compile(chain())
    assert counts() == (0, 1, 0, 0)
    assert backends.compile(chain())(np.zeros(3, np.float32))[0].tolist() == [1, 1, 1]


# -- named dimensions ----


def _mean() -> Function:
    def body(b: Builder, x: object, y: object) -> object:
        return b.matmul(x, y)

    return function("f", "f32[batch,3] f32[3,width]", body)


def test_named_dimensions_are_compiled_for_each_set_of_sizes() -> None:
    compiled = backends.compile(_mean())
    assert isinstance(compiled, Polymorphic) and counts() == (0, 0, 0, 0)
    for batch, width in ((2, 4), (5, 1), (2, 4)):
        (found,) = compiled(np.ones((batch, 3), "f4"), np.ones((3, width), "f4"))
        assert found.tolist() == np.full((batch, width), 3).tolist()
    assert counts() == (1, 2, 0, 2)
    is_kept = compiled.specialised({"batch": 2, "width": 4}) is compiled.specialised({"width": 4, "batch": 2})
    assert is_kept
    backends.compile(_mean())(np.ones((5, 3), "f4"), np.ones((3, 1), "f4"))
    assert cache_statistics().misses == 2


def test_named_dimensions_forget_the_oldest_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    from diptych.backends import executable

    monkeypatch.setattr(executable, "MAX_SPECIALISED", 2)
    compiled = backends.compile(function("f", "f32[n]", lambda b, x: b.exp(b.sin(x))))
    for size in (1, 2, 1, 3, 1):
        compiled(np.zeros(size, "f4"))
    assert isinstance(compiled, Polymorphic)
    assert [dict(key)["n"] for key in compiled._specialised] == [3, 1]


def test_sizes_that_contradict_each_other() -> None:
    f = function("f", "f32[n] f32[n]", lambda b, x, y: b.add(x, y))
    with pytest.raises(DiptychError, match=r"@f: argument 1 is f32\[3\] but must be f32\[n\] with n = 2"):
        backends.compile(f)(np.zeros(2, "f4"), np.zeros(3, "f4"))


@pytest.mark.parametrize("backend", ["numpy", "reference", "jax"])
@pytest.mark.parametrize("types", ["f32[2]", "f32[n]"])
def test_names_that_no_argument_gives(backend: str, types: str) -> None:
    """At any depth; the error says where."""
    count = function("f", types, lambda b, x: b.iota(shape=(named("m"),), axis=0, dtype=dtypes.i32))
    size = function("f", types, lambda b, x: b.dimension(size=named("m"), dtype=dtypes.i32))
    for f, attribute in ((count, "iota: shape"), (size, "dimension: size")):
        for g in (f, function("outer", types, lambda b, x, f=f: b.call(x, body=f))):
            with pytest.raises(DiptychError) as caught:
                compiled = backends.compile(g, backend=backend)
                compiled(np.zeros(2, "f4"))
            assert caught.value.message == f"{attribute} is [m] but must be numbers"
            assert caught.value.location == f.equations[0].location


@pytest.mark.parametrize("backend", ["numpy", "reference", "jax"])
def test_sizes_too_large_for_their_dtype_wrap_around(backend: str) -> None:
    f = function("f", "f32[n]", lambda b, x: b.dimension(size=x.shape[0], dtype=dtypes.i8))
    (found,) = backends.compile(f, backend=backend)(np.zeros(300, "f4"))
    assert int(found) == 44


def test_donation_with_named_dimensions() -> None:
    f = function("f", "f32[n] f32[n]", lambda b, w, g: b.sub(w, g))
    w = np.array([3, 4], np.float32)
    (new,) = backends.compile(f, donate=(0,))(w, np.ones(2, np.float32))
    assert new is w and w.tolist() == [2, 3]


# -- errors ----


def test_unknown_backends_and_places() -> None:
    with pytest.raises(DiptychError) as caught:
        backends.compile(chain(), backend="torch")
    assert str(caught.value) == "compile: backend is 'torch' but must be one of reference, numpy, jax"
    for places in ([1], [-1], [0, 3]):
        with pytest.raises(DiptychError) as caught:
            backends.compile(chain(), donate=places)
        assert str(caught.value) == f"compile: donate is {places} but must be places of the 1 parameters"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "@chain: arguments are 0 but must be 1 (f32[3])"),
        ([np.zeros(3, "f4")] * 2, "@chain: arguments are 2 but must be 1 (f32[3])"),
        ([np.zeros(4, "f4")], "@chain: argument 0 is f32[4] but must be f32[3]"),
        ([np.zeros(3)], "@chain: argument 0 is f64[3] but must be f32[3]"),
        ([np.zeros((1, 3), "f4")], "@chain: argument 0 is f32[1,3] but must be f32[3]"),
        ([[1.0, 2.0, 3.0]], "@chain: argument 0 is f64[3] but must be f32[3]"),
        ([object()], "@chain: argument 0 is object[] but must be f32[3]"),
        ([None], "@chain: argument 0 is object[] but must be f32[3]"),
        ([[[1.0], [2.0, 3.0]]], "@chain: argument 0 is a ragged list but must be f32[3]"),
    ],
)
@pytest.mark.parametrize("backend", ["numpy", "reference", "jax"])
def test_wrong_arguments(backend: str, arguments: list[object], message: str) -> None:
    with pytest.raises(DiptychError) as caught:
        backends.compile(chain(), backend=backend)(*arguments)
    assert str(caught.value) == message


def _lookup(b: Builder, table: object, i: object) -> object:
    return b.gather(table, i, axes=(0,))


def test_errors_name_the_line_of_the_program_that_was_compiled() -> None:
    """Two equal programs from two lines share one runner, but an error says which of them ran."""
    first = function("f", "f32[3] i32[]", lambda b, t, i: b.gather(t, i, axes=(0,)))
    second = function("f", "f32[3] i32[]", _lookup)
    left, right = backends.compile(first), backends.compile(second)
    assert isinstance(left, Executable) and isinstance(right, Executable)
    assert left.runner is right.runner
    lines: list[int] = []
    for executable in (left, right):
        with pytest.raises(DiptychError, match=r"gather: indices\[0\] is 3 but must be from 0 to 2") as caught:
            executable(np.zeros(3, "f4"), np.int32(3))
        assert caught.value.location is not None
        lines.append(caught.value.location.line)
    assert lines == [e.location.line for f in (first, second) for e in f.equations if e.location is not None]
    assert lines[0] != lines[1]


def test_the_line_is_found_though_an_argument_was_donated() -> None:
    """It is whole, since nothing is overwritten before the last equation that may raise."""

    def first(b: Builder, w: Value, i: Value) -> list[Value]:
        return [b.neg(w), b.gather(w, i, axes=(0,))]

    def second(b: Builder, w: Value, i: Value) -> list[Value]:
        return [b.neg(w), b.gather(w, i, axes=(0,))]

    left, right = (function("f", "f32[3] i32[]", body) for body in (first, second))
    backends.compile(left, donate=(0,))
    w = np.ones(3, "f4")
    with pytest.raises(DiptychError) as caught:
        backends.compile(right, donate=(0,))(w, np.int32(3))
    assert caught.value.location == right.equations[1].location != left.equations[1].location
    assert w.tolist() == [1, 1, 1]


def test_nothing_with_an_effect_runs_again_for_the_sake_of_a_line() -> None:
    from diptych.ir import HostFunction

    seen: list[int] = []
    note = HostFunction("tests.note", lambda x: seen.append(int(x)))

    def program(name: str) -> Function:
        def body(b: Builder, table: object, i: object) -> object:
            b.host_call(i, function=note, results=())
            return b.gather(table, i, axes=(0,))

        return function(name, "f32[3] i32[]", body)

    backends.compile(program("first"))
    with pytest.raises(DiptychError):
        backends.compile(program("second"))(np.zeros(3, "f4"), np.int32(5))
    assert seen == [5]
