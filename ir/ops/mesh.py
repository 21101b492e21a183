"""Ops that say how a value is split over the devices of a mesh. What they compute is the same on one device."""

from __future__ import annotations

from ..op import op, refuse
from ..types import TensorType

WHOLE = "."  # in place of the name of a mesh's axis: a dimension that is not split


def axes_of(text: str) -> tuple[tuple[str, ...], ...]:
    """For each dimension the names of the mesh's axes that it is split along: `"data ."` is ((data,), ())."""
    return tuple(() if word == WHOLE else tuple(word.split("+")) for word in text.split())


def axes_text(axes: tuple[tuple[str, ...], ...]) -> str:
    """What `axes_of` reads."""
    return " ".join("+".join(names) or WHOLE for names in axes)


@op
def shard(x: TensorType, *, axes: str) -> TensorType:
    """x, split over a mesh of devices. `axes` has a word for each dimension: the name of the mesh's axis along which it
    is split, several with + between them, or a dot where it is whole. Without a mesh it is x."""
    found = axes_of(axes)
    if len(found) != x.rank:
        refuse("axes", f'"{axes}"', f"{x.rank} words, one for each dimension")
    names = [name for each in found for name in each]
    if not all(name.isidentifier() for name in names):
        refuse("axes", f'"{axes}"', "names of a mesh's axes, or dots")
    if len(set(names)) != len(names):
        refuse("axes", f'"{axes}"', "without a name twice")
    return x
