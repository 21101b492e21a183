"""A whole function as one program of jax.jit, on a device or on a mesh of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cached_property, partial
from operator import itemgetter
from time import perf_counter
from typing import Any

from diptych.ir import DiptychError, Function, Unsupported, Value, ops

from ..failing import FAILING, last_failing
from ..figures import Figures
from ..mesh import Mesh
from ..processes import process_count
from ..settings import settings
from . import forks, traceable, wide_types

# A donated buffer that no result fits is simply freed; jax warns of each.
_UNUSED = "Some donated buffers were not usable"

_MOST_LOOKS = 32  # at what a program is called with, for whether jax.jit may be left out


class JaxRunner:
    """`runner(*arrays)`: numpy or jax arrays in, jax arrays out. Donated arguments that are jax arrays are consumed.
    Numpy arrays may be read behind the call: nobody must write them until a result has been read.

    Not so by a program that may raise: jax takes them before it runs, and they would be lost.

    On a mesh, arrays of the host come onto it as the `shard` that reads them says, or else split as batches are.
    """

    def __init__(
        self,
        function: Function,
        donate: tuple[int, ...],
        device: str | None = None,
        mesh: Mesh | None = None,
        precision: str = "highest",
    ) -> None:
        run = traceable(function)
        self.function = function
        import jax

        from .caching import keep_in
        from .donation import donated_pairs, in_order
        from .failures import noting
        from .placement import device_mesh, devices, tracing
        from .precision import wide_types
        from .processes import Together, is_collective
        from .vectors import compiler_options

        keep_in(settings().compilation_cache)
        self.together = None
        if process_count() > 1 and is_collective(function):
            self.together = Together(run, function)
            run, mesh = self.together.program(), None
        self.mesh = None if mesh is None else device_mesh(mesh, device)
        self.device = devices(device)[0] if device is not None and mesh is None else None
        self._noted: list[DiptychError] = []  # what host functions raised on a mesh
        self._traced = partial(tracing, self.mesh, precision), partial(noting, self._noted)
        if self.mesh is not None:
            if self.mesh.mesh.size > 1:
                check_no_host_calls(function)
            said = _shards(function)
            self._axes = [said.get(parameter) for parameter in function.parameters]
        self.may_raise = last_failing(function, FAILING["jax"]) >= 0
        self._own_order: Callable[[Any], tuple[Any, ...]] | None = None  # of results, where jax has another
        if self.may_raise:
            donate = ()
        else:
            pairs, every = donated_pairs(function, donate), range(len(function.results))
            order = [*pairs.values(), *sorted({*every} - {*pairs.values()})]
            donate = tuple(pairs)
            if order != [*every]:
                run = in_order(run, order)
                places = {number: place for place, number in enumerate(order)}
                self._own_order = itemgetter(*(places[number] for number in every))
        options = compiler_options(function, (self.device or devices(device)[0]).platform)
        self.compiled = jax.jit(run, donate_argnums=donate, keep_unused=True, compiler_options=options)
        self.is_traced = self._is_simple = False
        self._looks = _MOST_LOOKS  # that are left
        self._executable: Callable[..., Any] | None = None  # `compiled` for arrays of jax's on one device
        self._wide_types = wide_types
        self._types = [(parameter.type.static_shape(), parameter.dtype.numpy) for parameter in function.parameters]

    def prepare(self) -> None:
        """Compiles the program, if it is not yet, from the types of its parameters alone. What jax compiles this way it
        finds again when the program runs."""
        _ = self.figures

    @cached_property
    def figures(self) -> Figures:
        """What XLA tells of the program, which is compiled when this is first asked for."""
        from .caching import Answer
        from .figures import figures

        begin = perf_counter()
        with wide_types(), Answer() as answer:
            compiled = self._lowered().compile()
        return figures(compiled, self.function, perf_counter() - begin, answer.was_kept)

    @property
    def peak_bytes(self) -> int | None:
        """Bytes that a run takes beside its arguments: results, and what XLA makes on the way, where XLA tells. It is
        compiled then."""
        told = self.figures
        return None if told.temporary is None or told.results is None else told.temporary + told.results

    def stablehlo(self) -> str:
        """The text of the program that XLA is given."""
        with wide_types():
            return self._lowered().as_text()

    def hlo(self) -> str:
        """The text of the program as XLA compiles it for its devices, with what they send one another."""
        with wide_types():
            return self._lowered().compile().as_text()

    def _lowered(self) -> Any:
        """The program for XLA, not compiled yet."""
        forks.enter()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=_UNUSED)
            with self._tracing(), nullcontext() if self.device is None else on(self.device):
                return self.compiled.lower(*self._described())

    def _described(self) -> list[Any]:
        """The arguments, by types and where they lie."""
        import jax

        if self.together is not None:
            pairs = zip(self.together.shapes, self._types, strict=True)
            return [jax.ShapeDtypeStruct(shape, dtype, sharding=self.together.sharding) for shape, (_, dtype) in pairs]
        if self.mesh is None:
            return [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in self._types]
        found = zip(self._types, self._axes, strict=True)
        axes = [self.mesh.mesh.of_batch(shape) if each is None else each for (shape, _), each in found]
        return [
            jax.ShapeDtypeStruct(shape, dtype, sharding=self.mesh.sharding(each))
            for (shape, dtype), each in zip(self._types, axes, strict=True)
        ]

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        if self._is_simple:
            if forks.is_forked:
                forks.enter()
            executable = self._executable
            if executable is not None:
                try:
                    results = executable(*arrays)
                    return results if self._own_order is None else self._own_order(results)
                except (TypeError, ValueError):  # 64-bit arrays of numpy's, or those of several devices: nothing ran
                    self._executable = None
            elif self._looks:
                self._seek_executable(arrays)
            with self._wide_types():
                return self._ordered(self.compiled(*arrays))
        if not self.may_raise:
            return self._run(arrays)
        import jax

        from .failures import arriving

        self._noted.clear()
        with arriving():
            results = jax.block_until_ready(self._run(arrays))
            jax.effects_barrier()  # also where no result waits for the host
        if self._noted:
            raise self._noted[0] from self._noted[0].__cause__
        return results

    def _seek_executable(self, arrays: Sequence[Any]) -> None:
        """A program that has run is called without jax.jit around it, which would look for switches of jax's first."""
        self._looks -= 1
        if all(is_of_one_device(array) for array in arrays):
            with wide_types():
                self._executable = self._lowered().compile()  # is kept by jax

    @contextmanager
    def _tracing(self) -> Iterator[None]:
        """A block in which the program is traced."""
        with ExitStack() as stack:
            for block in self._traced:
                stack.enter_context(block())
            yield

    def _run(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        forks.enter()
        with wide_types():
            if self.together is not None:
                return self.together.own(self._called(self.together.given(arrays)))
            if self.mesh is not None:
                arrays = self.mesh.all_placed(arrays, self._axes)
            elif self.device is not None:
                with on(self.device):
                    return self._called(arrays)
            return self._called(arrays)

    def _called(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        if self.is_traced:
            return self._ordered(self.compiled(*arrays))
        with warnings.catch_warnings(), self._tracing():
            warnings.filterwarnings("ignore", message=_UNUSED)
            results = self.compiled(*arrays)
        self.is_traced = True
        self._is_simple = self.together is self.mesh is self.device is None and not self.may_raise
        return self._ordered(results)

    def _ordered(self, results: tuple[Any, ...]) -> tuple[Any, ...]:
        """Results of jax's in the order of the function's."""
        return results if self._own_order is None else self._own_order(results)


def on(device: Any) -> Any:
    """A context in which what comes from the host goes to this device."""
    import jax

    return jax.default_device(device)


def is_of_one_device(array: Any) -> bool:
    """Whether jax has an array, as a whole on one device."""
    sharding = getattr(array, "sharding", None)
    return sharding is not None and len(sharding.device_set) == 1


def check_no_host_calls(function: Function) -> None:
    """Raises Unsupported, with the user's line, for a Python function that several devices would wait for."""
    for equation in function.every_equation():
        if equation.op is ops.host_call and equation.results:
            raise Unsupported(
                "a Python function is called within a program of several devices", location=equation.location,
                hint="call it between programs, or outside of the mesh",
            )  # fmt: skip


def _shards(function: Function) -> dict[Value, str]:
    """How values are split, of those of which an equation says it first."""
    found: dict[Value, str] = {}
    for equation in function.equations:
        if equation.op is ops.shard:
            found.setdefault(equation.operands[0], equation.attributes["axes"])
    return found
