"""``python -m benchmarks run|document``, in ``tests/``, by radpred's own Python."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from benchmarks import cases, document, peers, pictures
from benchmarks.plan import CASES, cells
from benchmarks.run import run
from benchmarks.store import ROOT, Answers

PARTS = ("cold", "rows", "maps", "cost", "pair", "compile")


def main() -> None:
    """Measure, or write the document."""
    given = _arguments().parse_args()
    path = given.folder / "results.jsonl"
    if given.command == "run":
        _run(given, path)
    else:
        answers = Answers.read(path)
        for made in (document.write(answers, given.docs), *pictures.draw(answers, given.docs)):
            _tell(f"wrote {made}")


def _run(given: argparse.Namespace, path: Path) -> None:
    found = peers.environments(given.folder / "venvs", shlex.split(given.newer_python))
    missing = {name: str(each["error"]) for name, each in found.items() if "error" in each}
    commands = {name: each["command"] for name, each in found.items() if "command" in each}
    python = commands.get("pyradiomics", [sys.executable])
    missing |= cases.make(given.folder / "data", python, tuple(given.cases))
    for name, why in missing.items():
        _tell(f"not measured: {name}: {why}")
    if given.fresh:
        path.unlink(missing_ok=True)
    answers = Answers.resumed(path, missing)
    wanted = cells(given.cases, given.parts)
    run(wanted, answers, data=given.folder / "data", commands=commands, tell=_tell)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=main.__doc__)
    parser.add_argument("command", choices=("run", "document"))
    parser.add_argument("--folder", type=_absolute, default=ROOT / "build" / "bench")
    parser.add_argument("--docs", type=_absolute, default=ROOT / "docs")
    parser.add_argument("--newer-python", default="python3.12", help="command of a Python >= 3.12")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    return parser


def _absolute(path: str) -> Path:
    return Path(path).resolve()


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
