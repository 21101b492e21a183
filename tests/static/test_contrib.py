"""tf.contrib, which the frameworks of today do not have: against what its parts are made of, and numbers by hand."""

from __future__ import annotations

from typing import Any

import diptych.static as tf
import numpy as np
import pytest

layers, slim = tf.contrib.layers, tf.contrib.slim
X = np.sin(np.arange(24, dtype=np.float32)).reshape(4, 6)
IMAGES = np.sin(np.arange(96, dtype=np.float32)).reshape(2, 4, 4, 3)


def run(fetches: Any, feed: Any = None) -> Any:
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        return session.run(fetches, feed)


def names(variables: Any) -> list[str]:
    return [variable.name for variable in variables]


# -- layers ----


def test_a_fully_connected_layer_calls_its_variables_weights_and_biases() -> None:
    y = layers.fully_connected(tf.constant(X), 3, weights_initializer=tf.ones_initializer())
    assert y.name == "fully_connected/Relu:0"
    assert names(tf.global_variables()) == ["fully_connected/weights:0", "fully_connected/biases:0"]
    assert tf.get_collection(tf.GraphKeys.MODEL_VARIABLES) == tf.global_variables()
    np.testing.assert_allclose(run(y), np.maximum(X.sum(1, keepdims=True) * np.ones(3), 0), rtol=1e-5, atol=1e-6)


def test_a_normalizer_takes_the_place_of_biases() -> None:
    layers.fully_connected(tf.constant(X), 3, normalizer_fn=layers.batch_norm, scope="net")
    assert names(tf.global_variables()) == [
        "net/weights:0", "net/BatchNorm/beta:0", "net/BatchNorm/moving_mean:0", "net/BatchNorm/moving_variance:0",
    ]  # fmt: skip


def test_the_number_of_outputs_is_an_integer() -> None:
    with pytest.raises(ValueError, match="num_outputs type should be one of") as error:
        layers.fully_connected(tf.constant(X), 3.0)
    assert str(error.value) == "num_outputs type should be one of [<class 'int'>], got <class 'float'>."


def test_layers_are_used_again_by_scope() -> None:
    first = layers.fully_connected(tf.constant(X), 3, scope="one")
    second = layers.fully_connected(tf.constant(X), 3, scope="one", reuse=True)
    found = run([first, second])
    assert len(tf.global_variables()) == 2
    np.testing.assert_array_equal(found[0], found[1])


def test_convolutions_have_the_padding_same() -> None:
    y = layers.conv2d(tf.constant(IMAGES), 5, 3)
    z = layers.conv2d_transpose(y, 2, 3, stride=2, activation_fn=None)
    assert [y.name, str(y.shape)] == ["Conv/Relu:0", "(2, 4, 4, 5)"]
    assert [z.name, str(z.shape)] == ["Conv2d_transpose/BiasAdd:0", "(2, 8, 8, 2)"]
    assert names(tf.trainable_variables())[::2] == ["Conv/weights:0", "Conv2d_transpose/weights:0"]


def test_pools_flatten_and_dropout() -> None:
    pooled = layers.max_pool2d(tf.constant(IMAGES), 2)
    assert pooled.name == "MaxPool2D/MaxPool:0"
    mean = layers.avg_pool2d(tf.constant(IMAGES), 2, stride=1, padding="SAME")
    flat = layers.flatten(pooled)
    kept = layers.dropout(flat, 0.5, is_training=False)
    assert [str(each.shape) for each in (pooled, mean, flat, kept)] == [
        "(2, 2, 2, 3)", "(2, 4, 4, 3)", "(2, 12)", "(2, 12)",
    ]  # fmt: skip
    found = run([flat, kept])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], IMAGES.reshape(2, 2, 2, 2, 2, 3).max((2, 4)).reshape(2, 12))


def test_layers_are_stacked_and_repeated() -> None:
    layers.stack(tf.constant(X), layers.fully_connected, [3, 4], scope="all")
    slim.repeat(tf.constant(IMAGES), 2, slim.conv2d, 3, [3, 3], scope="conv")
    assert names(tf.trainable_variables())[::2] == [
        "all/all_1/weights:0", "all/all_2/weights:0", "conv/conv_1/weights:0", "conv/conv_2/weights:0",
    ]  # fmt: skip


# -- normalization ----


def test_layer_norm_is_over_all_axes_but_the_first() -> None:
    y = layers.layer_norm(tf.constant(IMAGES))
    flat = IMAGES.reshape(2, -1)
    wanted = (flat - flat.mean(1, keepdims=True)) / flat.std(1, keepdims=True)
    np.testing.assert_allclose(run(y).reshape(2, -1), wanted, rtol=1e-4, atol=1e-5)
    assert names(tf.global_variables()) == ["LayerNorm/beta:0", "LayerNorm/gamma:0"]
    assert [variable.shape.as_list() for variable in tf.global_variables()] == [[3], [3]]


def test_layer_norm_names_the_axes_that_inputs_do_not_have() -> None:
    with pytest.raises(ValueError, match="begin_params_axis") as error:
        layers.layer_norm(tf.constant(X), begin_norm_axis=2)
    assert str(error.value) == "begin_params_axis (-1) and begin_norm_axis (2) must be < rank(inputs) (2)"


def test_instance_norm_is_over_each_channel_of_an_image() -> None:
    y = run(layers.instance_norm(tf.constant(IMAGES)))
    wanted = (IMAGES - IMAGES.mean((1, 2), keepdims=True)) / np.sqrt(IMAGES.var((1, 2), keepdims=True) + 1e-6)
    np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("array", [X, IMAGES], ids=["rows", "images"])
def test_batch_norm_puts_its_updates_where_they_are_wanted(array: Any) -> None:
    layers.batch_norm(tf.constant(array), decay=0.5)
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 2
    layers.batch_norm(tf.constant(array), updates_collections="own")
    assert len(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) == 2
    assert len(tf.get_collection("own")) == 2


@pytest.mark.parametrize("training", [True, False, "fed"])
def test_batch_norm_without_a_collection_updates_its_averages_itself(training: Any) -> None:
    flag = tf.placeholder(tf.bool) if training == "fed" else training
    y = layers.batch_norm(tf.constant(X), decay=0.5, updates_collections=None, is_training=flag)
    mean = tf.global_variables("BatchNorm/moving_mean")[0]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(y, {flag: True} if training == "fed" else None)
        expected = X.mean(0) / 2 if training else np.zeros(6)
        np.testing.assert_allclose(session.run(mean), expected, rtol=1e-5, atol=1e-7)


def test_batch_norm_refuses_what_it_cannot_do() -> None:
    with pytest.raises(Exception, match="zero_debias_moving_mean is True but must be left out"):
        layers.batch_norm(tf.constant(X), zero_debias_moving_mean=True)


# -- regularizers ----


def test_regularizers_are_scaled_sums() -> None:
    weights = tf.Variable([[1.0, -2.0], [3.0, 0.5]])
    losses = [
        layers.l1_regularizer(0.1)(weights),
        layers.l2_regularizer(0.1)(weights),
        layers.l1_l2_regularizer(0.1, 0.2)(weights),
        layers.apply_regularization(layers.l2_regularizer(1.0), [weights, weights]),
    ]
    np.testing.assert_allclose(run(losses), [0.65, 0.7125, 2.075, 14.25], rtol=1e-6)
    assert losses[1].name == "l2_regularizer:0"
    assert tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES) == [losses[3]]


@pytest.mark.parametrize(
    ("scale", "message"),
    [(1, "scale cannot be an integer: 1"), (-0.5, "Setting a scale less than 0 on a regularizer: -0.5")],
)
def test_the_scale_of_a_regularizer_is_a_positive_float(scale: Any, message: str) -> None:
    with pytest.raises(ValueError, match="scale") as error:
        layers.l2_regularizer(scale)
    assert str(error.value) == message


def test_there_are_weights_to_regularize() -> None:
    with pytest.raises(ValueError, match=r"^No weights to regularize\.$"):
        layers.apply_regularization(layers.l2_regularizer(1.0))


def test_regularizers_of_layers_are_collected_once() -> None:
    for reuse in (None, True):
        layers.fully_connected(
            tf.constant(X), 2, weights_regularizer=layers.l2_regularizer(0.1), scope="net", reuse=reuse
        )
    assert names(tf.losses.get_regularization_losses()) == ["net/kernel/Regularizer/l2_regularizer:0"]


# -- argument scopes ----


def test_argument_scopes_nest_and_are_used_again() -> None:
    with slim.arg_scope([slim.fully_connected], activation_fn=None, biases_initializer=None) as outer:
        first = slim.fully_connected(tf.constant(X), 2, scope="a")
        with slim.arg_scope([slim.fully_connected], activation_fn=tf.tanh):
            second = slim.fully_connected(tf.constant(X), 2, scope="b")
    third = slim.fully_connected(tf.constant(X), 2, scope="c")
    with slim.arg_scope(outer):
        fourth = slim.fully_connected(tf.constant(X), 2, scope="d", activation_fn=tf.nn.sigmoid)
    assert names([first, second, third, fourth]) == ["a/MatMul:0", "b/Tanh:0", "c/Relu:0", "d/Sigmoid:0"]


def test_functions_of_a_program_take_part_in_argument_scopes() -> None:
    @tf.contrib.framework.add_arg_scope
    def scaled(x: float, factor: float = 1.0) -> float:
        return x * factor

    with tf.contrib.framework.arg_scope([scaled], factor=3.0):
        assert scaled(2.0) == 6.0
        assert scaled(2.0, factor=5.0) == 10.0
    assert scaled(2.0) == 2.0
    assert slim.has_arg_scope(scaled)
    assert not slim.has_arg_scope(run)
    with pytest.raises(ValueError, match=r"is not decorated with @add_arg_scope$"), slim.arg_scope([run], factor=1):
        pass
    with pytest.raises(TypeError, match="^list_ops_or_scope must either be a list/tuple"), slim.arg_scope(3):
        pass
    with pytest.raises(ValueError, match="kwargs must be empty"), slim.arg_scope({}, factor=1):
        pass


def test_variables_are_found_by_scope_suffix_and_name() -> None:
    slim.fully_connected(tf.constant(X), 2, scope="net/a")
    tf.Variable(1.0, name="other")
    slim.local_variable(0.0, name="count")
    assert names(slim.get_model_variables("net")) == ["net/a/weights:0", "net/a/biases:0"]
    assert names(slim.get_variables(suffix="biases")) == ["net/a/biases:0"]
    assert names(slim.get_variables_by_name("weights")) == ["net/a/weights:0"]
    assert slim.get_unique_variable("net/a/weights").name == "net/a/weights:0"
    assert names(slim.get_local_variables()) == ["count:0"]
    assert names(slim.get_variables_to_restore(exclude=["net"])) == ["other:0"]
    assert slim.model_analyzer.analyze_vars(slim.get_model_variables()) == (14, 56)
    with pytest.raises(ValueError, match=r"^Couldn't find variable none$"):
        slim.get_unique_variable("none")


# -- training ----


def test_one_operation_takes_a_training_step() -> None:
    loss = tf.reduce_mean(tf.square(layers.fully_connected(tf.constant(X), 1, activation_fn=None) - 1))
    by_name = layers.optimize_loss(loss, tf.train.get_or_create_global_step(), 0.1, "SGD")
    by_slim = slim.learning.create_train_op(loss, tf.train.AdamOptimizer(0.1))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run(loss)
        for _ in range(5):
            session.run(by_name)
            session.run(by_slim)
        assert session.run(loss) < before
        assert session.run(tf.train.get_global_step()) == 10
    with pytest.raises(ValueError, match="^Optimizer name should be one of"):
        layers.optimize_loss(loss, None, 0.1, "none")


def test_words_are_embedded_and_classes_encoded() -> None:
    found = layers.embed_sequence(tf.constant([[1, 2, 2]]), 5, 3, initializer=tf.ones_initializer())
    assert names(tf.global_variables()) == ["EmbedSequence/embeddings:0"]
    coded = layers.one_hot_encoding(tf.constant([2, 0]), 3)
    arrays = run([found, coded])
    np.testing.assert_array_equal(arrays[0], np.ones((1, 3, 3)))
    np.testing.assert_array_equal(arrays[1], np.eye(3)[[2, 0]])


# -- hyperparameters ----


def test_hyperparameters_keep_their_types() -> None:
    chosen = tf.contrib.training.HParams(rate=0.1, layers=[3, 4], name="net", deep=True)
    assert [chosen.rate, chosen.layers, chosen.name, chosen.deep] == [0.1, [3, 4], "net", True]
    chosen.parse("rate=1,layers=[5,6,7],deep=false,name=other")
    assert chosen.values() == {"rate": 1.0, "layers": [5, 6, 7], "name": "other", "deep": False}
    chosen.override_from_dict({"rate": 2}).parse("layers[1]=9")
    assert [chosen.rate, chosen.layers, "rate" in chosen, chosen.get("none", 4)] == [2.0, [5, 9, 7], True, 4]
    assert tf.contrib.training.HParams(a=1).parse_json('{"a": 3}').to_json() == '{"a": 3}'
    for text, message in (
        ("other=1", "Unknown hyperparameter type for other"),
        ("rate=x", "Could not parse hparam 'rate' of type 'float' with value 'x'"),
        ("=1", "Malformed hyperparameter value: =1"),
    ):
        with pytest.raises(ValueError, match="hyperparameter|hparam") as error:
            chosen.parse(text)
        assert str(error.value) == message
    with pytest.raises(ValueError, match=r"^Hyperparameter name is reserved: rate$"):
        chosen.add_hparam("rate", 1)
    with pytest.raises(ValueError, match=r"^Must pass a list for multi-valued parameter: layers\.$"):
        chosen.set_hparam("layers", 1)


# -- cells and sequences ----


@pytest.mark.parametrize(
    "make",
    [
        lambda rnn: rnn.NASCell(4),
        lambda rnn: rnn.NASCell(4, num_proj=3, use_bias=True),
        lambda rnn: rnn.LayerNormBasicLSTMCell(4),
        lambda rnn: rnn.LSTMBlockCell(4, use_peephole=True, cell_clip=0.5),
        lambda rnn: rnn.GRUBlockCellV2(4),
        lambda rnn: rnn.UGRNNCell(4),
        lambda rnn: rnn.OutputProjectionWrapper(rnn.GRUCell(4), 2),
        lambda rnn: rnn.InputProjectionWrapper(rnn.GRUCell(4), 2),
    ],
)
def test_cells_run_over_sequences_and_have_gradients(make: Any) -> None:
    cell = make(tf.contrib.rnn)
    outputs, _ = tf.nn.dynamic_rnn(cell, tf.constant(X.reshape(2, 3, 4)), dtype=tf.float32)
    assert outputs.shape.as_list() == [2, 3, cell.output_size]
    found = tf.gradients(tf.reduce_sum(outputs**2), tf.trainable_variables())
    assert all(np.isfinite(each).all() for each in run(found))


def test_a_block_cell_is_the_basic_cell() -> None:
    with tf.variable_scope("net", initializer=tf.constant_initializer(0.1)):
        basic = tf.nn.static_rnn(tf.nn.rnn_cell.BasicLSTMCell(3), [tf.constant(X)], dtype=tf.float32)[0][0]
    with tf.variable_scope("other", initializer=tf.constant_initializer(0.1)):
        block = tf.nn.static_rnn(tf.contrib.rnn.LSTMBlockCell(3), [tf.constant(X)], dtype=tf.float32)[0][0]
    left, right = run([basic, block])
    np.testing.assert_allclose(left, right, rtol=1e-6)


def test_layers_of_both_directions_are_stacked() -> None:
    rnn, x = tf.contrib.rnn, tf.constant(X.reshape(2, 3, 4))
    cells = [[rnn.GRUCell(3), rnn.GRUCell(2)] for _ in range(2)]
    outputs, forward, backward = rnn.stack_bidirectional_dynamic_rnn(*cells, x, dtype=tf.float32)
    assert [str(outputs.shape), len(forward), len(backward)] == ["(2, 3, 4)", 2, 2]
    assert (
        tf.trainable_variables()[-1].name
        == "stack_bidirectional_rnn/cell_1/bidirectional_rnn/bw/gru_cell/candidate/bias:0"
    )
    with tf.variable_scope("lists"):
        cells = [[rnn.GRUCell(3), rnn.GRUCell(2)] for _ in range(2)]
        listed, *_ = rnn.stack_bidirectional_rnn(*cells, tf.unstack(x, axis=1), dtype=tf.float32)
    assert [str(each.shape) for each in listed] == ["(2, 4)"] * 3
    assert np.isfinite(run(outputs)).all()
    with pytest.raises(ValueError, match=r"^Forward and Backward cells must have the same depth\.$"):
        rnn.stack_bidirectional_dynamic_rnn([rnn.GRUCell(3)], cells[0], x, dtype=tf.float32)


def test_losses_of_sequences() -> None:
    logits = tf.constant(np.sin(np.arange(24, dtype=np.float32)).reshape(2, 3, 4))
    targets, weights = tf.constant([[1, 2, 0], [3, 3, 1]]), tf.constant([[1.0, 1.0, 0.0], [1.0, 0.5, 1.0]])
    array = np.sin(np.arange(24.0)).reshape(2, 3, 4)
    each = np.log(np.exp(array).sum(-1)) - np.take_along_axis(array, run(targets)[..., None], -1)[..., 0]
    weighted = each * run(weights)
    loss = tf.contrib.seq2seq.sequence_loss
    np.testing.assert_allclose(run(loss(logits, targets, weights)), weighted.sum() / 4.5, rtol=1e-5)
    by_time = loss(logits, targets, weights, average_across_timesteps=False)
    np.testing.assert_allclose(run(by_time), weighted.sum(0) / [2, 1.5, 1], rtol=1e-5)
    whole = loss(logits, targets, weights, False, False)
    np.testing.assert_allclose(run(whole), weighted, rtol=1e-5)
    legacy = tf.contrib.legacy_seq2seq
    steps = [tf.unstack(x, axis=1) for x in (logits, targets, weights)]
    np.testing.assert_allclose(run(legacy.sequence_loss_by_example(*steps)), weighted.sum(1) / [2, 2.5], rtol=1e-5)
    np.testing.assert_allclose(run(legacy.sequence_loss(*steps)), (weighted.sum(1) / [2, 2.5]).mean(), rtol=1e-5)
    with pytest.raises(ValueError, match=r"^Targets must be a \[batch_size x sequence_length\] tensor$"):
        loss(logits, targets[0], weights)
    with pytest.raises(ValueError, match="must be the same 3, 2, 3"):
        legacy.sequence_loss_by_example(steps[0], steps[1], steps[2][:2])


@pytest.mark.parametrize("feed_previous", [False, True, "fed"])
@pytest.mark.parametrize(
    "make",
    [
        lambda *a, **o: tf.contrib.legacy_seq2seq.embedding_rnn_seq2seq(*a, 7, 8, 6, **o),
        lambda *a, **o: tf.contrib.legacy_seq2seq.embedding_attention_seq2seq(*a, 7, 8, 6, num_heads=2, **o),
        lambda *a, **o: tf.contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq(*a, 8, 6, **o),
    ],
    ids=["plain", "attention", "tied"],
)
def test_sequences_to_sequences(make: Any, feed_previous: Any) -> None:
    ids = tf.constant([1, 2, 3])
    flag = tf.placeholder(tf.bool, []) if feed_previous == "fed" else feed_previous
    cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    outputs, state = make([ids] * 2, [ids] * 2, cell, feed_previous=flag)
    found = run([outputs, state.h], {flag: True} if feed_previous == "fed" else None)
    assert [each.shape for each in found[0]] == [(3, 8), (3, 8)]
    assert found[1].shape == (3, 4)


def test_a_model_with_buckets_shares_its_variables() -> None:
    legacy = tf.contrib.legacy_seq2seq
    inputs, weights = [tf.constant([1, 2])] * 3, [tf.ones([2])] * 3

    def model(encoder: Any, decoder: Any) -> Any:
        return legacy.embedding_rnn_seq2seq(encoder, decoder, tf.nn.rnn_cell.GRUCell(3), 5, 5, 4)

    outputs, losses = legacy.model_with_buckets(inputs, inputs, inputs, weights, [(1, 2), (2, 3)], model)
    assert [len(each) for each in outputs] == [2, 3]
    assert len(tf.trainable_variables()) == 12
    assert np.isfinite(run(losses)).all()
    with pytest.raises(
        ValueError, match=r"^Length of encoder_inputs \(3\) must be at least that of last bucket \(4\)\.$"
    ):
        legacy.model_with_buckets(inputs, inputs, inputs, weights, [(4, 3)], model)


# -- conditions ----


def test_a_condition_that_is_known_is_decided_at_once() -> None:
    smart_cond = tf.contrib.framework.smart_cond
    x = tf.constant(1.0)
    assert smart_cond(True, lambda: x, lambda: -x) is x
    assert smart_cond(tf.constant(False), lambda: -x, lambda: x) is x
    flag = tf.placeholder(tf.bool, [])
    assert run(smart_cond(flag, lambda: x, lambda: -x), {flag: False}) == -1
    with pytest.raises(TypeError, match=r"^`false_fn` must be callable\.$"):
        smart_cond(True, lambda: x, x)
    with pytest.raises(TypeError, match=r"^`pred` must be a Tensor, or a Python bool, or 1 or 0\. Found instead: 2$"):
        smart_cond(2, lambda: x, lambda: x)


# -- samplers ----


def test_unique_classes_come_as_often_as_repeated_draws_give_them() -> None:
    sampled, _, expected = tf.nn.log_uniform_candidate_sampler(tf.constant([[0]], tf.int64), 1, 3, True, 8, seed=2)
    chance = np.log1p(1 / (np.arange(8) + 1)) / np.log(9)
    counts, sums = np.zeros(8), np.zeros(8)
    with tf.Session() as session:
        for _ in range(1500):
            classes, shares = session.run([sampled, expected])
            counts[classes] += 1
            sums[classes] += shares
    random = np.random.default_rng(0)
    wanted = np.zeros(8)
    for _ in range(4000):
        found: set[int] = set()
        while len(found) < 3:
            found.add(int(random.choice(8, p=chance)))
        wanted[list(found)] += 1
    np.testing.assert_allclose(counts / 1500, wanted / 4000, atol=0.05)
    np.testing.assert_allclose((sums / counts)[:3], (wanted / 4000)[:3], atol=0.12)


def test_repeated_classes_follow_their_probabilities() -> None:
    sampled = tf.nn.fixed_unigram_candidate_sampler(
        tf.constant([[0]], tf.int64), 1, 20000, False, 4, unigrams=[1, 2, 3, 4], distortion=2.0, seed=1
    )[0]
    found = np.bincount(run(sampled), minlength=4) / 20000
    np.testing.assert_allclose(found, np.array([1, 4, 9, 16]) / 30, atol=0.015)
