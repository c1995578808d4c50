"""glia for scikit-learn: a classifier and a regressor for Pipeline, GridSearchCV and the like.

They need the extra ``data`` (``pip install 'glia[data]'``). Without scikit-learn the names are
there all the same, so that ``help(glia)`` works, and making one raises
:class:`~glia.errors.MissingPackageError`.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or find_spec("sklearn") is not None:
    from .classifier import GliaClassifier
    from .regressor import GliaRegressor
else:
    from .stand_in import stand_in

    GliaClassifier: Any = stand_in("GliaClassifier")
    GliaRegressor: Any = stand_in("GliaRegressor")

__all__ = ["GliaClassifier", "GliaRegressor"]
