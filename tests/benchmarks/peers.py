"""An environment for each peer, and why there is none where it cannot be made."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_INTO_VENV = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Peer:
    """What an environment is made of.

    Parameters
    ----------
    module : str
        What must be importable in the end.
    installs : tuple of tuple of str
        What pip is given, one call after the other.
    newer_python : bool
        Whether it needs Python 3.12 or later, which may be another one than radpred's.
    """

    module: str
    installs: tuple[tuple[str, ...], ...]
    newer_python: bool = False


PEERS = {
    # The last four are for PyRadiomics' older source release, of which the images are taken.
    "pyradiomics": Peer(
        "radiomics", (("pyradiomics-bhklab", "setuptools", "wheel", "versioneer", "cython"),)
    ),
    "pictologics": Peer("pictologics", (("pictologics", "SimpleITK"),), newer_python=True),
    # It asks for a distribution named pyradiomics, which nothing in it imports, and which no
    # current Python can build; and for Python 3.12, of which it uses nothing.
    "fastrad": Peer(
        "fastrad",
        (
            ("torch",),
            ("numpy", "scipy", "pandas", "SimpleITK", "pydicom", "nibabel", "loguru"),
            ("--no-deps", "--ignore-requires-python", "fastrad"),
        ),
    ),
}


def environments(folder: Path, newer_python: Sequence[str]) -> dict[str, dict[str, object]]:
    """Make the environments that are not there, and say of each how it runs or why it does not.

    Parameters
    ----------
    folder : path
        Where they lie.
    newer_python : sequence of str
        The command of a Python 3.12 or later; radpred's own Python makes the others.

    Returns
    -------
    dict
        Of each environment, radpred's own with them, ``command`` (a list) or ``error`` (a line).
    """
    found: dict[str, dict[str, object]] = {"radpred": {"command": [sys.executable]}}
    folder.mkdir(parents=True, exist_ok=True)
    for name, peer in PEERS.items():
        base = list(newer_python) if peer.newer_python else [sys.executable]
        kept = folder / f"{name}.json"
        if not kept.is_file():
            print(f"making the environment of {name}", file=sys.stderr, flush=True)  # noqa: T201
            kept.write_text(json.dumps(_made(folder / name, peer, base)), encoding="utf-8")
        found[name] = json.loads(kept.read_text(encoding="utf-8"))
        if "error" in found[name]:
            kept.unlink()  # the next run tries again
    return found


def _made(venv: Path, peer: Peer, base: list[str]) -> dict[str, object]:
    """Make one environment anew, unless what lies there works already."""
    python = str(venv.resolve() / "bin" / "python")
    # A venv of a Python that runs in a container of its own is only reached through that Python.
    command = [python] if base == [sys.executable] else [*base, "-c", _INTO_VENV, python]
    try:
        if not _imports(command, peer.module):
            shutil.rmtree(venv, ignore_errors=True)
            _run([*base, "-m", "venv", str(venv.resolve())])
            for install in peer.installs:
                _run([*command, "-m", "pip", "install", "--quiet", *install])
            _run([*command, "-c", f"import {peer.module}"])
    except (OSError, subprocess.CalledProcessError) as error:
        why = (getattr(error, "stderr", "") or str(error)).strip()
        return {"error": why.splitlines()[-1] if why else str(error)}
    return {"command": command}


def _imports(command: list[str], module: str) -> bool:
    try:
        _run([*command, "-c", f"import {module}"])
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stderr=subprocess.PIPE, stdout=sys.stderr, text=True)
