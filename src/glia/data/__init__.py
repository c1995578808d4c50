"""Tables: reading them, and what turns their columns into the numbers a network takes."""

from .bundled import BUNDLED
from .parting import split_table
from .reading import read_table
from .schema import Schema
from .table import Column, Table

__all__ = ["BUNDLED", "Column", "Schema", "Table", "read_table", "split_table"]
