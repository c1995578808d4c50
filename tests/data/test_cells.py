"""What one cell says: a number, nothing, a date."""

from datetime import UTC, datetime

import numpy as np
import pytest

from glia.data.cells import is_missing, number_style, numbers_in, parsed_numbers, truth_values
from glia.data.dates import compact_dates, dates_in, day_order


@pytest.mark.parametrize("text", ["", "  ", "?", "NA", "n/a", "NaN", "NULL", "<NA>", "NaT", "#N/A"])
def test_a_cell_that_says_nothing_is_missing(text: str) -> None:
    assert is_missing(text)
    np.testing.assert_array_equal(parsed_numbers(["1", text]), [1, np.nan])


@pytest.mark.parametrize("text", ["None", "no", "0", "none at all", "nanny", "-"])
def test_an_answer_is_not_missing(text: str) -> None:
    assert not is_missing(text)


def test_numbers_are_read_as_python_reads_them() -> None:
    cells = ["1", "-2.5", "+3", ".5", "4.", " 6 ", "1e3", "1E-3", "1e308"]
    np.testing.assert_array_equal(parsed_numbers(cells), [float(cell) for cell in cells])


@pytest.mark.parametrize(
    "text", ["1_000", "1,000", "1 000", "0x1F", "12abc", "$5", "5%", "1e", "--1"]
)
def test_what_is_no_plain_number_makes_a_text(text: str) -> None:
    assert parsed_numbers(["1", text, "2"]) is None


@pytest.mark.parametrize(
    ("levels", "style", "values"),
    [
        (["1,234,567", "1,000", "12"], "1,234.5", [1234567, 1000, 12]),
        (["1,234.50", "999.00"], "1,234.5", [1234.5, 999]),
        (["3,14", "2,718", "5"], "1.234,5", [3.14, 2.718, 5]),
        (["1.234,5", "99,25"], "1.234,5", [1234.5, 99.25]),
        (["0,125", "0,250"], "1.234,5", [0.125, 0.25]),
    ],
)
def test_a_separator_is_understood_where_only_one_meaning_fits(levels, style, values) -> None:
    assert number_style(levels) == style
    found, is_read = numbers_in(levels, style)
    np.testing.assert_allclose(found, values)
    assert is_read.all()


@pytest.mark.parametrize(
    "levels",
    [["1,234", "5,678"], ["1,234", "12"], ["1,5", "1,234.5"], ["1,2,3"], ["a,b"], ["12", "1.5"]],
)
def test_a_separator_of_two_meanings_stays_text(levels: list[str]) -> None:
    assert number_style(levels) == "plain"


def test_truth_needs_both_words_and_nothing_else() -> None:
    assert truth_values(["No", "Yes"]) == {"No": False, "Yes": True}
    assert truth_values(["F", "T"]) == {"F": False, "T": True}
    assert truth_values(["yes"]) is None
    assert truth_values(["yes", "no", "maybe"]) is None
    assert truth_values(["yes", "false"]) is None


def seconds(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-31", (2024, 12, 31)),
        ("2024/12/31", (2024, 12, 31)),
        ("1949-01", (1949, 1, 1)),
        ("2024-12-31 23:59", (2024, 12, 31, 23, 59)),
        ("2024-12-31T23:59:58Z", (2024, 12, 31, 23, 59, 58)),
        ("2024-12-31T23:59:58+02:00", (2024, 12, 31, 21, 59, 58)),
        ("31.12.2024", (2024, 12, 31)),
        ("31/12/2024", (2024, 12, 31)),
        ("12/31/2024", (2024, 12, 31)),
        ("12/31/24 1:30 PM", (2024, 12, 31, 13, 30)),
        ("12/31/1999 12:05 am", (1999, 12, 31, 0, 5)),
        ("31 Dec 2024", (2024, 12, 31)),
        ("31-Dec-99", (1999, 12, 31)),
        ("December 31, 2024", (2024, 12, 31)),
        ("Dec 31 2024", (2024, 12, 31)),
        ("Tue, 31 December 2024 08:00", (2024, 12, 31, 8)),
        ("Dec 2024", (2024, 12, 1)),
    ],
)
def test_dates_are_read_in_many_forms(text: str, moment: tuple[int, ...]) -> None:
    assert dates_in([text])[0] == seconds(*moment)


@pytest.mark.parametrize(
    "text", ["2024-13-01", "30/02/2024", "2024", "12-34", "1.5", "noon", "555-1234", "Mayor 2024"]
)
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert np.isnan(dates_in([text])[0])


def test_a_day_above_twelve_shows_the_order_of_the_others() -> None:
    assert (day_order(["3/4/2024", "25/4/2024"]).is_day_first, True) == (True, True)
    order = day_order(["3/4/2024", "4/25/2024"])
    assert (order.is_day_first, order.is_certain) == (False, True)
    order = day_order(["3/4/2024", "5/6/2024"])
    assert (order.is_day_first, order.is_certain) == (False, False)
    assert day_order(["3.4.2024"]).is_day_first
    assert dates_in(["3/4/2024"], True)[0] == seconds(2024, 4, 3)
    assert dates_in(["3/4/2024"], False)[0] == seconds(2024, 3, 4)


def test_numbers_are_dates_only_if_each_is_a_day() -> None:
    found = compact_dates(np.array([20240229.0, 20241231.0]))
    np.testing.assert_array_equal(found, [seconds(2024, 2, 29), seconds(2024, 12, 31)])
    assert compact_dates(np.array([20240229.0, 20241331.0])) is None
    assert compact_dates(np.array([20230229.0, 20241231.0])) is None
    assert compact_dates(np.array([1.0, 20241231.0])) is None
