"""Programs with tables of words, and hashes of strings."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from .notes import Note


def hashes(tf: Any, note: Note) -> None:
    texts = [("ab c" * 40)[:size] for size in (*range(20), 31, 32, 33, 63, 64, 65, 80, 127, 128, 129, 160)]
    x = tf.constant([*texts, "größe", "\x00\x01"])
    made = {
        "fast": tf.strings.to_hash_bucket_fast(x, 2**62),
        "plain": tf.string_to_hash_bucket(x, 2**62),
        "strong": tf.string_to_hash_bucket_strong(x, 2**62, key=[12345, 98765]),
        "few": tf.string_to_hash_bucket_fast([["a", "b"], ["c", "d"]], 3),
    }
    with tf.Session() as session:
        for name, tensor in made.items():
            note(name, session.run(tensor))
            note(f"{name} shape", str(tensor.shape))
    note("none", lambda: tf.string_to_hash_bucket_fast(x, 0))


def static_tables(tf: Any, note: Note) -> None:
    keys = tf.lookup.KeyValueTensorInitializer(["a", "b", "c"], [10, 20, 30], value_dtype=tf.int64)
    table = tf.lookup.StaticHashTable(keys, -1)
    found = table.lookup(tf.constant([["a", "z"], ["c", "b"]]))
    sparse = table.lookup(tf.SparseTensor([[0, 0], [1, 2]], tf.constant(["b", "q"]), [2, 3]))
    back = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([1, 5], tf.int64), tf.constant(["x", "y"])), "?"
    )
    floats = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant([1, 5], tf.int32), tf.constant([0.5, 2.5])), 0.25
    )
    note("types", [str(found.dtype), str(found.shape), str(table.key_dtype), table.name])
    note("wrong keys", lambda: table.lookup(tf.constant([1])))
    with tf.Session() as session:
        note("early", lambda: session.run(found))
        session.run(tf.tables_initializer())
        session.run(tf.tables_initializer())
        note("found", session.run([found, table.size(), sparse]))
        note("back", session.run(back.lookup(tf.constant([5, 1, 2], tf.int64))))
        note("floats", session.run(floats.lookup(tf.constant([[5], [9]])) * 2.0))
    twice = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "a"], [1, 2]), -1)
    with tf.Session() as session:
        note("twice", lambda: session.run(twice.initializer))


def vocabularies(tf: Any, note: Note) -> None:
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "words.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("one\ntwo\nthree\n")
    columns = os.path.join(folder, "columns.txt")
    with open(columns, "w", encoding="utf-8") as file:
        file.write("1,a,0.5\n7,b,1.5\n")
    x = tf.constant(["two", "three", "many", "one", "words"])
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(
            path, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        ),
        3,
    )
    names = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(columns, tf.int64, 0, tf.string, 1, delimiter=","), "no"
    )
    numbers = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(columns, tf.string, 1, tf.float32, 2, delimiter=","), -1.0
    )
    short = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(path, tf.string, -2, tf.int64, -1, vocab_size=2), -1
    )
    missing = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(path + "?", tf.string, -2, tf.int64, -1), -1)
    few = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(path, tf.string, 4, tf.int64, -1), -1)
    with tf.Session() as session:
        session.run([table.initializer, names.initializer, numbers.initializer, short.initializer])
        note("found", session.run([table.lookup(x), table.size(), short.lookup(x)]))
        note("names", session.run(names.lookup(tf.constant([7, 3, 1], tf.int64))))
        note("numbers", session.run(numbers.lookup(tf.constant(["a", "c"]))))
        note("missing", lambda: session.run(missing.initializer))
        note("columns", lambda: session.run(few.initializer))
    note("index", lambda: tf.lookup.TextFileInitializer(path, tf.string, -3, tf.int64, -1))
    note("line", lambda: tf.lookup.TextFileInitializer(path, tf.string, -1, tf.int64, -1))
    note("no file", lambda: tf.lookup.TextFileInitializer("", tf.string, -2, tf.int64, -1))
    note("size", lambda: tf.lookup.TextFileInitializer(path, tf.string, -2, tf.int64, -1, vocab_size=0))


def changing_tables(tf: Any, note: Note) -> None:
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, -1.0, empty_key=0, deleted_key=-9)
    keys, values = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32, [None])
    insert, found, size = table.insert(keys, values), table.lookup(keys), table.size()
    remove = table.remove(keys)
    with tf.Session() as session:
        session.run(insert, {keys: [3, 5], values: [0.5, 1.5]})
        session.run(insert, {keys: [5], values: [2.5]})
        note("found", session.run([found, size], {keys: [5, 4, 3]}))
        session.run(remove, {keys: [3, 8]})
        note("after", session.run([found, size], {keys: [5, 4, 3]}))


PROGRAMS = [hashes, static_tables, vocabularies, changing_tables]
