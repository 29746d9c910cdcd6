"""Starts ecs-local, a local emulator of Alibaba Cloud ECS, and controls it from tests: worlds,
clocks, faults, orders, and why a call was answered as it was."""

from . import types
from .account import Account, Clock
from .emulator import EcsLocal
from .errors import ControlError, EcsLocalError, StartError, UnreachableError

__all__ = [
    "Account",
    "Clock",
    "ControlError",
    "EcsLocal",
    "EcsLocalError",
    "StartError",
    "UnreachableError",
    "types",
]
