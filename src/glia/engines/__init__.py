"""Engines: what runs a plan. The reference engine defines the truth the others are held to."""

from .cpu import Cpu
from .engine import ENGINES, Engine, current_engine, set_engine
from .reference import Reference

__all__ = ["ENGINES", "Cpu", "Engine", "Reference", "current_engine", "set_engine"]
