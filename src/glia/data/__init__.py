"""Tables: reading them, and what turns their columns into the numbers a network takes."""

from .reading import read_table
from .schema import Schema
from .table import Column, Table

__all__ = ["Column", "Schema", "Table", "read_table"]
