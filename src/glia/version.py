"""The version of glia: printed, released and written into model files."""

__all__ = ["__version__"]

__version__ = "0.1.0"
