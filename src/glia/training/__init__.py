"""Training: the step as one graph, epochs over it, and everything around them."""

from ..callbacks import Callback, History
from .trainer import Trainer

__all__ = ["Callback", "History", "Trainer"]
