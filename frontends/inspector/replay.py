"""The verb `replay`: runs one pass again on what it was given, and compares what it makes with what it made then."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from diptych.backends.pipelines import PASSES, PIPELINES
from diptych.ir import DiptychError
from diptych.passes.manager import PassRecord, equation_count, run_passes
from diptych.passes.provenance import Fired

from .diff import diff, difference
from .options import add_json, add_target, chosen_backend, programs
from .subjects import Subject


@dataclass(frozen=True)
class Replayed:
    """What a pass did to a program, and what it does now."""

    subject: Subject
    then: PassRecord
    now: PassRecord

    @cached_property
    def is_same(self) -> bool:
        """Whether it makes what it made, by whatever names."""
        return difference(self.then.after, self.now.after).is_none

    def text(self) -> str:
        """Seconds, the rules, and what differs."""
        seconds = f"{_ms(self.then)} ms then, {_ms(self.now)} ms now"
        count = equation_count(self.now.after)
        what = "other equations" if not self.is_same else f"the same {count} equations" if count > 1 else "the same"
        lines = [f"{self.subject.title} on {self.subject.backend}: {self.now.name} takes {seconds} and makes {what}"]
        if self.then.fired == self.now.fired:
            lines.append(f"  rules: {_rules(self.now.fired)}")
        else:
            lines += [f"  rules then: {_rules(self.then.fired)}", f"  rules now: {_rules(self.now.fired)}"]
        text = "\n".join(lines) + "\n"
        return text if self.is_same else text + diff([self.then.after], [self.now.after])[0]

    def as_json(self) -> str:
        """The same as an object."""
        found: dict[str, Any] = {
            "program": self.subject.function.name,
            "number": self.subject.number,
            "backend": self.subject.backend,
            "pass": self.now.name,
            "seconds": {"then": self.then.seconds, "now": self.now.seconds},
            "same": self.is_same,
            "equations": {"then": equation_count(self.then.after), "now": equation_count(self.now.after)},
            "fired": {"then": dict(self.then.fired), "now": dict(self.now.fired)},
            "difference": None,
        }
        if not self.is_same:
            found["difference"] = json.loads(diff([self.then.after], [self.now.after], as_json=True)[0])
        return json.dumps(found) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add_target(parser)
    parser.add_argument("--pass", dest="pass_name", metavar="PASS", required=True, help="the name of the pass")
    parser.add_argument("--exit-code", action="store_true", help="end with status 1 where it makes something else")
    add_json(parser)


def command(options: argparse.Namespace) -> tuple[str, int]:
    """The text, and the exit status."""
    name = options.pass_name
    if not options.target.endswith(".dipt"):  # before a script runs, which may take long
        _check(name, PIPELINES[chosen_backend(options)])
    found = replay(programs(options), name)
    text = "".join(each.as_json() for each in found) if options.json else "\n".join(each.text() for each in found)
    return text, int(options.exit_code and not all(each.is_same for each in found))


def replay(subjects: Sequence[Subject], name: str) -> list[Replayed]:
    """The pass of this name, of all programs that went through it. Raises DiptychError where none did, where there is
    no such pass any more, and where what it makes now breaks the rules of the language."""
    _check(name, list(dict.fromkeys(record.name for subject in subjects for record in subject.records)))
    if name not in PASSES:
        raise DiptychError(f"replay: --pass is {name}, which was recorded, but this diptych has none of that name")
    return [
        Replayed(subject, then, run_passes(then.before, [PASSES[name]], checked=True, trace=True)[1][0])
        for subject in subjects
        for then in subject.records
        if then.name == name
    ]


def _check(name: str, passes: Sequence[str]) -> None:
    if name not in passes:
        raise DiptychError(f"replay: --pass is {name} but must be one of those run: {', '.join(passes) or 'none'}")


def _ms(record: PassRecord) -> str:
    return f"{record.seconds * 1e3:.2f}"


def _rules(fired: Fired) -> str:
    return ", ".join(f"{name} {times}" for name, times in fired.most_common()) or "none"
