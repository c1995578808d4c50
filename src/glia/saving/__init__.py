"""Model files: one safetensors container, written in one step, read with suspicion.

Training writes checkpoints with it and models delegate ``save`` to it, so it stands below both;
what it makes again it finds in the registries that classes enter by being defined.
"""

from .filing import load, load_weights, load_with_extra, save, save_weights

__all__ = ["load", "load_weights", "load_with_extra", "save", "save_weights"]
