"""How what is loaded is split over the mesh of devices that is active: each process reads its own parts alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from diptych.backends.mesh import Mesh, current, whole
from diptych.backends.settings import settings
from diptych.ir import DiptychError
from diptych.ir.ops.mesh import axes_of, axes_text

VARIABLE = "variable:"  # stands before a variable's name in what `session_state` tells


def target() -> Mesh | None:
    """The mesh that arrays are put on; None where there is none."""
    return current() if settings().backend == "jax" else None


def variable_of(key: object) -> str | None:
    """The name of the session's variable that stands under this key; None where it is something else."""
    return key.removeprefix(VARIABLE) if isinstance(key, str) and key.startswith(VARIABLE) else None


def axes_on(mesh: Mesh, name: object, shape: Sequence[int], saved: str | None) -> str | None:
    """How an array of this name is split: as the rules say, else as it was when it was saved, as far as the mesh has
    such axes and sizes divide. None where it is whole: where it is used says whether it stays so.

    Who uses it may still want it otherwise, and has it sent between devices: only what is read depends on this."""
    found = next(_split_by_rules(mesh, name, shape), None) or _as_saved(mesh, shape, saved)
    return None if found == whole(len(shape)) else found


def _split_by_rules(mesh: Mesh, name: object, shape: Sequence[int]) -> Iterator[str]:
    """What rules say for the name, and for those of variables that it is kept for, which it begins with."""
    parts = name.split("/") if isinstance(name, str) else []
    for end in range(len(parts), 0, -1):
        try:
            found = mesh.of_parameter("/".join(parts[:end]), shape)
        except DiptychError:  # which is raised where a parameter of this name is used, if it is one
            continue
        if found != whole(len(shape)):
            yield found if end == len(parts) else mesh.of_state(found, shape)


def _as_saved(mesh: Mesh, shape: Sequence[int], saved: str | None) -> str:
    axes = axes_of(saved or "")
    if len(axes) != len(shape):
        return whole(len(shape))
    sizes, used = dict(mesh.axes), set[str]()
    found: list[tuple[str, ...]] = []
    for length, names in zip(shape, axes, strict=True):
        own = tuple(name for name in dict.fromkeys(names) if name in sizes and name not in used)
        own = own if length % prod(sizes[name] for name in own) == 0 else ()
        used.update(own)
        found.append(own)
    return axes_text(tuple(found))
