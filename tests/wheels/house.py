"""A folder of wheels that radpred installs from without a network, for this Python or another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from wheels.needs import ROOT, is_installed, needs_of, pinned, pins
from wheels.targets import THIS, Target

# Needs that come as source of plain Python: built here, they are wheels for any system.
SOURCES = ("connection-pool",)


def build(folder: Path, target: Target | None, *, extras: tuple[str, ...]) -> None:
    """Fill ``folder`` with radpred's wheel and those of its needs; of this machine by default."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    if target is None:
        constrained = ["--constraint", str(ROOT / "constraints.txt")]
        _pip("wheel", "--wheel-dir", str(folder), *constrained, asked)
        return
    _refuse_unknown(extras)
    sources = [f"{name}=={pins()[name]}" for name in SOURCES]
    _pip("wheel", "--wheel-dir", str(folder), "--no-deps", str(ROOT), *sources)
    needs = sorted(needs_of(target, extras=extras))
    wanted = pinned([name for name in needs if name not in SOURCES])
    _pip("download", "--dest", str(folder), "--no-deps", *target.options, *wanted)


def _refuse_unknown(extras: tuple[str, ...]) -> None:
    """End where an extra is not installed here: what it needs in turn would be left out."""
    here = needs_of(THIS, extras=extras)
    absent = [name for name in sorted(here) if not is_installed(name)]
    if absent:
        sys.exit(f"not installed: {', '.join(absent)}; install radpred[{','.join(extras)}] first")


def _pip(*words: str) -> None:
    """Run pip."""
    line = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    subprocess.run(line, check=True)
