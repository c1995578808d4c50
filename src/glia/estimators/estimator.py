"""What both estimators share: parameters to network, rows to batches, epochs to attributes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_regressor
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ..callbacks import EarlyStopping
from ..dtypes import computing_in
from ..errors import ArgumentError, DataError
from ..random import Generator, drawing_from, permutation
from ..training.batches import count
from ..training.notices import unwarned
from ..training.splits import split_rows
from .network import FIDELITY, Head, Network, make_network
from .rows import Moments, Rows, merged

__all__ = ["Estimator"]

Array = np.ndarray[Any, Any]

# With fewer rows, holding some back costs more than knowing when to stop gains.
FEWEST_ROWS_TO_SPLIT = 1000
# alpha="auto" is this over the number of rows: as a prior, it matters less the more there are.
PENALTY_OF_ALL_ROWS = 10.0
# partial_fit cannot know how many rows will come.
PENALTY_OF_STREAMS = 1e-4
# The least fall of the loss that counts as one.
LEAST_FALL = 1e-4
LARGEST_SEED = 2**31 - 1


class Estimator(BaseEstimator):  # type: ignore[misc]
    """An estimator with a glia network inside; see GliaClassifier and GliaRegressor."""

    hidden: Any
    model: Any
    activation: Any
    alpha: float | str
    optimizer: Any
    learning_rate: float | None
    batch_size: int
    epochs: int
    early_stopping: bool | str
    validation_fraction: float
    patience: int
    scale: bool
    warm_start: bool
    random_state: Any
    verbose: Any
    loss_curve_: list[float]

    # What each kind of estimator adds.

    def _encode(self, y: Array, weight: Array, classes: Any, is_new: bool) -> Array:
        """Check the targets, learn from them what is new, and return them as training wants."""
        raise NotImplementedError

    def _emphasis(self, targets: Array, weight: Array) -> Array:
        """Return the weights with those of the classes."""
        return weight

    def _head(self) -> Head:
        """Return the last layer that the targets ask for."""
        raise NotImplementedError

    def _learn_scale(self, targets: Array, weight: Array, is_new: bool) -> None:
        """Learn how to scale the targets."""

    def _scaled(self, targets: Array) -> Array:
        """Return targets as the network should give them."""
        return targets

    def _finished(self, network: Network) -> Any:
        """Return the model that answers in the user's terms."""
        return network.model

    # Learning.

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from rows and their targets, from the start unless ``warm_start``.

        Equal rows count as one row with their weights added, and the order of the rows does not
        matter: it is drawn by ``random_state``.

        Parameters
        ----------
        X : array-like ``(n, features)``
            The rows; float32 stays float32, anything else is computed in float64.
        y : array-like ``(n,)`` or ``(n, outputs)``
            The targets.
        sample_weight : array-like ``(n,)``, optional
            How much each row counts; a row of weight 0 might as well be absent.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            For data that cannot be learnt from, or options out of range.
        """
        self._is_partial = False
        is_new = not (self.warm_start and hasattr(self, "model_"))
        X, y = self._validated(X, y, is_new)
        weight = _weights(sample_weight, X)
        targets = self._encode(y, weight, None, is_new)
        rows = merged(X, targets, weight)
        rows = _balanced(Rows(rows.X, rows.y, self._emphasis(rows.y, rows.weight)))
        with self._settings(X.dtype, is_new):
            training, held = self._split(rows)
            if is_new:
                self._moments = Moments.of(training.X, training.weight)
                self._learn_scale(training.y, training.weight, is_new)
                penalty = PENALTY_OF_ALL_ROWS / (len(training) * self._head().averaged)
                self._network = self._made(X.shape[1:], penalty)
                self._network.scale_by(self._moments)
            self._run(training, held, self.epochs)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, *, classes: Any = None) -> Any:
        """Go through some more rows once; scaling follows the rows seen so far.

        Parameters
        ----------
        X, y, sample_weight : array-like
            As for :meth:`fit`.
        classes : array-like, optional
            All the classes there will be; needed in a classifier's first call.

        Returns
        -------
        self
            The estimator.

        Raises
        ------
        ValueError
            As for :meth:`fit`.
        """
        self._is_partial = True
        is_new = not hasattr(self, "model_")
        X, y = self._validated(X, y, is_new)
        weight = _weights(sample_weight, X)
        targets = self._encode(y, weight, classes, is_new)
        rows = Rows(X, targets, self._emphasis(targets, weight)).at(np.flatnonzero(weight > 0))
        with self._settings(X.dtype, is_new):
            seen = Moments.of(rows.X, rows.weight)
            self._moments = seen if is_new else self._moments.joined(seen)
            self._learn_scale(rows.y, rows.weight, is_new)
            if is_new:
                self._network = self._made(X.shape[1:], PENALTY_OF_STREAMS)
            self._network.scale_by(self._moments)
            # Some rows of a stream may well be all of one class.
            with unwarned():
                self._run(rows, None, 1, is_more=not is_new)
        return self

    def _validated(self, X: Any, y: Any, is_new: bool) -> tuple[Array, Array]:
        X, y = validate_data(
            self,
            X,
            y,
            dtype=(np.float64, np.float32),
            multi_output=True,
            y_numeric=is_regressor(self),
            allow_nd=self.model is not None,
            reset=is_new,
        )
        return X, y

    def _settings(self, dtype: Any, is_new: bool) -> ExitStack:
        """Enter the estimator's own dtype and random numbers; glia's global ones stay as they are.

        A float32 array makes a float32 network, which later rows do not change.
        """
        if is_new:
            drawn = check_random_state(self.random_state).randint(LARGEST_SEED)
            self._generator = Generator(int(drawn))
            self._dtype = np.dtype(dtype)
        stack = ExitStack()
        stack.enter_context(computing_in(self._dtype))
        stack.enter_context(drawing_from(self._generator))
        return stack

    def _made(self, shape: tuple[int, ...], penalty: float) -> Network:
        self._shape = shape
        return make_network(
            shape,
            self._head(),
            hidden=self.hidden,
            model=self.model,
            activation=self.activation,
            alpha=penalty if self.alpha == "auto" else self.alpha,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            is_scaled=self.scale,
        )

    def _split(self, rows: Rows) -> tuple[Rows, Rows | None]:
        wanted = self.early_stopping
        if wanted == "auto":
            wanted = len(rows) >= FEWEST_ROWS_TO_SPLIT
        if wanted not in (True, False):
            raise ArgumentError(f"early_stopping got {wanted!r}; expected True, False or 'auto'")
        if not wanted:
            return rows, None
        labels = self._labels(rows.y)
        kept, held = split_rows(
            len(rows), self.validation_fraction, "stratified", labels, permutation
        )
        return rows.at(kept), rows.at(held)

    def _labels(self, targets: Array) -> Array | None:
        """Return each row's class where every class is common enough to be split, else None."""
        return None

    def _run(self, rows: Rows, held: Rows | None, epochs: int, is_more: bool = False) -> None:
        model = self._network.model
        stopping = EarlyStopping(
            monitor="loss" if held is None else f"val_{FIDELITY}",
            min_delta=LEAST_FALL if held is None else 0.0,
            patience=count(self.patience, "patience"),
            restore_best_weights=held is not None,
        )
        history = model.fit(
            rows.X,
            self._scaled(rows.y),
            batch_size=self.batch_size,
            epochs=epochs,
            verbose=self.verbose,
            callbacks=[stopping],
            sample_weight=_unless_ones(rows.weight),
            validation_data=None
            if held is None
            else (held.X, self._scaled(held.y), _unless_ones(held.weight)),
        )
        losses = history.history.get(FIDELITY, [])
        self.loss_curve_ = [*self.loss_curve_, *losses] if is_more else losses
        self.n_iter_ = len(self.loss_curve_)
        if held is not None:
            self.validation_loss_curve_ = history.history.get(f"val_{FIDELITY}", [])
        self.model_ = self._finished(self._network)

    # Answering.

    def _outputs(self, X: Any, model: str = "model_") -> Array:
        """Return what one of its models answers to some rows, ``(n, outputs)``."""
        check_is_fitted(self, "model_")
        X = validate_data(
            self,
            X,
            dtype=(np.float64, np.float32),
            allow_nd=self.model is not None,
            reset=False,
        )
        with computing_in(self._dtype):
            answers: Array = getattr(self, model).predict(X, verbose=0)
        return answers.reshape(len(X), -1)


def _weights(sample_weight: Any, X: Array) -> Array:
    """Return one checked float64 weight for each row.

    Raises
    ------
    DataError
        For a wrong shape, a negative weight, or nothing but zeros.
    """
    if sample_weight is None:
        return np.ones(len(X))
    weight = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weight.ndim != 1:
        raise DataError(
            f"sample_weight has shape {weight.shape}; expected ({len(X)},), one weight for each row"
        )
    check_consistent_length(X, weight)
    if weight.min() < 0:
        raise DataError(
            f"sample_weight holds {weight.min():g} in row {int(weight.argmin())}; expected numbers "
            "of at least 0"
        )
    if not weight.any():
        raise DataError(
            "all sample weights are zero, so there is no row to learn from; expected at least one "
            "positive weight"
        )
    return np.asarray(weight)


def _balanced(rows: Rows) -> Rows:
    """Return the rows with weights of mean 1, so that only their ratios matter."""
    return Rows(rows.X, rows.y, rows.weight * (len(rows) / rows.weight.sum()))


def _unless_ones(weight: Array) -> Array | None:
    return None if np.all(weight == 1) else weight
