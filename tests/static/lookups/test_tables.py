"""tf.contrib.lookup: tables by their shared names, vocabularies with buckets, tables that change."""

import diptych.static as tf
import numpy as np
import pytest

lookup = tf.contrib.lookup


def _run(fetches, feed=None):
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        return session.run(fetches, feed)


def test_tables_of_one_shared_name_are_one():
    made = [
        lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [3]), -1, shared_name="numbers"),
        lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [3]), -1, shared_name="numbers"),
        lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [4]), -1),
    ]
    with tf.Session() as session:
        session.run(made[0].init)
        assert session.run(made[1].lookup(tf.constant(["a", "b"]))).tolist() == [3, -1]
        with pytest.raises(tf.errors.FailedPreconditionError) as error:
            session.run(made[2].lookup(tf.constant("a")))
    assert error.value.message.startswith("Table not initialized.")


def test_a_vocabulary_puts_other_words_into_buckets():
    words = tf.constant(["emerson", "lake", "palmer"])
    table = lookup.index_table_from_tensor(words, num_oov_buckets=1, default_value=-1)
    strong = lookup.index_table_from_tensor(words, num_oov_buckets=50, hasher_spec=lookup.StrongHashSpec([3, 4]))
    asked = tf.constant(["lake", "piano", "emerson"])
    found, size, other = _run([table.lookup(asked), table.size(), strong.lookup(asked)])
    assert (found.tolist(), size) == ([1, 3, 0], 4)
    assert other[[0, 2]].tolist() == [1, 0] and 3 <= other[1] < 53


def test_numbers_have_vocabularies_too():
    table = lookup.index_table_from_tensor(tf.constant([10, 20]), dtype=tf.int32, num_oov_buckets=2)
    found = _run(table.lookup(tf.constant([20, 10, 5], tf.int32)))
    assert found[:2].tolist() == [1, 0] and found[2] in (2, 3)


def test_places_become_words_again(tmp_path):
    (tmp_path / "words").write_text("one\ntwo\r\n")
    table = lookup.index_to_string_table_from_file(str(tmp_path / "words"), default_value="none")
    index = lookup.index_table_from_file(str(tmp_path / "words"), default_value=-5)
    words = lookup.index_to_string(tf.constant([1, 2], tf.int64), ["x", "y"])
    found = _run([table.lookup(tf.constant([1, 0, 7], tf.int64)), index.lookup(tf.constant(["one", "three"])), words])
    assert [part.tolist() for part in found] == [[b"two", b"one", b"none"], [0, -5], [b"y", b"UNK"]]


def test_a_table_of_vectors_changes():
    table = lookup.MutableHashTable(tf.string, tf.float32, [-1.0, -2.0])
    insert = table.insert(tf.constant(["a", "b"]), [[1.0, 2.0], [3.0, 4.0]])
    keys, values = table.export()
    with tf.Session() as session:
        session.run(insert)
        assert session.run(table.lookup(tf.constant(["b", "c"]))).tolist() == [[3, 4], [-1, -2]]
        session.run(table.remove(tf.constant(["a"])))
        exported = session.run([keys, values])
    assert [part.tolist() for part in exported] == [[b"b"], [[3.0, 4.0]]]
    assert values.shape.as_list() == [None, 2]


def test_a_lookup_feeds_a_program():
    table = lookup.string_to_index(tf.constant([["b", "a"], ["c", "a"]]), ["a", "b", "c"])
    rows = tf.nn.embedding_lookup(np.eye(3, dtype=np.float32), table)
    assert _run(tf.reduce_sum(rows, [0, 1])).tolist() == [2, 1, 1]


def test_one_key_alone():
    table = lookup.HashTable(lookup.KeyValueTensorInitializer(["a"], [3]), -1)
    assert _run([table.lookup(tf.constant("a")), table.lookup(tf.constant("b"))]) == [3, -1]


def test_what_cannot_be_a_table():
    for make, message in (
        (lambda: lookup.index_table_from_tensor(None), "mapping must be specified."),
        (lambda: lookup.index_table_from_file(""), "vocabulary_file must be specified and must not be empty."),
        (
            lambda: lookup.index_table_from_tensor(["a"], num_oov_buckets=-1),
            "num_oov_buckets must be greater or equal than 0, got -1.",
        ),
        (lambda: lookup.index_table_from_tensor([1]), "Expected non-integer, got <dtype: 'int32'>."),
        (lambda: lookup.IdTableWithHashBuckets(None, 0), "oov_buckets must be > 0 if no table is supplied."),
        (lambda: lookup.StrongHashSpec([1]), "key must have size 2, got 1."),
    ):
        with pytest.raises(ValueError) as error:
            make()
        assert str(error.value) == message
    with pytest.raises(TypeError, match=r"^hasher_spec must be of type HasherSpec, got None$"):
        lookup.IdTableWithHashBuckets(None, 3, hasher_spec=None)
