"""The stand-in has what the oldest CuPy has that radpred asks for, and the newest still has it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from fake_cupy import release
from fake_cupy.record import OF_THE_CARD, found_of, parameters_of

ROOT = Path(__file__).resolve().parents[2]


def asked() -> str:
    """Return the requirement of the extra that installs CuPy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (found,) = (word for word in project["optional-dependencies"]["gpu"] if "cupy" in word)
    return found


def test_names_are_those_of_the_oldest_release_that_the_extra_takes():
    first = release.FILE.read_text(encoding="utf-8").partition("\n")[0]
    oldest = re.search(r">=([\d.]+)", asked())
    assert first == f"# CuPy {oldest[1]}"


def has(name: str) -> bool:
    """Tell whether the CuPy that is installed has a name, with the parameters that are known."""
    known = release.names()[name]
    try:
        thing = found_of(name)
    except (AttributeError, ImportError):
        return False
    if known is None or name in OF_THE_CARD:
        return True
    _, found = release.read(f"{name}{parameters_of(thing)}")
    return found is not None and all(
        each.name in found.parameters and found.parameters[each.name].kind == each.kind
        for each in known.parameters.values()
    )


def test_the_release_that_is_installed_has_every_name_with_its_parameters():
    pytest.importorskip("cupy", reason="`make cupy` installs it; no card is needed")
    assert [name for name in release.names() if not has(name)] == []
