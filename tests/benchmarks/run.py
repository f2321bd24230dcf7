"""The matrix: every cell in a process of its own, one after the other, each told as it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import cases
from benchmarks.machine import one_thread
from benchmarks.plan import ENGINES, Cell
from benchmarks.store import ROOT, Answers

TESTS = ROOT / "tests"
# A cell that takes longer is stopped, and said to.
LIMIT_S = 400.0
COMPILE_LIMIT_S = 120.0
ROUNDS = 30  # of the work that one process does, or two share
TURNS = 3  # of each


def run(
    wanted: Iterable[Cell],
    answers: Answers,
    *,
    data: Path,
    commands: dict[str, list[str]],
    tell: Callable[[str], None],
) -> None:
    """Measure the cells that have no answer yet.

    Parameters
    ----------
    wanted : iterable of Cell
        In the order in which they are measured.
    answers : Answers
        Where answers go.
    data : path
        Folder of the cases.
    commands : dict of str to list of str
        Environment to the command of its Python; cells of others are left out.
    tell : callable
        Takes a line for each cell that was measured.
    """
    todo = [c for c in wanted if not _is_done(answers.of(c)) and _can(c, commands, data)]
    began = time.monotonic()
    for n, cell in enumerate(todo, start=1):
        python = commands[ENGINES[cell.engine].environment]
        answer = _KINDS.get(cell.kind, _alone)(cell, data.resolve(), python)
        answers.keep(cell, answer)
        minutes = (time.monotonic() - began) / 60
        tell(f"{n:4}/{len(todo)} {minutes:5.1f} min  {cell!s:60}{_in_short(answer)}")


def _is_done(answer: dict[str, Any]) -> bool:
    return bool(answer) and "error" not in answer


def _can(cell: Cell, commands: dict[str, list[str]], data: Path) -> bool:
    has_files = all(path.is_file() for path in cases.paths(data, cell.case))
    return has_files and ENGINES[cell.engine].environment in commands


def _command(cell: Cell, data: Path, python: list[str], answer: Path) -> list[str]:
    image, label = cases.paths(data, cell.case)
    return [*python, "-m", "benchmarks.one", cell.key, str(image), str(label), str(answer)]


def _alone(cell: Cell, data: Path, python: list[str], **extra: str) -> dict[str, Any]:
    """Return what one process finds, with how long it lived and what it told."""
    limit_s = COMPILE_LIMIT_S if cell.kind == "compile" else LIMIT_S
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        began = time.monotonic()
        try:
            done = subprocess.run(
                _command(cell, data, python, answer),
                cwd=TESTS,
                env=one_thread() | extra,
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"over_s": limit_s}
        lived = {"process_s": time.monotonic() - began, "told": done.stderr.strip()[-300:]}
        if done.returncode or not answer.is_file():
            return {"error": (done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1]}
        return json.loads(answer.read_text(encoding="utf-8")) | lived


def _without_code(cell: Cell, data: Path, python: list[str]) -> dict[str, Any]:
    """Return what a process finds that has no compiled code to load."""
    with tempfile.TemporaryDirectory() as folder:
        place = {"HOME": folder, "XDG_CACHE_HOME": folder, "NUMBA_CACHE_DIR": folder}
        if ENGINES[cell.engine].environment == "radpred":
            # radpred also looks beside its own files, so it runs from a copy without any.
            compiled = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / "radpred", Path(folder) / "radpred", ignore=compiled)
            place["PYTHONPATH"] = folder
        return _alone(cell, data, python, **place)


def _pair(cell: Cell, data: Path, python: list[str]) -> dict[str, Any]:
    """Return how long one process takes for some work, and two for half of it each."""
    with tempfile.TemporaryDirectory() as folder:
        children = [
            subprocess.Popen(
                _command(cell, data, python, Path(folder) / f"{n}.json"),
                cwd=TESTS,
                env=one_thread(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(2)
        ]
        try:
            _hear(children, "ready")
            turns = [
                (_share(children[:1], ROUNDS), _share(children, ROUNDS // 2)) for _ in range(TURNS)
            ]
        except RuntimeError as error:
            return {"error": str(error)}
        finally:
            for child in children:
                child.communicate()
    alone_s, together_s = (median(seconds) for seconds in zip(*turns, strict=True))
    return {"alone_s": alone_s, "together_s": together_s, "rounds": ROUNDS}


def _share(children: list[subprocess.Popen[str]], rounds: int) -> float:
    """Let processes do rounds of work at once, and return how long it took."""
    began = time.monotonic()
    for child in children:
        print(rounds, file=child.stdin, flush=True)
    _hear(children, "done")
    return time.monotonic() - began


def _hear(children: list[subprocess.Popen[str]], word: str) -> None:
    """Wait until every process has said a word."""
    for child in children:
        if not any(line.strip() == word for line in child.stdout or ()):
            msg = f"a process ended before it said {word}"
            raise RuntimeError(msg)


def _in_short(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return answer["error"][:100]
    if "over_s" in answer:
        return f"stopped after {answer['over_s']:g} s"
    if "alone_s" in answer:
        return f"{answer['alone_s'] / answer['together_s']:.2f} times as fast by two"
    calls = answer.get("calls") or [answer["first"]]
    cpu = sorted(call["cpu_s"] for call in calls)[len(calls) // 2]
    return f"{cpu:9.4f} s, {answer['peak_mb']:.0f} MB"


_KINDS: dict[str, Callable[[Cell, Path, list[str]], dict[str, Any]]] = {
    "compile": _without_code,
    "pair": _pair,
}
