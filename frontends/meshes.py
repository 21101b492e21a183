"""`diptych.mesh`: programs run on several devices at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from diptych.backends.mesh import Mesh, Spec, active, make_mesh


def mesh(rules: Mapping[str, Spec] | None = None, *, zero: bool = False, **axes: int) -> AbstractContextManager[Mesh]:
    """A block in which programs run on a mesh of devices: `with diptych.mesh(data=4, model=2):`. Backend jax alone has
    devices; on others the block changes nothing.

    `axes`: names and sizes of the mesh's axes. Arrays that come from the host are split along the axis `data` in their
    first dimension, where that divides. `rules`: how parameters are split, `{".*attn.*weight": ("model", None)}`: for
    each dimension an axis, several, or None; the first pattern that fits a parameter's whole name counts, and what none
    fits is whole on every device. What an optimizer keeps of a parameter is split as that is and, with `zero`, along
    `data` too, where a dimension divides. What is computed is the same as on one device, but for the rounding of sums.
    Raises DiptychError for sizes and rules that make no sense, and where there are too few devices.
    """
    return active(make_mesh(axes, rules, zero=zero))
