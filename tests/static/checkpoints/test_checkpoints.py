"""Checkpoints: a file of the real framework, our own bytes, and files that are damaged."""

import os
import struct
from pathlib import Path

import diptych.static as tf
import ml_dtypes
import numpy as np
import pytest
from diptych import Unsupported
from diptych.events.errors import DamagedData
from diptych.static.checkpoints import bundles
from diptych.static.checkpoints.bundles import BundleReader, write_bundle
from diptych.static.checkpoints.messages import BundleEntry, BundleHeader, VersionDef
from diptych.static.checkpoints.ordered_code import slice_key
from diptych.static.checkpoints.tables import decode_table, encode_table

from tests.static.checkpoints.fuzz import REAL, damaged, outcome

NUMBERS = np.arange(6).reshape(2, 3)


# -- what the real framework wrote ----


def test_a_real_checkpoint_is_read():
    reader = tf.train.load_checkpoint(str(Path(__file__).parent))
    for dtype in ("float32", "float64", "int32", "int64", "float16", "uint8", "complex64", "int16"):
        found = reader.get_tensor(f"scope/{dtype}")
        assert found.dtype == dtype and (found == NUMBERS).all()
    assert (reader.get_tensor("scope/bool") == (NUMBERS > 2)).all()
    assert reader.get_tensor("bf").tolist() == [1.5, 2.5] and reader.get_tensor("bf").dtype == ml_dtypes.bfloat16
    assert reader.get_tensor("text").tolist() == [b"a", b"", b"long" * 100]
    assert reader.get_tensor("scalar") == np.float32(3.5) and reader.get_tensor("empty").shape == (0, 4)
    assert (reader.get_tensor("parted") == np.arange(21).reshape(7, 3)).all()
    assert [reader.get_tensor(f"many/w{number}/kernel") for number in range(40)] == list(range(40))
    shapes = reader.get_variable_to_shape_map()
    assert len(shapes) == 55 and shapes["parted"] == [7, 3] and shapes["global_step"] == []
    assert reader.get_variable_to_dtype_map()["text"] is tf.string
    assert b"scope/int16 (DT_INT16) [2,3]\n" in reader.debug_string()


def test_a_whole_variable_is_restored_from_slices():
    parted = tf.get_variable("parted", [7, 3])
    with tf.Session() as session:
        tf.train.Saver().restore(session, REAL)
        assert (session.run(parted) == np.arange(21).reshape(7, 3)).all()


def test_the_index_is_written_as_the_real_framework_writes_it(tmp_path):
    reader = BundleReader(REAL)
    entries = decode_table(Path(f"{REAL}.index").read_bytes(), REAL)
    assert encode_table(entries.items()) == Path(f"{REAL}.index").read_bytes()
    names = [name for name in reader.names() if name not in ("text", "parted")]
    write_bundle(str(tmp_path / "x"), {name: reader.read(name) for name in names})
    again = BundleReader(str(tmp_path / "x"))
    for name in names:
        assert again.read(name).tobytes() == reader.read(name).tobytes() and again.dtype(name) is reader.dtype(name)


# -- tables and keys ----


def test_tables_of_many_blocks():
    entries = {f"key{number:06d}".encode(): os.urandom(100) * (number % 40) for number in range(3000)}
    data = encode_table(entries.items())
    assert decode_table(data, "t") == entries and data.count(b"key00") < 600  # what keys share is written once


def test_keys_of_slices():
    assert slice_key("a", [(0, 3), (0, -1)]) == b"\x00a\x00\x01\x01\x02\x80\x83\x80\x7f"
    assert slice_key("\x00", [])[1:] == b"\x00\xff\x00\x01\x00"
    assert slice_key("", [(100, 1 << 40)]) == b"\x00\x00\x01\x01\x01" + b"\xc0\x64" + b"\xfd\x00\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:40], "x, byte 0: file is too short to be an sstable"),
        (lambda data: data[:-1] + b"\x00", "x, byte {}: not an sstable (bad magic number)"),
        (lambda data: b"\xff" + data[1:], "x, byte 0: block checksum mismatch"),
    ],
)
def test_files_that_are_no_tables(change, message):
    data = encode_table([(b"a", b"1")])
    with pytest.raises(DamagedData) as caught:
        decode_table(change(data), "x")
    assert str(caught.value) == message.format(len(data) - 8)


def test_tables_out_of_order():
    with pytest.raises(DamagedData, match="the keys of the table are not in order"):
        decode_table(encode_table([(b"b", b""), (b"a", b"")]), "x")


def test_strings_are_written(tmp_path):
    prefix = str(tmp_path / "x")
    strings = np.array([b"a", b"", b"x" * 300], object)
    write_bundle(prefix, {"numbers": NUMBERS, "strings": strings, "scalar": np.array(b"one", object)})
    data = Path(f"{prefix}.data-00000-of-00001").read_bytes()
    assert data.endswith(b"\x01\x00\xac\x02" + data[-305:-301] + b"a" + b"x" * 300)  # lengths, their checksum, strings
    reader = BundleReader(prefix)
    assert reader.read("strings").tolist() == strings.tolist() and reader.read("scalar")[()] == b"one"
    assert (reader.read("numbers") == NUMBERS).all()


# -- damaged checkpoints ----


def _written(folder, entries, data=b"", header=None):
    start = header or BundleHeader(num_shards=1, version=VersionDef(producer=1))
    pairs = [(b"", start.SerializeToString()), *((key, entry.SerializeToString()) for key, entry in entries)]
    (folder / "x.index").write_bytes(encode_table(pairs))
    (folder / "x.data-00000-of-00001").write_bytes(data)
    return str(folder / "x")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (BundleEntry(dtype=99), "its dtype is 99"),
        (BundleEntry(dtype=1, shard_id=3, size=4), "its place is shard 3, byte 0, 4 bytes"),
        (BundleEntry(dtype=1, offset=-5, size=4), "its place is shard 0, byte -5, 4 bytes"),
        (BundleEntry(dtype=1, size=8), "it is 8 bytes, not 1 elements of float32"),
    ],
)
def test_entries_that_make_no_sense(tmp_path, entry, reason):
    prefix = _written(tmp_path, [(b"w", entry)])
    with pytest.raises(tf.errors.DataLossError) as caught:
        tf.train.NewCheckpointReader(prefix)
    wanted = f"Unable to open table file {prefix}: {prefix}, byte 0: the entry of 'w' is damaged: {reason}"
    assert str(caught.value) == wanted


def test_tensors_that_are_damaged(tmp_path):
    prefix = _written(tmp_path, [(b"w", BundleEntry(dtype=1, size=4, crc32c=1))], struct.pack("<f", 1))
    reader = tf.train.NewCheckpointReader(prefix)
    with pytest.raises(tf.errors.DataLossError, match="Checksum does not match: stored 0x00000001, of tensor 'w'$"):
        reader.get_tensor("w")
    Path(f"{prefix}.data-00000-of-00001").write_bytes(b"ab")
    with pytest.raises(tf.errors.DataLossError, match="shard 0 ends before tensor 'w' does$"):
        reader.get_tensor("w")
    Path(f"{prefix}.data-00000-of-00001").unlink()
    with pytest.raises(tf.errors.NotFoundError, match="x.data-00000-of-00001; No such file or directory$"):
        reader.get_tensor("w")
    with pytest.raises(tf.errors.NotFoundError, match="^Key v not found in checkpoint$"):
        reader.get_tensor("v")


def test_checkpoints_of_other_kinds(tmp_path):
    for header, message in (
        (BundleHeader(num_shards=1, endianness=1), "was written with the high byte of numbers first$"),
        (BundleHeader(num_shards=1, version=VersionDef(min_consumer=9)), "needs a reader of version 9, not 1$"),
    ):
        with pytest.raises(tf.errors.UnimplementedError, match=message):
            BundleReader(_written(tmp_path, [], header=header))
    with pytest.raises(tf.errors.DataLossError, match="the number of shards is 0 but must be from 1 to 10000$"):
        BundleReader(_written(tmp_path, [], header=BundleHeader(endianness=0)))
    with pytest.raises(tf.errors.NotFoundError) as caught:
        tf.train.load_checkpoint(str(tmp_path / "none"))
    assert str(caught.value) == (
        f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {tmp_path}/none"
    )
    with pytest.raises(ValueError, match="^Couldn't find 'checkpoint' file or checkpoints in given directory "):
        tf.train.load_checkpoint(str(tmp_path))


def test_whatever_is_damaged_is_refused_or_read(tmp_path):
    found = [outcome(prefix) for prefix in damaged(tmp_path, seed=5, count=300)]
    assert len(found) == 300 and found.count("DataLossError") > 250


def test_nothing_is_left_of_a_checkpoint_that_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, "encode_table", lambda entries: 1 / 0)
    write = {"w": np.ones(3, np.float32)}
    with pytest.raises(ZeroDivisionError):
        write_bundle(str(tmp_path / "x"), write)
    assert not list(tmp_path.glob("*.index*")) and not list(tmp_path.glob("*tempstate*"))


# -- what there is ----


def test_folders_with_bad_states(tmp_path, caplog):
    (tmp_path / "checkpoint").write_text("nonsense")
    assert tf.train.get_checkpoint_state(str(tmp_path)) is None and "Checkpoint ignored" in caplog.text
    (tmp_path / "checkpoint").write_text("")
    with pytest.raises(ValueError, match="^Invalid checkpoint state loaded from "):
        tf.train.get_checkpoint_state(str(tmp_path))
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone"')
    assert tf.train.latest_checkpoint(str(tmp_path)) is None and "Couldn't match files for checkpoint" in caplog.text
    with pytest.raises(RuntimeError, match="conflicts with path used for checkpoint state"):
        tf.train.update_checkpoint_state(str(tmp_path), str(tmp_path / "checkpoint"))
    with pytest.raises(ValueError, match="^Checkpoint timestamps, if provided, must match checkpoint paths"):
        tf.train.generate_checkpoint_state_proto("d", "a", ["a"], [1.0, 2.0])


# -- savers, beside what programs/schedules.py holds ----


def test_a_saver_keeps_one_every_so_often(tmp_path):
    tf.Variable(1.0)
    saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=0.0, pad_step_number=True)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(3):
            saver.save(session, str(tmp_path / "m"), global_step=step)
    assert sorted(path.name for path in tmp_path.glob("*.index")) == [f"m-{step:08d}.index" for step in range(3)]


def test_a_saver_goes_on_where_another_ended(tmp_path):
    tf.Variable(1.0)
    first, second = tf.train.Saver(), tf.train.Saver(max_to_keep=2, save_relative_paths=True)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(2):
            first.save(session, str(tmp_path / "m"), global_step=step)
        second.recover_last_checkpoints([*first.last_checkpoints, "gone"])
        assert second.last_checkpoints == first.last_checkpoints
        second.save(session, str(tmp_path / "m"), global_step=5)
    assert (tmp_path / "checkpoint").read_text() == (
        'model_checkpoint_path: "m-5"\nall_model_checkpoint_paths: "m-1"\nall_model_checkpoint_paths: "m-5"\n'
    )
    assert not (tmp_path / "m-0.index").exists()
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "m-5")


def test_a_saver_says_why_it_cannot_restore(tmp_path):
    small = tf.Variable([1.0], name="small")
    write_bundle(str(tmp_path / "x"), {"small": np.ones(2, np.float32), "whole": np.ones(2, np.int32)})
    start = "Restoring from checkpoint failed. This is most likely due to {} from the checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint. Original error:\n\n{}"
    with tf.Session() as session:
        for names, kind, reason, message in (
            (
                {"other": small},
                tf.errors.NotFoundError,
                "a Variable name or other graph key that is missing",
                "Key other not found in checkpoint",
            ),
            (
                {"small": small},
                tf.errors.InvalidArgumentError,
                "a mismatch between the current graph and the graph",
                "Assign requires shapes of both tensors to match. lhs shape= [1] rhs shape= [2]",
            ),
            (
                {"whole": small},
                tf.errors.InvalidArgumentError,
                "a mismatch between the current graph and the graph",
                "tensor_name = whole; expected dtype float does not equal original dtype int32",
            ),
        ):
            with pytest.raises(kind) as caught:
                tf.train.Saver(names).restore(session, str(tmp_path / "x"))
            assert caught.value.message == start.format(reason, message)


def test_a_saver_reshapes_where_it_is_told(tmp_path):
    v = tf.Variable(tf.zeros([2, 2]), name="v")
    write_bundle(str(tmp_path / "x"), {"v": np.arange(4, dtype=np.float32)})
    with tf.Session() as session:
        tf.train.Saver(reshape=True).restore(session, str(tmp_path / "x"))
        assert session.run(v).tolist() == [[0, 1], [2, 3]]


def test_a_saver_without_variables():
    saver = tf.train.Saver(allow_empty=True)
    with tf.Session() as session:
        saver.restore(session, "nowhere")
        assert saver.as_saver_def() is None and saver.save(session, "nowhere") is None


def test_checkpoints_of_another_form_are_not_written():
    tf.Variable(1.0)
    with pytest.raises(Unsupported, match="write_version 1 is not supported"):
        tf.train.Saver(write_version=tf.train.SaverDef.V1)


# -- initial values from checkpoints ----


def test_variables_are_initialized_from_a_checkpoint(tmp_path):
    values = {
        "old/w": np.array([1, 2], np.float32),
        "old/b": np.array([3], np.float32),
        "top": np.array(4.0, np.float32),
    }
    write_bundle(str(tmp_path / "x"), values)
    tf.train.update_checkpoint_state(str(tmp_path), str(tmp_path / "x"))
    with tf.variable_scope("new"):
        w, b = tf.get_variable("w", [2]), tf.get_variable("b", [1])
    top, by_name = tf.get_variable("top", []), tf.get_variable("other", [2])
    tf.train.init_from_checkpoint(str(tmp_path), {"old/": "new/", "top": top})
    tf.train.init_from_checkpoint(str(tmp_path / "x"), {"old/w": "other"})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found = session.run([w, b, top, by_name])
    assert [each.tolist() for each in found] == [[1, 2], [3], 4, [1, 2]]
    small = tf.get_variable("small", [3])
    for names, message in (
        ({"gone": small}, f"Tensor gone is not found in {tmp_path}/x checkpoint "),
        (
            {"old/w": small},
            "Shape of variable small:0 ((3,)) doesn't match with shape of tensor old/w ([2]) from checkpoint",
        ),
        ({"old": "new/"}, "Assignment map with scope only name new should map to scope only old. Should be 'scope/': "),
        ({"/": "new/"}, f"Tensor b (b in /) is not found in {tmp_path}/x checkpoint"),
    ):
        with pytest.raises(ValueError) as caught:
            tf.train.init_from_checkpoint(str(tmp_path / "x"), names)
        assert str(caught.value).startswith(message)
