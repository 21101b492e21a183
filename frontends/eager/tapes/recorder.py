"""Recording: calls that wait, in order, each known by all that came before it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from itertools import count
from threading import RLock
from types import CodeType
from typing import TYPE_CHECKING, Any

from diptych.backends.mesh import Mesh
from diptych.ir import user_location
from diptych.ir.location import is_detailed

from .ahead import Ahead, Foretold
from .callers import caller, settled
from .graph import FREED
from .lazy import LEAF, Alias, Call, Lazy, Storage
from .lowering import Recalled, are_joint
from .prefixes import MAX_PREFIXES, Prefix, keep
from .traces import Trace

if TYPE_CHECKING:
    from ..capturing.log import Log
    from ..func.elements import Elements
    from ..tensors.tensor import Tensor

_serials = count(1)
_parts = count(1)
new = object.__new__


class Recorder:
    """The calls that wait, of all threads; `lock` guards them. It stands at a prefix that says all about their
    structure."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.serial = 0
        self.traces: OrderedDict[tuple[Any, ...], Trace] = OrderedDict()
        self.flushes = 0
        self.retraces = 0
        self.log: Log | None = None  # of a function that is captured now
        self.elements: Elements | None = None  # of a batch, whose calls are noted now and not run
        self.most_bytes = self.most_calls = -1  # what may wait; from the settings when first needed
        self.mesh: Mesh | None = None
        self.beginning = Prefix(0)  # of tapes for this mesh
        self.beginnings: dict[Mesh | None, Prefix] = {None: self.beginning}
        self.prefixes = 1  # how many there are
        self.is_detailed = is_detailed()
        self.part: int | None = None  # of a model, that is computed again in the backward: calls belong to it now
        self.part_depth = 0
        self.ahead = Ahead()
        self.strangers: dict[tuple[CodeType | None, int], int] = {}  # new traces, by the line of the last call
        self._clear()

    def _clear(self) -> None:
        self.serial = next(_serials)
        if self.prefixes > MAX_PREFIXES:
            self._forget()
        if self.is_detailed is not is_detailed():  # what is known says more of its lines than is wanted, or less
            self.is_detailed = is_detailed()
            self._forget(everything=True)
        self.at = self.beginning
        self.calls: list[Call] = []
        self.recalled: list[Recalled] = []  # calls of earlier tapes, recorded again
        self.recalled_parts: dict[int, int] = {}  # the parts of these, numbered
        self.leaves: list[Lazy] = []  # values that come in as arrays
        self.scalars: list[Any] = []
        self.foretold: list[Foretold] = []
        self.storages: list[Storage | Alias] = []  # whose values are made here
        self.owners: list[Tensor] = []  # tensors that collect gradients, in order of appearance
        self.numbers: dict[int, int] = {}  # their places there, by identity
        self.overwritten: list[int] = []  # positions of values that were written over, and how many there were then
        self.bytes = 0  # of results that wait
        self.gone = 0  # of those that nobody can see any more, which are not in `bytes`
        self.backwards = 0  # gradients taken here
        self.updates = 0  # steps of optimizers taken here
        self.is_urgent = False  # whether memory is read that somebody else may write
        self.is_last = False  # whether from now on another program does what waits
        self.is_watched = False  # whether Python wants to see the gradient of a value made here
        self.part_start = 0  # the first call of the part
        if self.part is not None:
            self._mark_part()

    def is_joint(self) -> bool:
        """Whether several processes come together in what waits."""
        with self.lock:
            return are_joint(self.calls, self.recalled)

    def look(self) -> None:
        """Forgets what was recorded with other parts of locations than are wanted now; later where calls wait."""
        if not self.calls:
            self._clear()

    def _forget(self, *, everything: bool = False) -> None:
        """Makes room for new prefixes: keeps those that lead to what was compiled, or ran again; if these are many too,
        none."""
        self.strangers.clear()
        known = [key for key, trace in self.traces.items() if trace.variants or trace.runs > 1]
        self.prefixes = keep([*self.beginnings.values(), *(key[0] for key in known)])
        if everything or self.prefixes > MAX_PREFIXES // 2:
            keep([])
            self.beginning, self.prefixes = Prefix(0), 1
            self.beginnings = {self.mesh: self.beginning}
            known = []
        self.traces = OrderedDict((key, self.traces[key]) for key in known)

    # -- recording ----

    def grown(self, key: Hashable, count: int) -> Prefix:
        """A new prefix behind the one where the tape stands."""
        self.prefixes += 1
        return self.at.followed_by(key, count)

    def settled(self, key: tuple[Any, ...], code: CodeType | None) -> tuple[tuple[Any, ...], Prefix | None]:
        """A key that ends with an instruction, with the first one of the same expression, and the prefix behind where
        the tape stands that is known by that: from now on by either."""
        place = (*key[:-1], settled(code, key[-1]))
        prefix = self.at.following.get(place)
        if prefix is not None:
            self.at.following[key] = prefix
        return place, prefix

    def enter(self, lazy: Lazy) -> None:
        """Gives a value of an earlier tape a position in this one: as an argument, or by recording its calls again."""
        if self.elements is not None:
            self.elements.capture(lazy)
        elif lazy.array is None:
            self._again(lazy)
            return
        at = self.at
        lazy.serial, lazy.position = self.serial, at.count
        self.at = at.following.get(lazy.kind) or self.grown(lazy.kind, 1)
        self.leaves.append(lazy)
        if self.at is self.ahead.place:
            self.ahead.start(self.leaves)

    def owner(self, tensor: Tensor) -> int:
        """The number of a tensor that collects its gradient."""
        number = self.numbers.get(id(tensor))
        if number is None:
            number = self.numbers[id(tensor)] = len(self.owners)
            self.owners.append(tensor)
        return number

    def record(
        self,
        template: Any,
        inputs: tuple[Lazy, ...],
        edges: tuple[int, ...],
        leaves: tuple[Tensor | None, ...],
        scalars: tuple[Any, ...] = (),
        *,
        tracked: bool,
    ) -> Call:
        """Adds a call on values and numbers. `edges` are of all inputs, or empty where it is not tracked."""
        for lazy in inputs:
            if lazy.serial != self.serial:
                self.enter(lazy)
        code, instruction = caller()
        key = (template, tracked, *self._codes(inputs, edges, leaves), id(code), instruction)
        prefix = self.at.following.get(key)
        if prefix is None:
            place, prefix = self.settled(key, code)
            if prefix is None:
                prefix = self.grown(place, len(template.kinds))
                self.describe(prefix, template, edges, code, place[-1], tracked=tracked)
        return self.put(prefix, inputs, scalars, leaves if edges else prefix.leaves)

    def repeat(
        self, like: Prefix, inputs: tuple[Lazy, ...], scalars: tuple[Any, ...], leaves: tuple[Tensor | None, ...]
    ) -> Call:
        """Adds a call like one that was recorded before, on other values, which have positions."""
        key = (like, *self._codes(inputs, like.edges, leaves))
        prefix = self.at.following.get(key)
        if prefix is None:
            prefix = self.grown(key, len(like.kinds))
            self.describe(prefix, like.template, like.edges, like.code, like.instruction, tracked=like.tracked)
            prefix.place = like.place
        return self.put(prefix, inputs, scalars, leaves)

    def _codes(self, inputs: Sequence[Lazy], edges: Sequence[int], leaves: Sequence[Tensor | None]) -> list[int]:
        """What is read, and how gradients flow back, as integers."""
        if not edges:
            return [source.position * 4 for source in inputs]
        codes: list[int] = []
        for source, edge, leaf in zip(inputs, edges, leaves, strict=True):
            codes.append(source.position * 4 + edge)
            if edge == LEAF and leaf is not None:
                codes.append(self.owner(leaf))
        return codes

    def describe(
        self,
        prefix: Prefix,
        template: Any,
        edges: tuple[int, ...],
        code: CodeType | None,
        instruction: int,
        *,
        tracked: bool,
    ) -> None:
        """Notes at a new prefix what calls there have in common."""
        prefix.template, prefix.kinds, prefix.tracked = template, template.kinds, tracked
        prefix.start, prefix.first = self.at.count, len(self.scalars)
        prefix.edges, prefix.leaves = edges, (None,) * len(edges)
        prefix.flowing = template.edges if tracked else template.no_edges
        prefix.bytes = sum([kind.bytes for kind in template.kinds])
        prefix.code, prefix.instruction = code, instruction
        prefix.place = user_location() if is_detailed() else None

    def put(
        self, prefix: Prefix, inputs: tuple[Lazy, ...], scalars: tuple[Any, ...], leaves: tuple[Tensor | None, ...]
    ) -> Call:
        """Adds a call at a prefix, where the tape stands then."""
        call = new(Call)
        call.prefix = prefix
        call.inputs = inputs
        call.scalars = scalars
        call.leaves = leaves
        call.serial = self.serial
        call.freed = False
        self.calls.append(call)
        if scalars:
            self.scalars.extend(scalars)
        self.bytes += prefix.bytes
        self.at = prefix
        return call

    def results(self, call: Call) -> list[Lazy]:
        """The values that a call which was just added makes."""
        position = call.prefix.start
        return [
            Lazy(kind, None, call, number, self.serial, position + number)
            for number, kind in enumerate(call.prefix.kinds)
        ]

    def recall(self, call: Call, outputs: Sequence[Lazy]) -> None:
        """Records a call of an earlier tape again, for those of its results that are in `outputs`.

        It runs before all others: what it reads is older than this tape. Results whose arrays are known still are those
        arrays, and get the call for their history.
        """
        for source in call.inputs:
            if source.serial != self.serial:
                self.enter(source)
        for output in outputs:
            if output.serial != self.serial and output.array is not None:
                self.enter(output)
        start, first = self.at.count, len(self.scalars)
        known: list[tuple[int, int]] = []
        for output in outputs:
            if output.serial == self.serial:
                known.append((output.number, output.position))
            else:
                output.serial, output.position = self.serial, start + output.number
        like = call.prefix  # which depends on what was before that call: its structure, not itself, is in the key
        codes = self._codes(call.inputs, call.edges, call.leaves)
        key = (like.template, like.tracked, id(like.code), like.instruction, *codes, tuple(known))
        if call.part is not None:
            key = (*key, self.recalled_parts.setdefault(call.part, len(self.recalled_parts)))
        prefix = self.at.following.get(key) or self.grown(key, len(like.kinds))
        prefix.code = like.code  # kept, so that its identity is
        self.at = prefix
        self.scalars.extend(call.scalars)
        call.serial = self.serial
        self.recalled.append(Recalled(call, start, first, tuple(known)))

    def _again(self, lazy: Lazy) -> None:
        """Records again the calls behind a value that was not kept when its tape ran."""
        pending = [lazy]
        while pending:
            current = pending[-1]
            if current.serial == self.serial:
                pending.pop()
                continue
            call = current.call
            if current.array is not None:
                self.enter(current)
                pending.pop()
                continue
            if call is None or call.is_released():
                raise RuntimeError(FREED)
            missing = [source for source in call.inputs if source.serial != self.serial]
            if missing:
                pending.extend(missing)
                continue
            if call.serial == self.serial:  # recorded again for another of its results
                start = next(recalled.start for recalled in self.recalled if recalled.call is call)
                current.serial, current.position = self.serial, start + current.number
            else:
                self.recall(call, [current])
            pending.pop()

    # -- parts of a model that keep nothing within, and are computed again when their gradient is ----

    def begin_part(self) -> None:
        """What is called from here on belongs to a part. Parts within one belong to it."""
        with self.lock:
            self.part_depth += 1
            if self.part_depth == 1:
                self.part, self.part_start = next(_parts), len(self.calls)
                self._mark_part()
        if self.log is not None:
            self.log.parted(begins=True)

    def end_part(self) -> None:
        """The part is over."""
        with self.lock:
            self.part_depth -= 1
            if self.part_depth == 0:
                self._note_part()
                self.part = None
                self._mark_part()
        if self.log is not None:
            self.log.parted(begins=False)

    def _note_part(self) -> None:
        for call in self.calls[self.part_start :]:
            call.part = self.part

    def _mark_part(self) -> None:
        """Tells tapes with other parts apart."""
        key = "part", self.part is not None
        self.at = self.at.following.get(key) or self.grown(key, 0)
