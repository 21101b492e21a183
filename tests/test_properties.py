"""What must hold of every program, tried on random ones: passes keep values, in any order; backends agree; text and
JSON come back as they were; plans are safe."""

from __future__ import annotations

from random import Random

import jax
import numpy as np
import pytest
from diptych import backends
from diptych.backends.jax import traceable, wide_types
from diptych.backends.numpy.layout import Layout, in_arena
from diptych.backends.numpy.program import Program as NumpyProgram
from diptych.backends.pipelines import PASSES, pipeline
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.tolerances import Tolerance, disagreement
from diptych.ir import OPS, Function, function_data, parse, print_function, verify
from diptych.ir.document import from_json, to_json
from diptych.passes.costs import Rates
from diptych.passes.fuse import fuse
from diptych.passes.manager import run_passes
from diptych.passes.provenance import Fired
from diptych.passes.rules import EXACT, FAST
from diptych.passes.simplify import simplify
from diptych.passes.split import split
from diptych.passes.ways import Machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.numpy_backend.poison import poisoned_runs
from tests.passes.memory_model import check_plan
from tests.random_programs import Program, random_program

PROGRAMS = st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(1, 30))
# For which everything pays.
EAGER_TO_SPLIT = Machine(Rates(1.0, 1.0, 1.0, 1.0, 1.0), handover=1.0, meeting=0.0, smallest=0)
QUIET = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow], "database": None}

EPSILON = {"f64": 2.0**-52, "f32": 2.0**-23, "f16": 2.0**-10}


def agree(program: Program, found: tuple[object, ...], wanted: tuple[np.ndarray, ...], units: float) -> None:
    """Integers and bools are equal; floats differ by at most `units` of the program's coarsest float, as a part of the
    largest element and of 1."""
    relative = units * EPSILON[program.dtype.name]
    scale = relative / 2.0**-52
    for number, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
        unit = 1.0 if np.asarray(theirs).dtype in (np.float64, np.complex128) else 2.0**-29
        allowed = Tolerance(largest=scale * unit, one=scale * unit)
        problem = disagreement(np.asarray(ours), theirs, allowed, relative=relative)
        assert problem is None, f"result {number} {problem}\n{program.function}"


def kept(program: Program, function: Function, wanted: tuple[np.ndarray, ...], units: float) -> None:
    """`function` keeps the rules of the language, and the program's values."""
    verify(function)
    assert function.parameter_types == program.function.parameter_types
    assert function.result_types == program.function.result_types
    agree(program, evaluate(function, program.arguments), wanted, units)


@settings(max_examples=250, **QUIET)
@given(PROGRAMS)
def test_every_pass_keeps_values(program: Program) -> None:
    """Alone, and the fast rules too, which may round otherwise."""
    wanted = evaluate(program.function, program.arguments)
    for name, each in PASSES.items():
        kept(program, each.transform(program.function, Fired()), wanted, 1e6 if name == "fast_math" else 1e4)


@settings(max_examples=150, **QUIET)
@given(PROGRAMS, st.randoms(use_true_random=False))
def test_passes_keep_values_in_any_order(program: Program, random: Random) -> None:
    wanted = evaluate(program.function, program.arguments)
    names = [name for name in PASSES if name != "fast_math"]
    order = random.choices(names, k=6)
    function, _ = run_passes(program.function, [PASSES[name] for name in order], checked=True)
    kept(program, function, wanted, 1e4)


@settings(max_examples=150, **QUIET)
@given(PROGRAMS)
def test_passes_come_to_rest(program: Program) -> None:
    """A second time they change nothing: simplification with and without fast rules and folding, trim, fuse, share."""
    for rules in (EXACT, [*FAST, *EXACT]):
        once = simplify(program.function, rules)
        assert simplify(once, rules) == once
    for name in ("simplify", "fast_math", "trim", "fuse", "share", "inline", "erase_marks", "fold"):
        once = PASSES[name].transform(program.function, Fired())
        assert PASSES[name].transform(once, Fired()) == once, name


@settings(max_examples=250, **QUIET)
@given(PROGRAMS)
def test_numpy_agrees_with_the_reference(program: Program) -> None:
    """Through the whole pipeline; then without passes, whatever its memory held before."""
    wanted = evaluate(program.function, program.arguments)
    executable = backends.compile(program.function, backend="numpy")
    before = [argument.tobytes() for argument in program.arguments]
    for _ in range(2):
        agree(program, executable(*program.arguments), wanted, 1e4)
    assert [argument.tobytes() for argument in program.arguments] == before
    for function in (program.function, fuse(program.function)):
        first: list[bytes] | None = None
        for found in poisoned_runs(NumpyProgram(function), program.arguments):
            agree(program, found, wanted, 1e4)
            bits = [result.tobytes() for result in found]
            assert first in (None, bits)
            first = bits


@settings(max_examples=250, **QUIET)
@given(PROGRAMS, st.sampled_from((1, 2, 4)))
def test_blocks_keep_values(program: Program, most: int) -> None:
    """Groups that go block by block, with blocks of very few elements."""
    wanted = evaluate(program.function, program.arguments)
    first: list[bytes] | None = None
    for found in poisoned_runs(NumpyProgram(fuse(program.function), (), Layout(most, most)), program.arguments):
        agree(program, found, wanted, 1e4)
        bits = [result.tobytes() for result in found]
        assert first in (None, bits)
        first = bits


@settings(max_examples=250, **QUIET)
@given(PROGRAMS, st.sampled_from((2, 3)))
def test_splitting_keeps_values(program: Program, parts: int) -> None:
    """All that can be split is: on the reference, and on numpy with groups, whatever its memory held before."""
    wanted = evaluate(program.function, program.arguments)
    function = split(program.function, parts, EAGER_TO_SPLIT)
    kept(program, function, wanted, 1e4)
    first: list[bytes] | None = None
    for found in poisoned_runs(NumpyProgram(fuse(function), (), Layout(4, 2)), program.arguments):
        agree(program, found, wanted, 1e4)
        bits = [result.tobytes() for result in found]
        assert first in (None, bits)
        first = bits


@settings(max_examples=150, **QUIET)
@given(PROGRAMS, st.randoms(use_true_random=False))
def test_donation_changes_no_value(program: Program, random: Random) -> None:
    """Any arguments may be donated; the plan for it is safe, and what is overwritten was filled before, if checked."""
    wanted = evaluate(program.function, program.arguments)
    places = tuple(place for place in range(len(program.arguments)) if random.random() < 0.6)
    executable = backends.compile(program.function, backend="numpy", donate=places)
    agree(program, executable(*(argument.copy() for argument in program.arguments)), wanted, 1e4)
    for function in (program.function, fuse(program.function), fuse(split(program.function, 2, EAGER_TO_SPLIT))):
        numpy_program = NumpyProgram(function, places)
        check_plan(
            function, numpy_program.plan, donate=places, in_arena=in_arena, nested=numpy_program.layout.shared.nested
        )
        checked = NumpyProgram(function, places, checked=True)
        found = [
            [result.tobytes() for result in each.run(*(argument.copy() for argument in program.arguments))]
            for each in (numpy_program, checked)
        ]
        assert found[0] == found[1]


@settings(max_examples=200, **QUIET)
@given(PROGRAMS)
def test_text_and_json_come_back(program: Program) -> None:
    """Of the program and of what the passes make of it, large constants aside and within."""
    optimised, _ = run_passes(program.function, pipeline("numpy"))
    for function in (program.function, optimised):
        text = print_function(function, locations="full")
        back = parse(text, data=function_data(function))
        assert back == function
        assert print_function(back, locations="full") == text
        assert from_json(to_json(function, inline_elements=None)) == function
        assert back.fingerprint == function.fingerprint


@settings(max_examples=30, **QUIET)
@given(st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(4, 14)))
def test_jax_agrees_with_the_reference(program: Program) -> None:
    wanted = evaluate(program.function, program.arguments)
    optimised, _ = run_passes(program.function, pipeline("jax"))
    with wide_types():
        found = jax.jit(traceable(optimised))(*program.arguments)
        agree(program, tuple(np.asarray(result) for result in found), wanted, 1e5)


def test_programs_reach_every_op() -> None:
    """All but host_call, which has effects of its own, and divisor, which raises where it does more than nothing."""
    seen: set[str] = set()

    def look(function: Function) -> None:
        for equation in function.equations:
            seen.add(equation.op.name)
            for _, nested in equation.functions():
                look(nested)

    for seed in range(800):
        look(random_program(seed, seed % 31).function)
    assert set(OPS) - seen == {"divisor", "host_call"}


def test_programs_depend_on_the_seed_alone() -> None:
    for seed in (1, 2, 3):
        first, second = (random_program(seed, 20) for _ in range(2))
        assert first.function == second.function
        assert [a.tobytes() for a in first.arguments] == [a.tobytes() for a in second.arguments]


@pytest.mark.parametrize("seed", range(3))
def test_a_shorter_program_is_the_beginning_of_a_longer_one(seed: int) -> None:
    short, long = random_program(seed, 5), random_program(seed, 6)
    assert [a.tobytes() for a in short.arguments] == [a.tobytes() for a in long.arguments]
    assert short.dtype is long.dtype
