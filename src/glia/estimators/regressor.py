"""GliaRegressor: a network for quantities, with scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from .. import layers
from ..errors import ShapeError
from ..models import Sequential
from .estimator import Array, Estimator
from .network import Head, Network
from .rows import Moments

__all__ = ["GliaRegressor"]


class GliaRegressor(RegressorMixin, Estimator):  # type: ignore[misc]
    """A neural network that predicts one or several quantities.

    Inputs are standardised by the training rows' mean and deviation, and so are the targets:
    predictions and ``model_`` speak in the user's units.

    Parameters
    ----------
    hidden : int or tuple of int
        Sizes of the hidden layers; ``()`` for a linear model.
    model : Model or callable, optional
        A network of one's own instead: a glia model, which every fit copies with the weights it
        has, or a function ``build(shape, units)`` called anew by every fit, ``shape`` being that
        of one row and ``units`` the outputs wanted. Its own loss and optimizer are used if it is
        compiled. ``hidden``, ``activation`` and ``alpha`` then have no part.
    activation : str or callable
        Of the hidden layers; the smooth gelu does better than relu where rows are few and noisy.
    loss : str or Loss
        What is minimised, over standardised targets.
    alpha : float or "auto"
        Strength of the L2 penalty: ``alpha / 2`` times the sum of the squared weights. ``"auto"``
        is ``10 / (rows * outputs)``, and 1e-4 in ``partial_fit``.
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
        Share of the rows held back.
    patience : int
        Epochs without improvement before training ends.
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
    model_ : Model
        The trained network, from rows to the user's units; ``model_.save`` stores it.
    n_features_in_, feature_names_in_ : int, ndarray of str
        The features, and their names where X had any.
    n_outputs_ : int
        Number of quantities.
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
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> glia.GliaRegressor(random_state=0).fit(X, y).predict(X[:3])
    """

    def __init__(
        self,
        hidden: Any = (64, 32),
        *,
        model: Any = None,
        activation: Any = "gelu",
        loss: Any = "mse",
        alpha: float | str = "auto",
        optimizer: Any = "adam",
        learning_rate: float | None = None,
        batch_size: int = 32,
        epochs: int = 200,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        patience: int = 10,
        scale: bool = True,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        self.hidden = hidden
        self.model = model
        self.activation = activation
        self.loss = loss
        self.alpha = alpha
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.scale = scale
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    _target_moments: Moments

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _encode(self, y: Array, weight: Array, classes: Any, is_new: bool) -> Array:
        self._is_vector = y.ndim == 1
        targets = y.astype(np.float64).reshape(len(y), -1)
        if is_new:
            self.n_outputs_ = targets.shape[1]
        elif targets.shape[1] != self.n_outputs_:
            raise ShapeError(
                f"y has {targets.shape[1]} outputs and the first y had {self.n_outputs_}; expected "
                "the same quantities in every call"
            )
        return targets

    def _head(self) -> Head:
        return Head(self.n_outputs_, None, self.loss)

    def _learn_scale(self, targets: Array, weight: Array, is_new: bool) -> None:
        seen = Moments.of(targets, weight)
        self._target_moments = seen if is_new else self._target_moments.joined(seen)

    def _scaled(self, targets: Array) -> Array:
        moments = self._target_moments
        return (targets - moments.mean) / moments.deviation

    def _finished(self, network: Network) -> Any:
        moments = self._target_moments
        units = layers.Normalization(mean=moments.mean, variance=moments.variance, invert=True)
        return Sequential([layers.Input(shape=self._shape), network.model, units])

    def predict(self, X: Any) -> Array:
        """Return the predicted quantities, ``(n,)`` or ``(n, outputs)`` as y was."""
        answers = self._outputs(X)
        return answers[:, 0] if self._is_vector else answers
