"""Keras programs run with nothing but their import lines changed, and learn what they should.

The tutorials' own programs are read at test time from the folder named by ``GLIA_SEEDS`` where
there is one; networks of the same shapes, written here, are trained in any case.
"""

import ast
import os
import re
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import glia
from glia import layers

FOLDER = Path(os.environ.get("GLIA_SEEDS", Path(__file__).parents[3] / "shared" / "seeds"))
IMPORTS = {
    "from tensorflow import keras": "import glia as keras",
    "from tensorflow.keras import layers": "from glia import layers",
    "import tensorflow as tf": "",
    "import matplotlib.pyplot as plt": "",
}
CHURN_SUMMARY = {"dense": 672, "dense_1": 528, "dense_2": 17}


def tutorial(number: str) -> str:
    """The Keras program inside a tutorial: the longest piece of its text that is Python."""
    found = sorted(FOLDER.glob(f"{number}_*.txt")) if FOLDER.is_dir() else []
    if not found:
        pytest.skip(f"no tutorial {number} in {FOLDER}; set GLIA_SEEDS to the tutorials' folder")
    lines = found[0].read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if "tensorflow" in line and is_import(line))
    while is_import(lines[first - 1]):
        first -= 1
    for last in range(len(lines), first, -1):
        program = "\n".join(lines[first:last])
        try:
            ast.parse(program)
        except SyntaxError:
            continue
        return program
    raise AssertionError(f"{found[0].name} holds no Keras program")


def is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def ported(program: str) -> str:
    """The program for glia: its import lines, and no others, changed."""
    return "\n".join(
        IMPORTS.get(line.strip(), line) if is_import(line) else line
        for line in program.splitlines()
    )


def run(program: str, seed: int) -> dict:
    """The names a program leaves behind; its figures are drawn on a stand-in for matplotlib."""
    glia.seed(seed)
    plot = MagicMock()
    plot.subplots.return_value = (MagicMock(), (MagicMock(), MagicMock()))
    names = {"plt": plot}
    exec(compile(ported(program), "<tutorial>", "exec"), names)
    return names


def counts(printed: str) -> dict[str, int]:
    """Name and number of parameters of every layer in a printed summary, and the total."""
    rows = re.findall(r"^(\w+) \(\w+\).*?([\d,]+)\s*$", printed, re.MULTILINE)
    total = re.search(r"Total params: ([\d,]+)", printed)
    return {name: int(n.replace(",", "")) for name, n in rows} | {
        "total": int(total[1].replace(",", ""))
    }


@pytest.fixture(scope="module")
def customers():
    """5,000 rows of 20 normal numbers; the first two, added up, decide."""
    x = np.random.default_rng(42).normal(size=(5000, 20))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    parts = train_test_split(x, y, test_size=0.2, random_state=42, stratify=y)
    scaler = StandardScaler().fit(parts[0])
    return scaler.transform(parts[0]), scaler.transform(parts[1]), parts[2], parts[3]


@pytest.fixture(scope="module")
def flowers():
    """The iris measurements, standardised, with one-hot kinds."""
    x, kinds = load_iris(return_X_y=True)
    y = glia.utils.to_categorical(kinds, 3)
    # Split without regard to kind, as the tutorial does.
    return train_test_split(StandardScaler().fit_transform(x), y, test_size=0.2, random_state=42)


HEADS = {
    "sigmoid": (1, "sigmoid", "binary_crossentropy", "integers"),
    "sparse": (2, "softmax", "sparse_categorical_crossentropy", "integers"),
    "one-hot": (2, "softmax", "categorical_crossentropy", "one-hot"),
    "integers": (2, "softmax", "categorical_crossentropy", "integers"),
}


def churn(data, seed: int, head: str = "sigmoid", epochs: int = 20):
    """The churn network with one of the heads, trained; model, history and test accuracy."""
    x_train, x_test, y_train, y_test = data
    units, activation, loss, form = HEADS[head]
    if form == "one-hot":
        y_train, y_test = np.eye(2)[y_train], np.eye(2)[y_test]
    glia.seed(seed)
    hidden = [layers.Dense(units, activation="relu") for units in (32, 16)]
    model = glia.Sequential(
        [glia.Input(shape=(20,)), *hidden, layers.Dense(units, activation=activation)]
    )
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    history = model.fit(x_train, y_train, epochs=epochs, validation_split=0.2, verbose=0)
    return model, history.history, model.evaluate(x_test, y_test, verbose=0)[1]


def iris(data, seed: int):
    """The iris network with every block the tutorial uses; history and test accuracy."""
    x_train, x_test, y_train, y_test = data
    glia.seed(seed)
    model = glia.Sequential()
    model.add(layers.Dense(64, activation="relu", input_shape=(4,), kernel_initializer="he_normal"))
    model.add(layers.BatchNormalization())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(3, activation="softmax"))
    model.compile(
        optimizer=glia.optimizers.Adam(learning_rate=0.001),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    stopping = glia.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    history = model.fit(
        x_train,
        y_train,
        epochs=100,
        batch_size=16,
        validation_split=0.2,
        callbacks=[stopping],
        verbose=0,
    )
    return model, history.history, model.evaluate(x_test, y_test, verbose=0)[1]


def test_porting_changes_import_lines_only() -> None:
    program = 'from tensorflow import keras\nfrom tensorflow.keras import layers\nx = "import"\n'
    assert ported(program) == 'import glia as keras\nfrom glia import layers\nx = "import"'


@pytest.mark.parametrize("seed", range(3))
def test_the_tutorials_churn_program(seed: int, capsys) -> None:
    names = run(tutorial("000"), seed)
    capsys.readouterr()
    names["model"].summary()
    assert counts(capsys.readouterr().out) == CHURN_SUMMARY | {"total": 1217}
    assert names["test_acc"] >= 0.95
    assert len(names["history"].history["val_loss"]) == 20


def test_the_tutorials_iris_program(capsys) -> None:
    program = tutorial("001")
    for seed in range(10):
        names = run(program, seed)
        printed = capsys.readouterr().out
        assert names["acc"] >= 0.93, f"seed {seed}"
        assert f"Test Accuracy: {names['acc']:.4f}" in printed
        assert counts(printed)["total"] == 4 * 64 + 64 + 4 * 64 + 64 * 32 + 32 + 32 * 3 + 3
        seen = names["history"].history
        # What it draws are the four curves of its own history.
        drawn = [call.args[0] for axis in ("ax1", "ax2") for call in names[axis].plot.mock_calls]
        assert drawn == [seen[key] for key in ("loss", "val_loss", "accuracy", "val_accuracy")]


@pytest.mark.parametrize("seed", range(3))
def test_the_churn_network(seed: int, customers, capsys) -> None:
    model, history, accuracy = churn(customers, seed)
    model.summary()
    printed = capsys.readouterr().out
    assert counts(printed) == CHURN_SUMMARY | {"total": 1217}
    assert [layer.count_params() for layer in model.layers] == [672, 528, 17]
    assert accuracy >= 0.95
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(curve) == 20 for curve in history.values())


def test_the_iris_network_for_ten_seeds(flowers) -> None:
    runs = [iris(flowers, seed) for seed in range(10)]
    assert min(accuracy for *_, accuracy in runs) >= 0.93
    assert {model.count_params() for model, *_ in runs} == {2755}
    assert min(len(history["loss"]) for _, history, _ in runs) < 100, "never stopped early"


def test_early_stopping_leaves_the_weights_of_the_best_epoch(flowers) -> None:
    x_train, _, y_train, _ = flowers
    held_out = (x_train[:24], y_train[:24])
    model, *_ = iris(flowers, 0)
    stopping = glia.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    history = model.fit(
        x_train[24:],
        y_train[24:],
        epochs=300,
        validation_data=held_out,
        callbacks=[stopping],
        verbose=0,
    ).history
    assert len(history["val_loss"]) - 1 - np.argmin(history["val_loss"]) == 3
    loss, _ = model.evaluate(*held_out, verbose=0)
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-6)


def test_a_two_way_softmax_works_as_well_as_one_sigmoid(customers) -> None:
    means = {
        head: np.mean([churn(customers, seed, head, epochs=12)[2] for seed in range(3)])
        for head in HEADS
    }
    assert means["sigmoid"] >= 0.95
    for head, accuracy in means.items():
        assert abs(accuracy - means["sigmoid"]) <= 0.01, f"{head}: {means}"


def test_the_three_ways_to_write_a_softmax_target_train_alike(customers) -> None:
    _, sparse, _ = churn(customers, 0, "sparse", epochs=3)
    _, one_hot, _ = churn(customers, 0, "one-hot", epochs=3)
    _, integers, _ = churn(customers, 0, "integers", epochs=3)
    assert integers == one_hot
    for name, curve in sparse.items():
        assert curve == pytest.approx(one_hot[name], rel=1e-4), name
