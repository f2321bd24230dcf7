"""Which needs of radpred have no wheel for a Python on a system."""

from __future__ import annotations

import re
import subprocess
import sys
from tempfile import TemporaryDirectory

from wheels.needs import needs_of, pinned
from wheels.targets import Target

_NAMED = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")


def lacking(target: Target, *, extras: tuple[str, ...] = ()) -> list[str]:
    """Return the needs at tested versions that have no wheel for a target."""
    names = sorted(needs_of(target, extras=extras))
    wanted = dict(zip(names, pinned(names), strict=True))
    absent = []
    while wanted and (name := _first_lacking(list(wanted.values()), target)):
        absent.append(wanted.pop(name))
    return absent


def has_another(name: str, target: Target) -> bool:
    """Tell whether any version of a package has a wheel for a target."""
    return not _first_lacking([name], target)


def _first_lacking(wanted: list[str], target: Target) -> str:
    """Return the first package for which pip finds no wheel, "" where it finds all."""
    with TemporaryDirectory() as folder:
        line = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--quiet"]
        line += ["--ignore-installed", "--target", folder, *target.options, *wanted]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    named = _NAMED.search(done.stderr)
    if named is None:
        raise RuntimeError(done.stderr)
    return named[1].lower().replace("_", "-").replace(".", "-")
