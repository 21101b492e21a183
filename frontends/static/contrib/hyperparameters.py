"""tf.contrib.training.HParams: numbers and words that a model is made with, as attributes."""

from __future__ import annotations

import json
import re
from typing import Any

from ..exports import export

# name=value, name=[value,value] or name[place]=value, up to the next comma
_ASSIGNMENT = re.compile(
    r"\s*(?P<name>[A-Za-z][\w.]*)(\[\s*(?P<place>\d+)\s*\])?\s*=\s*((?P<one>[^,\[]*)|\[(?P<many>[^\]]*)\])($|,\s*)"
)


def _cast(name: str, kind: type, value: Any) -> Any:
    """`value` as a `kind`. Raises ValueError where it is of another."""
    words = f"Could not cast hparam '{name}' of type '{kind}' from value {value!r}"
    if kind is type(None) or isinstance(value, kind):
        return value if kind is not int or not isinstance(value, bool) else int(value)
    is_text = issubclass(kind, str)
    if is_text != isinstance(value, str) or (issubclass(kind, bool) != isinstance(value, bool)):
        raise ValueError(words)
    if issubclass(kind, int) and isinstance(value, float) and value != int(value):
        raise ValueError(words)
    return kind(value)


def _parsed(name: str, kind: type, text: str) -> Any:
    """A value from text. Raises ValueError."""
    if kind is bool:
        known = {"true": True, "True": True, "false": False, "False": False, "1": True, "0": False}
        if text in known:
            return known[text]
    else:
        try:
            return kind(text)
        except ValueError:
            pass
    raise ValueError(f"Could not parse hparam '{name}' of type '{kind.__name__}' with value '{text}'")


@export("contrib.training.HParams")
class HParams:
    """Values by name, each of one type or a list of it, read and set as attributes."""

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        if hparam_def is not None:
            raise ValueError(f"HParams: hparam_def is {hparam_def!r} but must be None: give values by name")
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """A value under a new name. Raises ValueError for a name that is taken, and for an empty list."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        if isinstance(value, list | tuple):
            if not value:
                raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
            self._hparam_types[name] = (type(value[0]), True)
        else:
            self._hparam_types[name] = (type(value), False)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Another value under a name. Raises KeyError for a new name, ValueError for a value of another type."""
        kind, is_list = self._hparam_types[name]
        if isinstance(value, list):
            if not is_list:
                raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
            setattr(self, name, [_cast(name, kind, each) for each in value])
            return
        if is_list:
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        setattr(self, name, _cast(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Removes a name, if it is there."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Sets what a text says: name=value, name=[value,value] and name[place]=value, between commas. Raises
        ValueError."""
        place = 0
        while place < len(values):
            match = _ASSIGNMENT.match(values, place)
            if match is None:
                raise ValueError(f"Malformed hyperparameter value: {values[place:]}")
            place = match.end()
            self._assign(match)
        return self

    def _assign(self, match: re.Match[str]) -> None:
        name = match["name"]
        if name not in self._hparam_types:
            raise ValueError(f"Unknown hyperparameter type for {name}")
        kind, is_list = self._hparam_types[name]
        if match["many"] is not None:
            self.set_hparam(name, [_parsed(name, kind, text.strip()) for text in match["many"].split(",") if text])
        elif match["place"] is not None and is_list:
            present = list(getattr(self, name))
            present[int(match["place"])] = _parsed(name, kind, match["one"].strip())
            self.set_hparam(name, present)
        else:
            self.set_hparam(name, _parsed(name, kind, match["one"].strip()))

    def override_from_dict(self, values_dict: dict[str, Any]) -> HParams:
        """Sets several values."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        """Sets the values of a JSON object."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        """The values as a JSON object."""
        return json.dumps(self.values(), indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """The values by name."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a name, or `default`."""
        return getattr(self, key) if key in self._hparam_types else default

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"
