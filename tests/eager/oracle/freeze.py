"""Writes the real framework's answers to `answers/`: run it where torch 2.13 is installed, from the repository's root.

python -m tests.eager.oracle.freeze [subject ...]
"""

from __future__ import annotations

import sys
import warnings

import torch

from tests.eager.oracle.answers import answer, load, save, save_names
from tests.eager.oracle.names import public_names
from tests.eager.oracle.subjects import SUBJECTS, cases_of


def main(subjects: list[str]) -> None:
    """Freezes the subjects named, or all, and tells what has changed."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for subject in subjects or SUBJECTS:
        before = load(subject)
        found = {case.name: answer(torch, case) for case in cases_of(subject)}
        save(subject, found)
        changed = [name for name, each in found.items() if before.get(name) != each]
        print(f"{subject}: {len(found)} answers, {len(changed)} of them new or changed")
        refused = [name for name in changed if "raises" in str(found[name]["result"])[:12]]
        for name in refused:
            result = found[name]["result"]
            print(f"    {name}\n        {result['raises']}: {result['text'].splitlines()[0] if result['text'] else ''}")
    if not subjects:
        save_names(public_names(torch))


if __name__ == "__main__":
    main(sys.argv[1:])
