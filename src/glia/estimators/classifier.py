"""GliaClassifier: a network that tells classes apart, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .. import ops
from ..errors import ArgumentError, DataError
from ..models import Model
from .estimator import Array, Estimator
from .network import Head, Network

__all__ = ["GliaClassifier"]

MULTILABEL = "multilabel-indicator"
BINARY = "binary_crossentropy"
CATEGORICAL = "sparse_categorical_crossentropy"


class GliaClassifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """A neural network that tells two or more classes apart, or gives several labels at once.

    Inputs are standardised by the training rows' mean and deviation. The head and its loss follow
    the targets: one sigmoid for two classes, a softmax for more, and a sigmoid for each column
    where y is a 0/1 matrix of labels.

    Parameters
    ----------
    hidden : int or tuple of int
        Sizes of the hidden layers; ``()`` for logistic regression.
    model : Model or callable, optional
        A network of one's own instead: a glia model, which every fit copies with the weights it
        has, or a function ``build(shape, units)`` called anew by every fit, ``shape`` being that
        of one row and ``units`` the outputs wanted (1 for two classes). Its own loss and optimizer
        are used if it is compiled. ``hidden``, ``activation`` and ``alpha`` then have no part.
    activation : str or callable
        Of the hidden layers; the smooth gelu does better than relu where rows are few and noisy.
    alpha : float or "auto"
        Strength of the L2 penalty: ``alpha / 2`` times the sum of the squared weights. ``"auto"``
        is ``10 / (rows * outputs)``, a softmax being one output, and 1e-4 in ``partial_fit``.
    optimizer : str or Optimizer
        Who moves the weights; an object is copied.
    learning_rate : float, optional
        The step size, if not the optimizer's own.
    batch_size, epochs : int
        Rows per step; most passes over the rows.
    early_stopping : {"auto", True, False}
        Whether ``validation_fraction`` of the rows is held back to stop by, keeping the weights
        that did best on them; ``"auto"`` does so from 1000 rows on. Otherwise training ends when
        the training loss no longer falls.
    validation_fraction : float
        Share of the rows held back, of each class alike.
    patience : int
        Epochs without improvement before training ends.
    class_weight : dict, "balanced" or None
        How much the rows of each class count; ``"balanced"`` gives all classes the same total.
    scale : bool
        Whether the inputs are standardised.
    warm_start : bool
        Whether ``fit`` continues from the weights and scaling of the last fit.
    random_state : int, RandomState or None
        Seeds initial weights, split and order of the rows: equal seeds give equal bits. None
        draws a seed from NumPy, as everywhere in scikit-learn. glia's own seed is not touched.
    verbose : {0, 1, 2, "auto"}
        As in ``Model.fit``.

    Attributes
    ----------
    classes_ : ndarray
        The classes in the order of ``predict_proba``'s columns.
    model_ : Model
        The trained network, from rows to probabilities; ``model_.save`` stores it.
    n_features_in_, feature_names_in_ : int, ndarray of str
        The features, and their names where X had any.
    n_outputs_ : int
        Units of the network's last layer.
    n_iter_ : int
        Epochs run.
    loss_curve_, validation_loss_curve_ : list of float
        Losses of each epoch, the second where rows were held back.

    Notes
    -----
    Estimators can be pickled and copied, as joblib does: a pickle holds parameters, layers,
    weights and the optimizer's state as plain objects, and running code is recorded anew. As every
    pickle it can run code when loaded; what strangers shall load is saved by ``model_.save``.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> glia.GliaClassifier(random_state=0).fit(X, y).predict_proba(X[:3])
    """

    def __init__(
        self,
        hidden: Any = (64, 32),
        *,
        model: Any = None,
        activation: Any = "gelu",
        alpha: float | str = "auto",
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        batch_size: int = 32,
        epochs: int = 200,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        patience: int = 10,
        class_weight: Any = None,
        scale: bool = True,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.model = model
        self.activation = activation
        self.alpha = alpha
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.class_weight = class_weight
        self.scale = scale
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _encode(self, y: Array, weight: Array, classes: Any, is_new: bool) -> Array:
        check_classification_targets(y)
        is_multilabel = type_of_target(y) == MULTILABEL
        if hasattr(y, "toarray"):
            y = y.toarray()
        if not is_multilabel:
            y = column_or_1d(y, warn=True)
        if is_new:
            self._is_multilabel = is_multilabel
            self.classes_ = self._found_classes(y, weight, classes)
            count = len(self.classes_)
            self.n_outputs_ = 1 if count == 2 and not is_multilabel else count
        if is_multilabel != self._is_multilabel:
            raise DataError(
                "y changed between one class and several labels for each row; expected y as in "
                "the first fit"
            )
        if is_multilabel:
            if y.shape[1] != self.n_outputs_:
                raise DataError(f"y has {y.shape[1]} labels; expected {self.n_outputs_} as before")
            return y.astype(np.int64)
        is_known = np.isin(y, self.classes_)
        if not is_known[weight > 0].all():
            unknown = np.unique(y[~is_known & (weight > 0)])
            raise DataError(
                f"y holds the classes {unknown[:5].tolist()}, which are not among those of the "
                f"first call: {self.classes_[:20].tolist()}; name all classes there"
            )
        # Rows of weight 0 may hold a class nobody counts; they are dropped before training.
        return np.where(is_known, np.searchsorted(self.classes_, y), 0)

    def _found_classes(self, y: Array, weight: Array, classes: Any) -> Array:
        if y.ndim == 2:
            return np.arange(y.shape[1])
        if classes is None and self._is_partial:
            raise DataError(
                "classes is missing in the first call of partial_fit; expected all the classes "
                "there will be, such as classes=np.unique(y_all)"
            )
        found = np.unique(y[weight > 0] if classes is None else classes)
        if len(found) < 2:
            raise DataError(
                f"y has only one class, {found[0]!r}, among the rows that count; expected at least "
                "2 classes to tell apart"
            )
        return found

    def _labels(self, targets: Array) -> Array | None:
        if self._is_multilabel:
            return None
        sizes = np.bincount(targets, minlength=len(self.classes_))
        held = len(targets) * self.validation_fraction
        is_splittable = sizes[sizes > 0].min() >= 2 and held >= len(sizes)
        return targets if is_splittable else None

    def _emphasis(self, targets: Array, weight: Array) -> Array:
        given = self.class_weight
        if given is None:
            return weight
        if self._is_multilabel:
            raise ArgumentError("class_weight needs one class for each row; use sample_weight")
        if given == "balanced":
            if self._is_partial:
                raise ArgumentError(
                    "class_weight='balanced' needs all rows, which partial_fit never sees; give a "
                    "dict of weights"
                )
            totals = np.bincount(targets, weight, len(self.classes_))
            factors = weight.sum() / (len(totals) * np.where(totals == 0, 1, totals))
            return np.asarray(weight * factors[targets])
        if not isinstance(given, dict):
            raise ArgumentError(
                f"class_weight got {given!r}; expected a dict such as {{0: 1.0, 1: 5.0}}, "
                "'balanced' or None"
            )
        known = self.classes_.tolist()
        for label in given:
            if label not in known:
                raise ArgumentError(
                    f"class_weight names {label!r}, which is no class of y: {known[:20]}"
                )
        factors = np.array([float(given.get(label, 1.0)) for label in known])
        return np.asarray(weight * factors[targets])

    def _head(self) -> Head:
        if self._is_multilabel:
            return Head(self.n_outputs_, "sigmoid", BINARY)
        if self.n_outputs_ == 1:
            return Head(1, "sigmoid", BINARY, pair_loss=CATEGORICAL)
        return Head(self.n_outputs_, "softmax", CATEGORICAL)

    def _finished(self, network: Network) -> Any:
        # log(sigmoid) and log(softmax) of one graph are compiled in their stable forms.
        chances = network.model.output
        if self._is_multilabel or chances.shape[-1] == 1:
            logs = ops.concatenate([ops.log(1 - chances), ops.log(chances)], -1)
        else:
            logs = ops.log(chances)
        self._logs = Model(network.model.input, logs)
        return network.model

    def predict_proba(self, X: Any) -> Array:
        """Return probabilities, ``(n, classes)``.

        Each row sums to 1, except for a y of several labels, where each column stands alone.
        """
        answers = self._outputs(X)
        if self._is_multilabel or answers.shape[1] > 1:
            return answers
        return np.concatenate([1 - answers, answers], axis=1)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of :meth:`predict_proba`, exact also where that rounds to 0."""
        logs = self._outputs(X, "_logs")
        return logs[:, self.n_outputs_ :] if self._is_multilabel else logs

    def decision_function(self, X: Any) -> Array:
        """Return scores whose order is that of the probabilities, and which never saturate.

        Log-odds ``log(p / (1 - p))`` of the second of two classes ``(n,)`` or of each of several
        labels ``(n, labels)``; ``log p`` of each class ``(n, classes)`` of more than two.
        """
        logs = self._outputs(X, "_logs")
        if self._is_multilabel:
            return logs[:, self.n_outputs_ :] - logs[:, : self.n_outputs_]
        return logs[:, 1] - logs[:, 0] if len(self.classes_) == 2 else logs

    def predict(self, X: Any) -> Array:
        """Return the likeliest class of each row ``(n,)``, or a 0/1 matrix of labels."""
        chances = self.predict_proba(X)
        if self._is_multilabel:
            return (chances > 0.5).astype(np.int64)
        return np.asarray(self.classes_[chances.argmax(axis=1)])
