"""Answers of cells, one line each, appended as they come: a run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.plan import Cell

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Answers:
    """What a run found: its facts, and the answer of every cell that is done.

    Parameters
    ----------
    path : path
        The file of lines.
    facts : dict
        When and on what it was made; ``missing`` says why cases and peers could not be had.
    by_cell : dict of str to dict
        Key of a cell to what it found, or to ``error`` or ``over_s``.
    """

    path: Path
    facts: dict[str, Any]
    by_cell: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Answers:
        """Return the answers in a file."""
        facts, *rest = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return cls(path, facts, {line["cell"]: line["answer"] for line in rest})

    @classmethod
    def resumed(cls, path: Path, missing: dict[str, str]) -> Answers:
        """Return the answers of the same program on the same machine, or start a file anew."""
        made_by = {"state": state_of_program(), **machine.facts()}
        if path.is_file():
            found = cls.read(path)
            if all(found.facts.get(name) == value for name, value in made_by.items()):
                found.facts["missing"] = missing
                _, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
                path.write_text(json.dumps(found.facts) + "\n" + "".join(rest), encoding="utf-8")
                return found
            path.replace(path.with_suffix(".old.jsonl"))
        facts = {**made_by, "date": f"{datetime.now(tz=UTC):%Y-%m-%d}", "missing": missing}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts) + "\n", encoding="utf-8")
        return cls(path, facts)

    def keep(self, cell: Cell, answer: dict[str, Any]) -> None:
        """Append the answer of a cell."""
        self.by_cell[cell.key] = answer
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"cell": cell.key, "answer": answer}) + "\n")

    def of(self, cell: Cell) -> dict[str, Any]:
        """Return what a cell found; empty where it was not measured."""
        return self.by_cell.get(cell.key, {})


def state_of_program() -> str:
    """Return a digest of radpred's code: measurements of two states are never mixed."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "radpred").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
