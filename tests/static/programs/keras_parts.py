"""Programs of what keras is made of: losses, metrics, activations, regularizers, the backend, sequences and words."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note

DRAWN = np.random.RandomState(7)
TARGETS = DRAWN.rand(3, 4).astype(np.float32)
GUESSES = DRAWN.rand(3, 4).astype(np.float32) + 0.1
SHARES = GUESSES / GUESSES.sum(-1, keepdims=True)
CHOICES = np.eye(4, dtype=np.float32)[[1, 3, 0]]
SIGNED = DRAWN.randn(3, 4).astype(np.float32)
WORDS = ["The cat sat, the cat ran!", "A dog sat.", "the end"]


def values(tf: Any, note: Note, cases: dict[str, Any]) -> None:
    with tf.Session() as session:
        for label, make in cases.items():
            tensor = make()
            session.run(tf.global_variables_initializer())
            note(label, session.run(tensor))


def losses(tf: Any, note: Note) -> None:
    k, t, p = tf.keras.losses, tf.constant(TARGETS), tf.constant(GUESSES)
    names = ["mean_squared_error", "mse", "mae", "mape", "msle", "hinge", "squared_hinge", "kld", "poisson", "logcosh"]
    values(tf, note, {name: lambda name=name: getattr(k, name)(t, p) for name in names})
    signs = tf.constant(np.sign(SIGNED))
    classes, shares = tf.constant(CHOICES), tf.constant(SHARES)
    numbers = tf.constant([1, 3, 0])
    logits = tf.constant(SIGNED)
    values(tf, note, {
        "signs": lambda: k.hinge(signs, p), "binary": lambda: k.hinge(tf.constant([[1.0, 0.0, 0.0, 1.0]] * 3), p),
        "categorical": lambda: k.categorical_crossentropy(classes, shares), "unscaled": lambda: k.categorical_crossentropy(classes, p),
        "of logits": lambda: k.categorical_crossentropy(classes, logits, from_logits=True), "of softmax": lambda: k.categorical_crossentropy(classes, tf.nn.softmax(logits)),
        "smoothed": lambda: k.categorical_crossentropy(classes, shares, label_smoothing=0.1), "sparse": lambda: k.sparse_categorical_crossentropy(numbers, shares),
        "sparse of logits": lambda: k.sparse_categorical_crossentropy(numbers, logits, from_logits=True), "column": lambda: k.sparse_categorical_crossentropy(numbers[:, None], shares),
        "binary crossentropy": lambda: k.binary_crossentropy(tf.round(t), shares), "binary of logits": lambda: k.binary_crossentropy(tf.round(t), logits, from_logits=True),
        "binary of sigmoid": lambda: k.binary_crossentropy(tf.round(t), tf.sigmoid(logits)), "object": lambda: k.CategoricalCrossentropy()(classes, shares),
        "weighted": lambda: k.MeanSquaredError()(t, p, sample_weight=tf.constant([1.0, 2.0, 0.5])), "sum": lambda: k.Huber(0.3, reduction="sum")(t, p), "none": lambda: k.BinaryCrossentropy(True, reduction="none")(t, p),
        "cosine": lambda: k.CosineSimilarity()(t, p), "sparse object": lambda: k.SparseCategoricalCrossentropy()(numbers, shares), "column weights": lambda: k.MeanAbsoluteError()(t, p, [[1.0], [0.0], [2.0]]),
    })  # fmt: skip
    m = tf.keras.metrics
    values(tf, note, {
        "accuracy": lambda: m.categorical_accuracy(classes, shares), "sparse accuracy": lambda: m.sparse_categorical_accuracy(numbers[:, None], shares),
        "binary accuracy": lambda: m.binary_accuracy(tf.round(t), p), "top": lambda: m.top_k_categorical_accuracy(classes, shares, 2),
        "sparse top": lambda: m.sparse_top_k_categorical_accuracy(numbers, shares, 2), "threshold": lambda: m.binary_accuracy(tf.round(t), p, threshold=0.8),
    })  # fmt: skip
    for label, wrong in {
        "reduction": lambda: k.MeanSquaredError(reduction="wrong"),
        "metric": lambda: m.get("wrong"),
    }.items():
        note(label, wrong)


def functions(tf: Any, note: Note) -> None:
    a, k, x = tf.keras.activations, tf.keras, tf.constant(SIGNED)
    names = [
        "linear",
        "sigmoid",
        "tanh",
        "softplus",
        "softsign",
        "exponential",
        "selu",
        "elu",
        "relu",
        "hard_sigmoid",
        "softmax",
    ]
    values(tf, note, {name: lambda name=name: a.get(name)(x) for name in names})
    values(tf, note, {
        "leaky": lambda: a.relu(x, alpha=0.1), "capped": lambda: a.relu(x, max_value=0.5), "from": lambda: a.relu(x, threshold=0.3, alpha=0.2),
        "six": lambda: a.relu(x * 9, max_value=6), "elu 2": lambda: a.elu(x, 2.0), "softmax of axis": lambda: a.softmax(x, axis=0),
        "l1": lambda: k.regularizers.l1(0.1)(x), "l2": lambda: k.regularizers.l2(0.1)(x), "l1 and l2": lambda: k.regularizers.l1_l2(0.1, 0.2)(x),
        "named": lambda: k.regularizers.get("l2")(x), "max norm": lambda: k.constraints.max_norm(0.5)(x), "unit": lambda: k.constraints.UnitNorm(axis=1)(x),
        "not negative": lambda: k.constraints.get("non_neg")(x), "between": lambda: k.constraints.MinMaxNorm(0.5, 0.7, 0.5)(x),
    })  # fmt: skip
    started = k.initializers
    values(tf, note, {
        "zeros": lambda: started.zeros()([2]), "ones": lambda: started.get("ones")([2]), "constant": lambda: started.Constant(3.0)([2]), "identity": lambda: started.Identity(2.0)([2, 2]),
    })  # fmt: skip
    with tf.Session() as session:
        for name in ("glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "RandomNormal", "RandomUniform", "TruncatedNormal", "normal", "uniform"):  # fmt: skip
            drawn = session.run(started.get(name)([100, 300], dtype=tf.float32))
            note(f"spread of {name}", round(float(drawn.std()), 2))
            note(f"edge of {name}", "normal" in name.lower() or round(float(np.abs(drawn).max()), 2))
        square = session.run(started.Orthogonal()([4, 4], dtype=tf.float32))
        note("orthogonal", np.round(square @ square.T, 4) + 0.0)


def backend(tf: Any, note: Note) -> None:
    k = tf.keras.backend
    variable = k.variable(np.ones((2, 3)), name="mine")
    note("variable", [variable.name, k.int_shape(variable), k.ndim(variable), k.dtype(variable)])
    note("value", k.get_value(variable))
    k.set_value(variable, np.full((2, 3), 2.0))
    note("set", k.eval(variable * 2))
    place = k.placeholder((None, 3), name="place")
    note("placeholder", [place.name, k.int_shape(place)])
    double = k.function([place], [place * 2, k.sum(place)])
    note("function", double([SIGNED[:, :3]]))
    counting = k.function([place], [k.sum(place)], updates=[(variable, variable + 1.0)])
    note("updates", [counting([SIGNED[:, :3]])[0], k.get_value(variable)])
    x = tf.constant(SIGNED)
    values(tf, note, {
        "mean": lambda: k.mean(x, axis=1), "kept": lambda: k.sum(x, axis=0, keepdims=True), "std": lambda: k.std(x), "var": lambda: k.var(x, axis=-1), "max": lambda: k.max(x, -1),
        "clip": lambda: k.clip(x, -0.5, 0.5), "dot": lambda: k.dot(x, tf.transpose(x)), "argmax": lambda: k.argmax(x), "argmin": lambda: k.argmin(x, axis=0),
        "concatenated": lambda: k.concatenate([x, x], axis=0), "flat": lambda: k.flatten(x), "batch flat": lambda: k.batch_flatten(k.reshape(x, (3, 2, 2))), "expanded": lambda: k.expand_dims(x, 1),
        "permuted": lambda: k.permute_dimensions(x, (1, 0)), "one hot": lambda: k.one_hot(tf.constant([0, 2]), 3), "stacked": lambda: k.stack([x, x]), "repeated": lambda: k.repeat_elements(x, 2, axis=0),
        "batch dot": lambda: k.batch_dot(x[:, None, :], x[:, :, None]), "l2": lambda: k.l2_normalize(x, axis=1), "gathered": lambda: k.gather(x, tf.constant([2, 0])), "switch": lambda: k.switch(tf.constant(True), x, -x),
        "learning": lambda: k.in_train_phase(x, -x), "testing": lambda: k.in_test_phase(x, -x), "gradients": lambda: k.gradients(k.sum(x * x), x)[0], "zeros": lambda: k.zeros((2, 2)), "ones": lambda: k.ones((2,)), "constant": lambda: k.constant([1.0, 2.0]),
        "crossentropy": lambda: k.categorical_crossentropy(tf.constant(CHOICES), tf.constant(SHARES)), "binary": lambda: k.binary_crossentropy(tf.round(tf.constant(TARGETS)), tf.constant(SHARES)), "sparse": lambda: k.sparse_categorical_crossentropy(tf.constant([1, 3, 0]), tf.constant(SHARES)),
        "cast": lambda: k.cast(x, "int32"), "equal": lambda: k.equal(x, x), "squeezed": lambda: k.squeeze(x[:, None], 1), "relu": lambda: k.relu(x, alpha=0.1), "softmax": lambda: k.softmax(x), "arange": lambda: k.arange(3), "cumsum": lambda: k.cumsum(x, axis=1), "eye": lambda: k.eye(2),
    })  # fmt: skip
    note("drawn", [list(each.shape) for each in (k.random_normal((2, 3)), k.random_uniform((4,)), k.dropout(x, 0.5))])
    note("settings", [k.floatx(), k.epsilon(), k.image_data_format()])


def text(tf: Any, note: Note) -> None:
    k = tf.keras
    note("classes", k.utils.to_categorical([0, 2, 1]))
    note("classes of columns", k.utils.to_categorical(np.array([[1], [0]]), 3))
    note("normalized", k.utils.normalize(SIGNED, axis=1))
    pad = k.preprocessing.sequence.pad_sequences
    lists = [[1, 2, 3, 4], [5], []]
    for label, made in {
        "padded": lambda: pad(lists), "cut": lambda: pad(lists, maxlen=2), "behind": lambda: pad(lists, 3, padding="post", truncating="post"),
        "value": lambda: pad(lists, value=9.0, dtype="float32"), "wrong": lambda: pad(lists, padding="wrong"), "number": lambda: pad([1, 2]), "truncating": lambda: pad(lists, 2, truncating="wrong"),
    }.items():  # fmt: skip
        note(label, made)
    words = k.preprocessing.text
    note("words", words.text_to_word_sequence(WORDS[0]))
    note("hashed", words.hashing_trick(WORDS[0], 20, hash_function="md5"))
    tokenizer = words.Tokenizer(num_words=5, oov_token="?")
    tokenizer.fit_on_texts(WORDS)
    note("numbers", dict(sorted(tokenizer.word_index.items(), key=lambda pair: pair[1])))
    note("sequences", tokenizer.texts_to_sequences([*WORDS, "new cat"]))
    note("texts", tokenizer.sequences_to_texts([[2, 3], [4]]))
    for mode in ("binary", "count", "freq", "tfidf"):
        note(mode, tokenizer.texts_to_matrix(WORDS, mode))
    letters = words.Tokenizer(char_level=True)
    letters.fit_on_texts(["abca"])
    note("letters", [letters.word_index, letters.texts_to_sequences(["cab"])])


PROGRAMS = [losses, functions, backend, text]
