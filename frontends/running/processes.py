"""Processes that a program starts anew, by spawn or from a fork server: there, too, diptych answers for frameworks."""

from __future__ import annotations

from typing import Any

from diptych import replace


def answer(keep: tuple[str, ...]) -> None:
    """Answers imports of the frameworks, except of the names in `keep`, here and in processes that are started anew.

    A new process unpickles what multiprocessing tells it of the program, then imports the program: it is said between.
    """
    from multiprocessing import spawn

    replace.install(keep)
    told = spawn.get_preparation_data

    def telling(name: str) -> dict[str, Any]:
        found = {"diptych": _Answering(keep), **told(name)}
        if found.get("init_main_from_path", "").endswith(".ipynb"):  # which is nothing to import
            del found["init_main_from_path"]
        return found

    spawn.get_preparation_data = telling


class _Answering:
    """Answers where it is unpickled."""

    def __init__(self, keep: tuple[str, ...]) -> None:
        self.keep = keep

    def __reduce__(self) -> tuple[Any, ...]:
        return answer, (self.keep,)
