"""Whatever is wrong is one line on stderr and an exit code, never a traceback."""

import json
import os

import pytest
from tests.tables.planted import columns, without, write

from glia.cli import exits
from glia.errors import DataError

from .conftest import FAST


def fails(result, code: int, *words: str) -> str:
    """Check the exit code and that stderr is one line that holds these words; return it."""
    assert result.exit_code == code, (result.exit_code, result.output)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("glia: ")
    assert "Traceback" not in result.output
    for word in words:
        assert word in lines[0], lines[0]
    return lines[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("train",), 2, ("Missing argument 'FILE'", "see glia train --help")),
        (("train", "iris", "--foo"), 2, ("No such option", "--foo")),
        (("trian", "iris"), 2, ("trian", "see glia --help")),
        (("train", "iris", "--epochs", "many"), 2, ("--epochs",)),
        (("train", "nofile.csv", "-t", "y"), 1, ("nofile.csv",)),
        (("train", "irsi"), 1, ("irsi", "iris")),
        (("train", "people.csv"), 1, ("which column", "Name the target", "leaves")),
        (("train", "people.csv", "-t", "leavse"), 1, ("Did you mean 'leaves'",)),
        (("train", "people.csv", "-t", "leaves", "--task", "guess"), 1, ("unknown task",)),
        (("train", "people.csv", "-t", "leaves", "--task", "regression"), 1, ("numbers",)),
        (("train", "people.csv", "-t", "since"), 1, ("date",)),
        (("train", "people.csv", "-t", "id"), 1, ("too many for classes",)),
        (("train", "people.csv", "-t", "leaves", "--hidden", "3,x"), 1, ("--hidden got '3,x'",)),
        (("train", "people.csv", "-t", "leaves", "--hidden", "-3"), 1, ("hidden got -3",)),
        (("train", "people.csv", "-t", "leaves", "--kind", "plan"), 1, ("COLUMN=KIND",)),
        (("train", "people.csv", "-t", "leaves", "--kind", "plan=n"), 1, ("unknown kind",)),
        (("train", "people.csv", "-t", "leaves", "--kind", "plam=drop"), 1, ("'plan'",)),
        (("train", "people.csv", "-t", "leaves", "--seed", "-1"), 1, ("seed got -1",)),
        (("train", "people.csv", "-t", "leaves", "--test", "no.csv"), 1, ("no.csv",)),
        (("train", "people.csv", "-t", "leaves", "-o", "no/m.glia"), 1, ("no folder no",)),
        (("train", "people.csv", "-t", "leaves", "-o", "."), 1, ("it is a folder",)),
        (("train", "people.csv", "-t", "leaves", "--json", "no/r"), 1, ("no folder no",)),
        (("train", ".", "-t", "y"), 1, (".",)),
        (("predict", "no.glia", "people.csv"), 1, ("no.glia",)),
        (("predict", "people.csv", "people.csv"), 1, ("people.csv",)),
        (("predict", "{m}", "no.csv"), 1, ("no.csv",)),
        (("predict", "{m}", "bare.csv"), 1, ("lacks", "'plan'")),
        (("predict", "{m}", "people.csv", "--keep", "plam"), 1, ("Did you mean 'plan'",)),
        (("predict", "{m}", "people.csv", "-o", "no/out.csv"), 1, ("no folder no",)),
        (("evaluate", "{m}", "people.csv", "--target", "leavse"), 1, ("Did you mean 'leaves'",)),
        (("evaluate", "{m}", "people.csv", "--target", "plan"), 1, ("training only saw",)),
        (("summary", "no.glia"), 1, ("no.glia",)),
        (("explain", "{m}", "people.csv", "--row", "121"), 1, ("--row 121", "120 rows")),
        (("explain", "{m}", "people.csv", "--row", "0"), 1, ("--row 0",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_mistake_is_one_line(run, file, here, trained, words, code, said) -> None:
    write(here / "bare.csv", without(["plan", "cost"], 20))
    filled = [word.format(m=trained / "m.glia") for word in words]
    fast = FAST if len(words) > 2 and words[0] == "train" else ()
    fails(run(*filled[:2], *fast, *filled[2:]), code, *said)


def repeated(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode()


def date(row: int) -> str:
    """A day of March in one of three spellings."""
    spelling = ("2024-03-{:02d}", "{:02d}/03/2024", "{:02d}.03.2024")[row % 3]
    return spelling.format(row % 27 + 1)


BODY = [f"{row},{'ab'[row % 2]}" for row in range(30)]
HOSTILE = {
    "empty": (b"", 1),
    "only a header": (b"a,b,y\n", 1),
    "one row": (b"a,y\n1,2\n", 1),
    "one column": (repeated("y", *(str(row % 2) for row in range(30))), 1),
    "constant target": (repeated("a,y", *(f"{row},x" for row in range(30))), 1),
    "empty target": (repeated("a,y", *(f"{row}," for row in range(30))), 1),
    "surplus cells": (repeated("a,y", *BODY, "1,a,z"), 1),
    "target twice": (repeated("y,y", *BODY), 1),
    "a quote never closed": (repeated("a,y", '"1,a', *BODY), 1),
    "zero bytes": (b"\0" * 400, 1),
    "noise": (bytes(range(256)) * 20, 1),
    "all missing": (repeated("a,y", *(f"NA,{'ab'[row % 2]}" for row in range(30))), 1),
    "short rows": (repeated("a,b,y", *(f"{row},1,{'ab'[row % 2]}" for row in range(30)), "7"), 0),
    "not UTF-8": (repeated("a,y", *BODY).replace(b"a,y", b"caf\xe9,y"), 0),
    "byte order mark": (b"\xef\xbb\xbf" + repeated("a,y", *BODY), 0),
    "semicolons": (repeated("a,y", *BODY).replace(b",", b";"), 0),
    "huge numbers": (repeated("a,y", *BODY, "1e308,a", "-1e308,b"), 0),
    "infinities": (repeated("a,y", *BODY, "inf,a", "nan,b"), 0),
    "mixed types": (
        repeated("b,a,y", *(f"{row % 5},{line}" for row, line in enumerate(BODY)), "1,seven,a"),
        0,
    ),
    "dates in three formats": (
        repeated("d,a,y", *(f"{date(row)},{line}" for row, line in enumerate(BODY))),
        0,
    ),
    "duplicate header": (repeated("a,a,y", *(f"{row},{line}" for row, line in enumerate(BODY))), 0),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_is_an_answer_or_one_line(run, here, name: str) -> None:
    content, code = HOSTILE[name]
    (here / "hostile.csv").write_bytes(content)
    result = run("train", "hostile.csv", "-t", "y", *FAST, "--json", "r.json")
    if code:
        assert "hostile.csv" in fails(result, code) or "'y'" in result.stderr
        assert not (here / "hostile.glia").exists()
    else:
        assert result.exit_code == 0, result.output
        assert json.loads((here / "r.json").read_text())["verdict"]


def test_advice_is_given_in_words_of_the_command_line(run, here) -> None:
    rows = [f"text {row},{'ab'[row % 2]}" for row in range(60)]
    (here / "texts.csv").write_bytes(repeated("a,y", *rows))
    fails(run("train", "texts.csv", "-t", "y", *FAST), 1, "--kind name=category")


def test_ten_thousand_columns_are_an_answer(run, here) -> None:
    header = ",".join([*(f"c{place}" for place in range(10_000)), "y"])
    rows = [
        ",".join([*(str((place * row) % 13) for place in range(10_000)), "ab"[row % 2]])
        for row in range(30)
    ]
    (here / "wide.csv").write_bytes(repeated(header, *rows))
    result = run("train", "wide.csv", "-t", "y", *FAST)
    assert result.exit_code == 0, result.output
    assert "would take too long" in " ".join(result.stdout.split())
    wrong = run("train", "wide.csv", "-t", "z", *FAST)
    assert len(fails(wrong, 1, "'z'")) < 2000


@pytest.mark.parametrize("cut", [0, 1, 8, 100, 0.5, -1])
def test_a_damaged_model_is_one_line(run, here, trained, cut) -> None:
    whole = (trained / "m.glia").read_bytes()
    size = int(len(whole) * cut) if isinstance(cut, float) else cut
    (here / "cut.glia").write_bytes(whole[:size])
    for words in (("summary",), ("predict", trained / "people.csv")):
        fails(run(words[0], "cut.glia", *words[1:]), 1, "cut.glia")


@pytest.mark.parametrize("record", [{"usual": 3}, {"data": []}, {"versions": 1, "data": {}}])
def test_a_model_with_a_strange_record_still_predicts(run, here, trained, record) -> None:
    from glia.tables import TableModel

    model = TableModel.load(trained / "m.glia")
    model.record = record
    model.save(here / "odd.glia")
    assert run("predict", "odd.glia", trained / "people.csv").exit_code == 0
    fails(run("summary", "odd.glia"), 1, "record")
    fails(run("explain", "odd.glia", trained / "people.csv"), 1, "usual")


def test_a_full_disk_is_one_line(run, file, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "m.glia")

    monkeypatch.setattr("glia.cli.train.prepare", full)
    fails(run("train", file, "-t", "leaves"), 1, "m.glia: No space left on device")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 1, "not enough memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (DataError("two\nlines"), 1, "two lines"),
        (ZeroDivisionError("odd"), 3, "a defect in glia: ZeroDivisionError: odd"),
    ],
)
def test_every_kind_of_error_has_its_exit_code(run, file, monkeypatch, error, code, said) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.delenv(exits.TRACEBACK, raising=False)
    monkeypatch.setattr("glia.cli.train.prepare", fail)
    fails(run("train", file, "-t", "leaves"), code, said)


def test_whoever_mends_glia_can_see_where_it_failed(run, file, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setenv(exits.TRACEBACK, "1")
    monkeypatch.setattr("glia.cli.train.prepare", fail)
    assert isinstance(run("train", file, "-t", "leaves").exception, ZeroDivisionError)


def test_what_only_deserves_a_note_is_a_line_and_no_error(run, file, monkeypatch) -> None:
    import warnings

    from glia.cli import train

    real = train.prepare

    def warn(*arguments):
        warnings.warn("mind this", UserWarning, stacklevel=1)
        warnings.warn("not this", RuntimeWarning, stacklevel=1)
        return real(*arguments)

    monkeypatch.setattr(train, "prepare", warn)
    result = run("train", file, "-t", "leaves", *FAST)
    assert result.exit_code == 0, result.output
    assert result.stderr == "glia: note: mind this\n"


def test_the_exit_codes_are_in_the_help_and_in_the_manual(run) -> None:
    manual = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "command-line.md")
    with open(manual, encoding="utf-8") as file:
        text = file.read()
    told = " ".join(run("--help").stdout.split())
    for code, meaning in exits.EXIT_CODES.items():
        assert f"{code} {meaning}"[:40] in told
        assert f"| {code} | {meaning} |" in text


def test_columns_written_by_name_are_never_those_of_the_answers(run, here, trained) -> None:
    content = columns(20)
    content["prediction"] = ["x"] * 20
    write(here / "clash.csv", content)
    result = run("predict", trained / "m.glia", "clash.csv", "--keep", "prediction")
    fails(result, 1, "--keep 'prediction'")
