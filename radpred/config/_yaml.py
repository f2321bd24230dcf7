"""YAML files that people write, and those that someone made to hurt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from radpred.errors import SettingsError

MOST_BYTES = 1 << 20
MOST_VALUES = 100_000  # when every alias is written out
DEEPEST = 50


def read_yaml(path: Path) -> Any:
    """Return what a YAML (or JSON) file holds.

    Raises
    ------
    SettingsError
        The file is not readable as YAML, or unfolds to more than settings ever are.
    """
    if path.stat().st_size > MOST_BYTES:
        msg = f"{path}: {path.stat().st_size} bytes, wanted a file of settings; name that file"
        raise SettingsError(msg)
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise _too_much(path) from error
    # PyYAML passes on what Python says of dates and whole numbers that cannot be.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        msg = f"{path}: not readable as YAML in UTF-8: {error}"
        raise SettingsError(msg) from error
    if _n_values(given, {}, DEEPEST) > MOST_VALUES:
        raise _too_much(path)
    return given


def _too_much(path: Path) -> SettingsError:
    """Return the error on a file that nests or unfolds without end."""
    return SettingsError(
        f"{path}: its lists and aliases unfold to more than {MOST_VALUES} values or lie more than "
        f"{DEEPEST} deep, wanted settings; write out what the aliases stand for"
    )


def _n_values(given: Any, known: dict[int, int], depth: int) -> int:
    """Return how many values there are when every alias is written out."""
    if not isinstance(given, dict | list | tuple | set):
        return 1
    if depth == 0:
        return MOST_VALUES + 1
    if id(given) not in known:
        parts = [*given, *given.values()] if isinstance(given, dict) else list(given)
        known[id(given)] = MOST_VALUES + 1  # what holds itself has no end
        known[id(given)] = 1 + sum(_n_values(part, known, depth - 1) for part in parts)
    return known[id(given)]
