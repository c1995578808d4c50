"""The five small data sets that come with scikit-learn, as tables."""

from __future__ import annotations

import numpy as np

from .extras import extra
from .table import Column, Table, column_of_numbers

__all__ = ["BUNDLED", "bundled_table"]

# Each set's name and what its target column says, all of them called "target".
BUNDLED = {
    "breast_cancer": "diagnosis of a tumour: benign or malignant",
    "diabetes": "progression of the disease after a year",
    "digits": "the digit in an image of 8 by 8 pixels",
    "iris": "species of the flower",
    "wine": "cultivar of the grape",
}


def bundled_table(name: str) -> Table:
    """Return one of :data:`BUNDLED`, its target in the column ``"target"``.

    Raises
    ------
    ArgumentError
        If scikit-learn is missing.
    """
    datasets = extra("sklearn.datasets", f"the bundled data set {name!r}")
    options = {"scaled": False} if name == "diabetes" else {}
    bunch = getattr(datasets, f"load_{name}")(**options)
    columns = {
        feature: column_of_numbers(feature, values)
        for feature, values in zip(map(str, bunch.feature_names), bunch.data.T, strict=True)
    }
    target = np.asarray(bunch.target)
    if name in ("iris", "wine", "breast_cancer"):
        levels = np.array([str(each) for each in bunch.target_names], object)
        columns["target"] = Column("target", "text", target.astype(np.int32), levels)
    else:
        columns["target"] = column_of_numbers("target", target)
    return Table(columns, len(target), name, target="target")
