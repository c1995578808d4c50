"""The real tables: what is understood of each column, and rows never seen before."""

import json

import numpy as np
import pytest

from glia.data import Schema, read_table, split_table
from glia.errors import DataError


def kinds(schema: Schema) -> dict[str, str]:
    return {row["column"]: row["kind"] for row in schema.describe()}


def test_telco_churn(real) -> None:
    table = real("telco-churn")
    schema = Schema.fit(table, "Churn")
    found = kinds(schema)
    assert found["customerID"] == "identifier"
    assert found["TotalCharges"] == found["tenure"] == "numeric"
    assert found["Partner"] == "boolean"
    assert found["Contract"] == "category"
    assert table["TotalCharges"].missing.sum() == 11
    assert [schema.numbers[place] for place in schema.incomplete] == ["TotalCharges"]
    assert schema.classes == ["No", "Yes"]
    assert np.bincount(schema.encode_target(table)).tolist() == [5174, 1869]
    assert any("'No' is 73.5% of the rows and 'Yes' 26.5%" in notice for notice in schema.notices)
    shapes = {name: array.shape for name, array in schema.encode(table).items()}
    assert shapes == {"numbers": (7043, 8), "missing": (7043, 8), "categories": (7043, 11)}


def test_adult_and_its_test_file(real) -> None:
    schema = Schema.fit(real("adult-train"), "income")
    assert schema.classes == ["<=50K", ">50K"]
    assert "identifier" not in kinds(schema).values()
    rows = {row["column"]: row for row in schema.describe()}
    assert [rows[name]["missing"] for name in ("workclass", "occupation")] == [1836, 1843]
    sizes = dict(zip(schema.category_names, schema.category_sizes, strict=True))
    # Holland has one row; its level is one with the missing.
    assert (sizes["sex"], sizes["education"], sizes["native_country"]) == (2, 16, 40)
    assert schema.representations.count("embedding") == 3
    test = real("adult-test")
    arrays = schema.encode(test)
    assert arrays["categories"].shape == (16281, 8)
    assert (arrays["categories"].max(axis=0) <= schema.category_sizes).all()
    assert np.bincount(schema.encode_target(test)).tolist() == [12435, 3846]


def test_titanic_with_new_ports_and_missing_cells(real) -> None:
    table = real("titanic")
    schema = Schema.fit(table, "survived", kinds={"alive": "drop"})
    assert {schema.numbers[place] for place in schema.incomplete} == {"age"}
    rows = read_table(
        {
            **{name: [None, None] for name in schema.columns},
            "embark_town": ["Hamburg", "Cherbourg"],
            "age": ["unknown", 31],
            "fare": [None, 1e12],
        }
    )
    notices: list[str] = []
    arrays = schema.encode(rows, notices)
    town = schema.category_names.index("embark_town")
    assert arrays["categories"][:, town].tolist() == [0, 1]
    age = schema.numbers.index("age")
    assert arrays["missing"][:, age].tolist() == [1, 0]
    assert all(np.isfinite(array).all() for array in arrays.values())
    assert any("'Hamburg'" in notice for notice in notices)
    assert any("'fare': 1 cell such as 1e+12" in notice for notice in notices)
    with pytest.raises(DataError, match=r"lacks 'who', which the model was trained on"):
        schema.encode(table.drop(["who"]))


def test_pollution_is_a_regression_in_the_order_of_time(real) -> None:
    table = real("pollution")
    schema = Schema.fit(table, "pm2.5")
    assert schema.task == "regression"
    assert kinds(schema)["No"] == "identifier"
    assert "2067 rows have no 'pm2.5' and got left out; 41757 remain" in schema.notices
    training, validation, test = split_table(table, "pm2.5", order="tail")
    assert training["year"].values.max() <= validation["year"].values.min()
    assert validation["year"].values.max() <= test["year"].values.min()
    assert schema.center == pytest.approx(98.61, abs=0.01)
    np.testing.assert_allclose(
        schema.decode(schema.encode_target(training)), training["pm2.5"].values, atol=1e-3
    )


def test_airline_months_are_dates(real) -> None:
    schema = Schema.fit(real("airline-passengers"), "Passengers")
    assert schema.task == "regression"
    assert schema.numbers == ["Month: days", "Month: season sine", "Month: season cosine"]


@pytest.mark.parametrize("name", ["telco-churn", "titanic"])
def test_a_schema_in_json_is_small_and_encodes_alike(real, name: str) -> None:
    table = real(name)
    schema = Schema.fit(table, {"telco-churn": "Churn", "titanic": "survived"}[name])
    text = json.dumps(schema.to_config(), allow_nan=False)
    assert len(text) < 20_000
    again = Schema.from_config(json.loads(text))
    for key, array in schema.encode(table).items():
        np.testing.assert_array_equal(again.encode(table)[key], array)
