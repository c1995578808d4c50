"""The command line: `glia train`, `predict`, `evaluate`, `summary` and `explain`."""

from .app import app, main

__all__ = ["app", "main"]
