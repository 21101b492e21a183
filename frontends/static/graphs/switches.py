"""What a program switches on or off for all graphs that it makes from then on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Switches:
    """`resource_variables`: whether variables are such as `use_resource` makes, where nothing else is said."""

    resource_variables: bool = False


switches = Switches()
