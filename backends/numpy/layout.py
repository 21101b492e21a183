"""What is decided about a program before it is written: which groups go block by block, and where values live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from diptych.ir import Equation, Function, Op, ops
from diptych.passes.aliasing import VIEWS
from diptych.passes.blocks import Block, Blocks, block_of, blocks_of
from diptych.passes.elementwise import ELEMENTWISE
from diptych.passes.plan import MemoryPlan, Slot, plan_memory, rounded

from ..failing import FAILING, last_failing
from . import contraction, elementwise, indexing, reduction, shape, windows

# Bytes that equations of these ops need while they run.
ROOM: dict[Op, Callable[[Equation], int]] = {**elementwise.ROOM, **contraction.ROOM, **windows.ROOM}

# Ops whose results may be written to places that do not lie side by side.
ANYWHERE = frozenset((*ELEMENTWISE, ops.fused))

LONGEST_COUNT = 1 << 20  # elements of a count that a program keeps

BLOCK = 1 << 15  # elements of a block: with what else a group reads and makes, about what stays in the cache of a core
SHARED_BLOCK = 1 << 17  # where threads run at the same time, so that a call is long beside what meeting costs


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of some size, and where its values live."""

    block: Block
    plan: MemoryPlan


@dataclass(frozen=True, slots=True)
class Pieces:
    """A group that goes block by block: `main`, and `rest` for what is left over. `parts` are the places of the parts
    of its results, in its room behind the temporaries."""

    blocks: Blocks
    main: Piece
    rest: Piece | None
    parts: tuple[Slot | None, ...]
    room: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """A scan, whose state lies where its results do. `plan`: of its body, which may write over some of the state.
    `copied`: what it writes beside the state first, with places in its room behind the temporaries."""

    plan: MemoryPlan
    copied: dict[int, Slot]
    room: int


class Layout:
    """The decisions for one program, whose blocks have about `block` elements, where threads run at the same time about
    `shared_block`. Functions are known by identity: what stands twice is decided once."""

    def __init__(self, block: int = BLOCK, shared_block: int = SHARED_BLOCK) -> None:
        self.block, self.shared_block = block, shared_block
        self._plans: dict[int, tuple[Function, MemoryPlan]] = {}
        self._pieces: dict[int, tuple[Function, Pieces | None]] = {}
        self._rounds: dict[tuple[int, int, int], tuple[Function, Rounds]] = {}
        self._shared: Layout | None = None

    @property
    def shared(self) -> Layout:
        """The decisions for what runs on several threads at the same time."""
        if self._shared is None:
            self._shared = Layout(self.shared_block, self.shared_block)
        return self._shared

    def plan(self, function: Function, donate: Iterable[int] = ()) -> MemoryPlan:
        """Where the values of `function` live."""
        places = tuple(donate)
        first = last_failing(function, FAILING["numpy"]) + 1 if places else 0
        return self.plan_within(function, places, first)

    def plan_within(self, function: Function, donate: Iterable[int] = (), donate_from: int = 0) -> MemoryPlan:
        """The same, where what fails leaves no more behind than the place of `donate_from` says."""
        return plan_memory(
            function, donate=donate, donate_from=donate_from, views=VIEWS, in_arena=in_arena, scratch=self.scratch
        )

    def nested(self, body: Function) -> MemoryPlan:
        """The plan of a function whose equations are written in line."""
        if id(body) not in self._plans:
            self._plans[id(body)] = body, self.plan(body)
        return self._plans[id(body)][1]

    def pieces(self, body: Function) -> Pieces | None:
        """How a group goes block by block; None of one that is small."""
        if id(body) not in self._pieces:
            self._pieces[id(body)] = body, self._cut(body)
        return self._pieces[id(body)][1]

    def rounds(self, equation: Equation) -> Rounds:
        """How a scan goes round by round."""
        body: Function = equation.attributes["body"]
        constants, carries = equation.attributes["constants"], equation.attributes["carries"]
        key = id(body), constants, carries
        if key not in self._rounds:
            plan = self.plan_within(body, range(constants, constants + carries))
            copied: dict[int, Slot] = {}
            room = plan.arena
            for place, result in enumerate(body.results[:carries]):
                if plan.donated.get(place) != constants + place:
                    size = rounded(result.type.bytes())
                    copied[place] = Slot(room, size)
                    room += size
            self._rounds[key] = body, Rounds(plan, copied, room)
        return self._rounds[key][1]

    def scratch(self, equation: Equation) -> int:
        """Bytes that the equation needs while it runs: a group's temporaries, those of parts side by side."""
        if equation.op is ops.scan:
            return self.rounds(equation).room if in_arena(equation) else 0
        if equation.op is ops.parallel:
            return sum(self.shared.nested(body).arena * count for body, count in runs(equation))
        if equation.op is not ops.fused:
            room = ROOM.get(equation.op)
            return room(equation) if room is not None and in_arena(equation) else 0
        body: Function = equation.attributes["body"]
        pieces = self.pieces(body)
        return self.nested(body).arena if pieces is None else pieces.room

    def _cut(self, body: Function) -> Pieces | None:
        blocks = blocks_of(body, self.block)
        if blocks is None or any(
            reducer is not None and result.dtype.bytes == 2
            for reducer, result in zip(blocks.parts, body.results, strict=True)
        ):  # halves add up in single precision, and are rounded once
            return None
        main = self._piece(body, blocks.shape)
        rest = self._piece(body, blocks.rest) if blocks.rest_starts else None
        room = max(piece.plan.arena for piece in (main, rest) if piece is not None)
        count = len(blocks.starts) + len(blocks.rest_starts)
        parts: list[Slot | None] = []
        for result, reducer in zip(main.block.function.results, blocks.parts, strict=True):
            size = rounded(result.type.bytes() * count) if reducer is not None else 0
            parts.append(Slot(room, size) if reducer is not None else None)
            room += size
        return Pieces(blocks, main, rest, tuple(parts), room)

    def _piece(self, body: Function, shape: tuple[int, ...]) -> Piece:
        block = block_of(body, shape)
        return Piece(block, self.plan(block.function))


def runs(equation: Equation) -> list[tuple[Function, int]]:
    """The functions of a parallel equation, and how many parts each computes, in order."""
    body, last, parts = (equation.attributes[name] for name in ("body", "last", "parts"))
    return [(body, parts)] if last is None else [(body, parts - 1), (last, 1)]


def in_arena(equation: Equation) -> bool:
    """Whether the equation is written so that it fills arrays given to it."""
    op = equation.op
    if op in ELEMENTWISE or op in (ops.fused, ops.parallel):
        return True
    if op is ops.scan:
        return bool(equation.attributes["length"])
    for group in (reduction, contraction, windows, indexing):
        if op in group.EMITTERS:
            return group.writes(equation)
    return op in shape.EMITTERS and op is not ops.iota


def is_constant(equation: Equation) -> bool:
    """Whether what the equation makes is an array of the program's own, made once."""
    if equation.op is ops.iota:
        return int(equation.attributes["shape"][equation.attributes["axis"]]) <= LONGEST_COUNT
    return equation.op is ops.constant
