"""What radpred needs at run time on a target, its needs' needs included, from what is installed."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wheels.targets import Target

ROOT = Path(__file__).resolve().parents[2]


def needs_of(
    target: Target, *, extras: tuple[str, ...] = (), of: str = "radpred"
) -> dict[str, set[str]]:
    """Return every package that ``of`` needs on a target, with the extras that are asked of it.

    pip itself holds markers against the machine it runs on, whatever target it is told; hence
    this. A package that is not installed here (Windows alone needs it, say) ends its branch.
    """
    found: dict[str, set[str]] = {}
    waiting = [(of, set(extras))]
    while waiting:
        name, asked = waiting.pop()
        key = canonicalize_name(name)
        if key in found and asked <= found[key]:
            continue
        found[key] = found.get(key, set()) | asked
        waiting += [(need.name, need.extras) for need in _direct(key, found[key], target)]
    del found[canonicalize_name(of)]
    return found


def _direct(name: str, extras: set[str], target: Target) -> list[Requirement]:
    """Return the requirements of one package that hold on a target."""
    environments = [{**target.markers, "extra": extra} for extra in ("", *extras)]
    return [
        need
        for need in map(Requirement, _listed(name, extras))
        if need.marker is None or any(map(need.marker.evaluate, environments))
    ]


def _listed(name: str, extras: set[str]) -> list[str]:
    """Return the requirements of a package: of this clone as it is, of others as installed."""
    if name == "radpred":
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        more = project["optional-dependencies"]
        return [*project["dependencies"], *(line for extra in extras for line in more[extra])]
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:
        return []


def is_installed(name: str) -> bool:
    """Tell whether a package is installed here."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def pins() -> dict[str, str]:
    """Return the versions that were tested, from ``constraints.txt``."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    split = (line.split("==") for line in lines if line)
    return {canonicalize_name(name): version for name, version in split}


def pinned(names: list[str]) -> list[str]:
    """Return packages as pip wants them, each at the tested version where there is one."""
    known = pins()
    return [f"{name}=={known[name]}" if name in known else name for name in names]
