"""Settings: refused where they make no sense, stored and written as a command without loss."""

import shlex

import pytest

from glia.errors import ArgumentError
from glia.tables import Settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "binray"}, "Did you mean 'binary'"),
        ({"order": "shuffled"}, "unknown order"),
        ({"kinds": {"a": "number"}}, "Did you mean 'numeric'"),
        ({"hidden": (0,)}, "hidden got 0"),
        ({"hidden": (4.5,)}, "hidden got 4.5"),
        ({"hidden": (1,) * 51}, "51 layers"),
        ({"hidden": (100_001,)}, "from 1 to 100000"),
        ({"epochs": 0}, "epochs got 0"),
        ({"epochs": True}, "epochs got True"),
        ({"seed": -1}, "seed got -1"),
        ({"seed": 2**64}, "seed got"),
        ({"patience": 0}, "patience got 0"),
        ({"batch_size": 0}, "batch_size got 0"),
        ({"learning_rate": 0.0}, "learning_rate got 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate got nan"),
        ({"weight_decay": -0.1}, "weight_decay got -0.1"),
        ({"dropout": 1.0}, "dropout got 1.0"),
        ({"test_share": 0.0}, "test_share got 0.0"),
        ({"validation_share": 1.0}, "validation_share got 1.0"),
        ({"test_share": 0.6, "validation_share": 0.4}, "leave no rows to train on"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(change, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Settings(target="y", **change)


FULL = Settings(
    target="price in €",
    task="regression",
    hidden=(),
    epochs=7,
    seed=3,
    batch_size=16,
    learning_rate=0.01,
    dropout=0.5,
    weight_decay=0.0,
    patience=2,
    test_share=0.3,
    validation_share=0.1,
    order="tail",
    kinds={"zip code": "category", "id": "drop"},
    has_baselines=False,
)


@pytest.mark.parametrize("settings", [Settings(target="y"), FULL])
def test_settings_survive_json(settings: Settings) -> None:
    assert Settings.from_config(settings.to_config()) == settings


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'epochs'"):
        Settings.from_config({"target": "y", "epoch": 3})


def test_the_command_leaves_defaults_out_and_says_the_seed() -> None:
    assert Settings(target="y").command("t.csv") == "glia train t.csv --target y --seed 0"


def test_the_command_names_everything_else() -> None:
    words = shlex.split(FULL.command("my table.csv", "test.csv"))
    assert words[:7] == [
        "glia", "train", "my table.csv", "--target", "price in €", "--test", "test.csv",
    ]  # fmt: skip
    rest = words[7:]
    assert rest[rest.index("--hidden") + 1] == "none"
    assert rest[rest.index("--learning-rate") + 1] == "0.01"
    assert rest.count("--kind") == 2
    assert "zip code=category" in rest
    assert "--no-baselines" in rest
