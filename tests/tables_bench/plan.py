"""What is measured: a task each, which a process of its own carries out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radpred.version import __version__
from tables_bench.cost import CELLS, Cell
from tables_bench.external import SITES, WAYS
from tables_bench.judged import design_of
from tables_bench.tables import names, path_of

PARTS = ("tables", "external", "cost")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to measure.

    Attributes
    ----------
    part : {"tables", "external", "cost"}
        Which part of the page it belongs to.
    name : str
        Of the table, of the new site with the way it is treated, or of the size.
    given : mapping
        What the process is told.
    key : str
        What a kept result must have been measured with.
    limit_s : float
        When it is stopped; what it has told by then is kept.
    """

    part: str
    name: str
    given: Mapping[str, Any] = field(hash=False)
    key: str
    limit_s: float = 3600

    @property
    def file(self) -> str:
        """Return the name of its result's file."""
        return f"{self.part}.{self.given['preset']}.{self.name}.json"


def tasks(data: Path, *, preset: str) -> list[Task]:
    """Return all tasks, the cheapest of each part first."""
    design = design_of(preset).model_dump(mode="json")
    by_table = {name: _hash(path_of(data, name)) for name in names(data)}
    found = [
        Task(
            part="tables",
            name=name,
            given={"data": str(data), "preset": preset},
            key=_key(design, content),
        )
        for name, content in by_table.items()
    ]
    contents = [by_table[name] for name in SITES]
    found += [
        Task(
            part="external",
            name=f"{site}.{way}",
            given={"data": str(data), "preset": preset, "site": site, "way": way},
            key=_key(design, *contents),
        )
        for site in SITES
        for way in WAYS
    ]
    return found + [_of_cost(cell) for cell in CELLS]


def _of_cost(cell: Cell) -> Task:
    """Return the task of one size."""
    design = design_of(cell.preset).model_dump(mode="json")
    return Task(
        part="cost",
        name=cell.name,
        given=cell.plain(),
        key=_key(design, cell.plain()),
        limit_s=cell.limit_s,
    )


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _key(*parts: Any) -> str:
    """Return what identifies a result: the version, the settings, the files."""
    return hashlib.sha256(json.dumps([__version__, *parts]).encode()).hexdigest()[:16]
