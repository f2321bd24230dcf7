"""``python -m wheels house`` fills a folder; ``python -m wheels check`` says what has no wheel."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from wheels.check import has_another, lacking
from wheels.house import SOURCES, build
from wheels.needs import pinned
from wheels.targets import PYTHONS, SYSTEMS, TARGETS, Target


def main() -> int:
    """Do what the command line says; return 1 where a need has no wheel."""
    parser = argparse.ArgumentParser(prog="wheels", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    house = commands.add_parser("house", help="wheels of radpred and its needs in a folder")
    house.add_argument("--folder", type=Path, required=True)
    house.add_argument("--python", choices=PYTHONS, help="for another Python than this one")
    house.add_argument("--system", choices=sorted(SYSTEMS), default="linux")
    house.add_argument("--extras", default="slurm,s3")
    commands.add_parser("check", help="which needs have no wheel, for nine targets")
    asked = parser.parse_args()
    if asked.command == "check":
        return _check()
    extras = tuple(filter(None, asked.extras.split(",")))
    other = Target(asked.python, SYSTEMS[asked.system]) if asked.python else None
    build(asked.folder, other, extras=extras)
    _say(f"{len(list(asked.folder.glob('*.whl')))} wheels in {asked.folder}")
    return 0


def _check() -> int:
    """Print what has no wheel, target by target."""
    is_whole = True
    sources = pinned(list(SOURCES))
    for target in TARGETS:
        absent = [pin for pin in lacking(target, extras=("slurm", "s3")) if pin not in sources]
        is_whole &= not absent
        told = [f"{pin} ({_besides(pin, target)})" for pin in absent]
        _say(f"{target.system.name}, Python {target.python}: {'; '.join(told) or 'all'}")
    _say(f"source of plain Python alone, built on the way: {', '.join(sources)}")
    return 0 if is_whole else 1


def _besides(pin: str, target: Target) -> str:
    """Return whether another version than the tested one has a wheel."""
    is_there = has_another(pin.partition("==")[0], target)
    return "another version has one" if is_there else "no version has one"


def _say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
