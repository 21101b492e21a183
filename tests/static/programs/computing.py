"""What programs of mathematics and arrays show: the values of tensors and of their gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

Cases = Mapping[str, Callable[[], Any]]


def computed(tf: Any, note: Note, cases: Cases) -> None:
    """Notes what each case makes in a run, and the static shapes of it."""
    session = tf.Session()
    for label, make in cases.items():
        note(label, lambda make=make: run(session, make()))


def run(session: Any, made: Any) -> list[Any]:
    """What a run gives of a nest of tensors, scalars as arrays: one framework gives numpy's, one Python's."""
    found = session.run(made)
    leaves = found if isinstance(found, list | tuple) else [found]
    return [np.asarray(leaf) for leaf in leaves]


def differentiated(tf: Any, note: Note, cases: Mapping[str, Callable[[Any], Any]], x: Any) -> None:
    """Notes the gradient by a float32 x of each case, its results weighed by 1, 2, 3 ..."""
    session = tf.Session()

    def gradient(make: Callable[[Any], Any]) -> Any:
        given = tf.constant(np.array(x, np.float32))
        made = make(given)
        total = 0.0
        for each in made if isinstance(made, list | tuple) else [made]:
            weights = tf.cast(tf.reshape(tf.range(1, tf.size(each) + 1), tf.shape(each)), tf.float32)
            total += tf.reduce_sum(tf.cast(each, tf.float32) * weights)
        return session.run(tf.gradients(total, given)[0])

    for label, make in cases.items():
        note(f"gradient of {label}", lambda make=make: gradient(make))
