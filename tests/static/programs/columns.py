"""Programs of tf.feature_column and of the messages that features are read from."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described, worded

LONG = [bytes(DRAWN) for DRAWN in np.random.RandomState(0).randint(0, 256, (7, 200)).astype(np.uint8)]
TEXTS = [LONG[0][:size] for size in (0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64)] + [
    LONG[1][:size] for size in (65, 100, 128, 129, 200)
]


def features(tf: Any) -> Any:
    return {
        "n": tf.constant([[1.0], [2.0], [7.0]]), "m": tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "i": tf.constant([[1, 2], [0, -1], [3, 3]]), "s": tf.constant([["a", "b"], ["", "q"], ["c", "a"]]),
        "t": tf.constant(["x", "q", "z"]), "w": tf.constant([[0.5, 2.0], [1.0, 0.0], [0.0, 3.0]]), "sp": tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 3, 2], [3, 2]),
    }  # fmt: skip


def made_columns(tf: Any) -> dict[str, Any]:
    """Categorical columns of all kinds."""
    column, path = tf.feature_column, os.path.join(tempfile.mkdtemp(), "words")
    with open(path, "w", encoding="utf-8") as file:
        file.write("x\ny\nz\n")
    identity = column.categorical_column_with_identity("i", 4)
    bucketized = column.bucketized_column(column.numeric_column("n"), [1.5, 3.0, 7.0])
    return {
        "identity": identity, "list": column.categorical_column_with_vocabulary_list("s", ["a", "b", "c"]), "others": column.categorical_column_with_vocabulary_list("s", ["a", "b"], num_oov_buckets=3),
        "file": column.categorical_column_with_vocabulary_file("t", path, num_oov_buckets=2), "hashed": column.categorical_column_with_hash_bucket("s", 10), "hashed numbers": column.categorical_column_with_hash_bucket("i", 7, tf.int64),
        "crossed": column.crossed_column(["s", "t"], 20), "crossed columns": column.crossed_column([bucketized, identity, "t"], 30, hash_key=5), "sparse": column.categorical_column_with_identity("sp", 5), "bucketized": bucketized,
        "weighted": column.weighted_categorical_column(identity, "w"), "default": column.categorical_column_with_identity("i", 2, default_value=1), "integers": column.categorical_column_with_vocabulary_list("i", [3, 1, 2]),
    }  # fmt: skip


def run(tf: Any, made: Any) -> Any:
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        found = session.run(made)
    return [np.asarray(each) for each in (found if isinstance(found, list) else [found])]


def counted(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
    return (
        np.arange(int(np.prod([int(size) for size in shape])), dtype=np.float32).reshape([int(size) for size in shape])
        / 8
    )


def layers(tf: Any, note: Note) -> None:
    column = tf.feature_column
    for label, categorical in made_columns(tf).items():
        tf.reset_default_graph()
        note(
            f"{label}: indicator",
            lambda categorical=categorical: run(
                tf, column.input_layer(features(tf), [column.indicator_column(categorical)])
            ),
        )
        tf.reset_default_graph()

        def embedded(categorical: Any = categorical) -> Any:
            layer = column.input_layer(
                features(tf), [column.embedding_column(categorical, 2, combiner="sqrtn", initializer=counted)]
            )
            gradient = tf.convert_to_tensor(tf.gradients(tf.reduce_sum(layer**2), tf.global_variables()[0])[0])
            return run(tf, [layer, gradient])

        note(f"{label}: embedding", embedded)
        note(f"{label}: variables", lambda: described(*tf.global_variables()))
        tf.reset_default_graph()

        def linear(categorical: Any = categorical) -> Any:
            layer = column.linear_model(features(tf), [categorical, column.numeric_column("m", shape=2)], units=2)
            weights = [variable for variable in tf.global_variables() if "/weights" in variable.name]
            return run(
                tf, [layer, *(tf.convert_to_tensor(each) for each in tf.gradients(tf.reduce_sum(layer), weights))]
            )

        note(f"{label}: linear", linear)
        note(f"{label}: weights", lambda: described(*tf.global_variables()))
    tf.reset_default_graph()
    numeric = column.numeric_column("n", normalizer_fn=lambda x: x * 2)
    columns = made_columns(tf)
    one = tf.ones_initializer()
    many = [
        numeric,
        columns["bucketized"],
        column.embedding_column(columns["hashed"], 3, "mean", one),
        column.indicator_column(columns["list"]),
    ]
    made = {}
    layer = column.input_layer(features(tf), many, cols_to_vars=made)
    note("many", run(tf, layer))
    note("many made", described(layer, *tf.global_variables(), *tf.get_collection("model_variables")))
    note("by column", sorted([each.name, len(variables)] for each, variables in made.items()))
    shared = column.shared_embedding_columns(
        [column.categorical_column_with_identity("i", 5), columns["sparse"]], 3, initializer=one
    )
    note("shared", run(tf, column.input_layer(features(tf), shared)))
    note("shared made", described(*tf.global_variables()))
    note(
        "scaled down",
        run(
            tf,
            column.input_layer(
                features(tf), [column.embedding_column(columns["identity"], 2, initializer=one, max_norm=0.5)]
            ),
        ),
    )


def lookups(tf: Any, note: Note) -> None:
    ids = tf.SparseTensor([[0, 0], [0, 1], [2, 0], [2, 1]], tf.constant([1, 3, 2, -1], tf.int64), [3, 2])
    weights = tf.SparseTensor([[0, 0], [0, 1], [2, 0], [2, 1]], [1.0, 2.0, 0.5, 1.0], [3, 2])
    table = tf.constant(counted((4, 2)))
    for combiner in ("sum", "mean", "sqrtn"):
        note(
            f"safe {combiner}",
            lambda combiner=combiner: run(tf, tf.nn.safe_embedding_lookup_sparse(table, ids, combiner=combiner)),
        )
        note(
            f"weighted {combiner}",
            lambda combiner=combiner: run(
                tf, tf.nn.safe_embedding_lookup_sparse(table, ids, weights, combiner=combiner, default_id=3)
            ),
        )
    positive = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], tf.constant([1, 3, 2], tf.int64), [2, 2])
    note("sparse", lambda: run(tf, tf.nn.embedding_lookup_sparse(table, positive, None, combiner="mean")))
    note("combiner", lambda: tf.nn.embedding_lookup_sparse(table, positive, None, combiner="most"))
    note("no ids", lambda: tf.nn.embedding_lookup_sparse(table, [1], None, combiner="mean"))
    note("hashes", run(tf, tf.strings.to_hash_bucket_fast(tf.constant(TEXTS), 2**62)))
    note("no buckets", lambda: tf.string_to_hash_bucket_fast(["a"], 0))
    values = tf.SparseTensor(positive.indices, [5.0, 6.0, 7.0], [2, 2])
    note("merged", lambda: [np.asarray(part) for part in tf.Session().run(tf.sparse_merge(positive, values, 5))])


def example(tf: Any, **given: Any) -> bytes:
    made = tf.train.Example()
    for key, (kind, values) in given.items():
        getattr(made.features.feature[key], kind).value.extend(values)
    return made.SerializeToString()


def examples(tf: Any, note: Note) -> None:
    data = [
        example(tf, a=("float_list", [1.0, 2.0]), b=("int64_list", [3]), c=("bytes_list", [b"x", b"y"])),
        example(tf, a=("float_list", [5.0, 6.0]), c=("bytes_list", [b"z"])), example(tf, a=("float_list", [7.0, 8.0]), b=("int64_list", [4])),
    ]  # fmt: skip
    fixed, variable, sequence = tf.FixedLenFeature, tf.VarLenFeature, tf.FixedLenSequenceFeature
    cases = {
        "all": ({"a": fixed([2], tf.float32), "b": fixed([], tf.int64, -1), "c": variable(tf.string)}, data), "size": ({"a": fixed([], tf.float32)}, data), "missing": ({"b": fixed([], tf.int64)}, data[1:]), "type": ({"a": variable(tf.int64)}, data),
        "sequence": ({"c": sequence([], tf.string, allow_missing=True), "a": sequence([2], tf.float32, allow_missing=True)}, data), "no sequence": ({"a": sequence([2], tf.float32)}, data), "damaged": ({"a": fixed([2], tf.float32)}, [b"junk!"]),
        "sparse": ({"z": tf.SparseFeature("b", "d", tf.int64, 10)}, [example(tf, b=("int64_list", [3, 1]), d=("int64_list", [30, 10]))]), "nothing": ({}, data), "no feature": ({"a": 3}, data), "open": ({"a": fixed([None], tf.float32)}, data),
    }  # fmt: skip
    for label, (wanted, given) in cases.items():
        note(label, lambda wanted=wanted, given=given: parsed(tf, tf.parse_example(given, wanted)))
        note(
            f"single {label}", lambda wanted=wanted, given=given: parsed(tf, tf.parse_single_example(given[0], wanted))
        )
    made = tf.parse_example(tf.placeholder(tf.string, [None]), cases["all"][0])
    note(
        "made",
        [
            [str(part.shape), repr(part.dtype)]
            for part in (made["a"], made["b"], made["c"].values, made["c"].indices, made["c"].dense_shape)
        ],
    )
    columns = made_columns(tf)
    columns.pop("file")
    wanted = tf.feature_column.make_parse_example_spec(
        [tf.feature_column.numeric_column("m", shape=2, default_value=0.5), *columns.values()]
    )
    note("of columns", [[key, type(value).__name__, value.dtype.name] for key, value in sorted(wanted.items())])


def parsed(tf: Any, found: Any) -> Any:
    session = tf.Session()
    return [
        [key, [np.asarray(part) for part in (value if isinstance(value, tuple) else [value])]]
        for key, value in sorted(session.run(found).items())
    ]


OTHER_WORDS = {"other buckets"}


def refused(tf: Any, note: Note) -> None:
    column, said = tf.feature_column, worded(note, OTHER_WORDS)
    n, i = column.numeric_column("n"), column.categorical_column_with_identity("i", 4)
    for label, wrong in {
        "shape": lambda: column.numeric_column("n", shape=0), "shape type": lambda: column.numeric_column("n", shape=1.5), "dtype": lambda: column.numeric_column("n", dtype=tf.string), "default": lambda: column.numeric_column("n", default_value="a"),
        "default shape": lambda: column.numeric_column("n", shape=2, default_value=[1.0]), "normalizer": lambda: column.numeric_column("n", normalizer_fn=3), "key": lambda: column.numeric_column(3), "boundaries": lambda: column.bucketized_column(n, [2, 1]),
        "no boundaries": lambda: column.bucketized_column(n, []), "source": lambda: column.bucketized_column(i, [1]), "buckets": lambda: column.categorical_column_with_identity("i", 0), "default id": lambda: column.categorical_column_with_identity("i", 2, 2),
        "hash": lambda: column.categorical_column_with_hash_bucket("s", 0), "hash dtype": lambda: column.categorical_column_with_hash_bucket("s", 3, tf.float32), "list": lambda: column.categorical_column_with_vocabulary_list("s", []),
        "twice": lambda: column.categorical_column_with_vocabulary_list("s", ["a", "a"]), "both": lambda: column.categorical_column_with_vocabulary_list("s", ["a"], default_value=0, num_oov_buckets=2), "list dtype": lambda: column.categorical_column_with_vocabulary_list("s", ["a"], dtype=tf.int64),
        "no file": lambda: column.categorical_column_with_vocabulary_file("s", "/nowhere"), "crossed alone": lambda: column.crossed_column(["s"], 3), "crossed hash": lambda: column.crossed_column(["t", column.categorical_column_with_hash_bucket("s", 3)], 3),
        "dimension": lambda: column.embedding_column(i, 0), "initializer": lambda: column.embedding_column(i, 2, initializer=3), "checkpoint": lambda: column.embedding_column(i, 2, ckpt_to_load_from="a"), "weights": lambda: column.weighted_categorical_column(i, "w", tf.string),
        "no columns": lambda: column.input_layer(features(tf), []), "same name": lambda: column.input_layer(features(tf), [n, column.numeric_column("n", shape=2)]), "categorical": lambda: column.input_layer(features(tf), [i]), "no column": lambda: column.input_layer(features(tf), [3]),
        "no feature": lambda: column.input_layer(features(tf), [column.numeric_column("z")]), "text": lambda: column.input_layer(features(tf), [column.indicator_column(column.categorical_column_with_identity("s", 2))]), "sparse numbers": lambda: column.input_layer(features(tf), [column.numeric_column("sp")]),
        "batches": lambda: column.input_layer({"n": tf.ones([3, 1]), "m": tf.ones([2, 1])}, [n, column.numeric_column("m")]), "other buckets": lambda: column.shared_embedding_columns([i, column.categorical_column_with_identity("j", 5)], 2), "scalar": lambda: column.input_layer({"n": tf.constant(1.0)}, [n]),
    }.items():  # fmt: skip
        said(label, wrong)


PROGRAMS = [layers, lookups, examples, refused]
