"""How a command is declared: a frozen dataclass. Annotations are its public schema, its docstring the route's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

from pydantic import ConfigDict

C = TypeVar("C")


@dataclass_transform(frozen_default=True)
def command(cls: type[C]) -> type[C]:
    """Make `cls` a command. Unknown fields in a request body are refused."""
    cls.__pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)  # type: ignore[attr-defined]
    return dataclass(frozen=True, slots=True)(cls)
