"""Why cases failed: each reason with its number of cases and one of them, the top reason first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from radpred.stages.work.progress import LONGEST, Piece
from radpred.table import read_table


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One reason: its code, how many cases it took, and one of them with what came."""

    code: str
    n: int
    case: str
    came: str = ""


class Failures:
    """Collect failed cases by reason; a case is counted once, by the reason first heard of."""

    def __init__(self) -> None:
        self._of_case: dict[str, tuple[str, str]] = {}

    @property
    def n(self) -> int:
        """Return how many cases failed."""
        return len(self._of_case)

    def of_pieces(self, pieces: Iterable[Piece]) -> None:
        """Take up what a step says while it works."""
        for piece in pieces:
            if piece.code:
                self._of_case.setdefault(piece.case, (piece.code, piece.came))

    def of_check(self, out: Path) -> None:
        """Take up the rows that were rejected before any work."""
        self._of_table(out / "cases" / "verdicts.parquet")

    def of_shards(self, out: Path, step: str, *, besides: Collection[str]) -> None:
        """Take up the shards that earlier runs finished: those that are not ``besides``."""
        folder = out / ("features" if step == "extract" else step)
        for path in sorted(folder.glob("[0-9]*.verdicts.parquet")):
            if path.name.partition(".")[0] not in besides:
                self._of_table(path)

    def _of_table(self, path: Path) -> None:
        """Take up the rejected rows of a table of verdicts."""
        if not path.is_file():
            return
        table = read_table(path)[0]
        self._of_rows(table[table["status"] == "rejected"])

    def _of_rows(self, rejected: pd.DataFrame) -> None:
        """Take up rejected rows; those without a case go by their patient or their place."""
        names = zip(rejected["case_id"], rejected["patient_id"], strict=True)
        for place, (case, patient) in enumerate(names):
            name = case or patient or f"row {place}"
            found = rejected.iloc[place]
            self._of_case.setdefault(name, (found["code"], found["came"][:LONGEST]))

    def summary(self) -> tuple[Failure, ...]:
        """Return one line a reason, the most frequent first."""
        by_code: dict[str, list[str]] = {}
        for case, (code, _) in self._of_case.items():
            by_code.setdefault(code, []).append(case)
        ordered = sorted(by_code.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(
            Failure(code=code, n=len(cases), case=cases[0], came=self._of_case[cases[0]][1])
            for code, cases in ordered
        )
