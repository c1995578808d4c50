"""Plans: from a traced graph to the simplified, verified one that an engine runs."""

from .plan import Plan
from .stable_forms import stabilise

__all__ = ["Plan", "stabilise"]
