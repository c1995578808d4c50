"""Models: layers put together, by a list, by recorded calls or by a class of one's own."""

from ..saving import load as load_model
from ..saving import save as save_model
from .collapse import collapse
from .depth import hidden_layers
from .model import Model
from .sequential import Sequential

__all__ = ["Model", "Sequential", "collapse", "hidden_layers", "load_model", "save_model"]
