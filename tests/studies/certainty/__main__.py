"""``python -m studies.certainty``, in ``tests/``: four models on three cohorts, then the page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
from studies.of_tables import public_table, write_cohort
from studies.pages import ROOT, arguments

from radpred.sweep import Turn, run_sweep

from .cohort import made
from .page import COHORTS, MADE, write_page

DOCS = ROOT / "docs" / "studies"
SEED = 5


def main() -> None:
    """Run every model on each cohort, and put what was found on the page."""
    given = arguments("certainty").parse_args()
    for name in () if given.page_only else COHORTS:
        folder = given.folder / name
        if not (folder / "cases.csv").is_file():
            _write(name, folder, given.data / "radmlbench")
        for path in (DOCS / "certainty").glob("*.yaml"):
            shutil.copy(path, folder / path.name)
        _tell(name)
        run_sweep(folder / "models.yaml", cores=given.cores, turned=_told)
    for path in write_page(given.folder, DOCS):
        _tell(f"wrote {path}")


def _write(name: str, folder: Path, data: Path) -> None:
    """Write the files of one cohort; of the made one, true risks, too."""
    if name == MADE:
        X, y, risk = made(seed=SEED)
        write_cohort(folder, X, y, event="event")
        pd.DataFrame({"risk": risk}).to_csv(folder / "risk.csv", index=False)
    else:
        X, y = public_table(data, name)
        write_cohort(folder, X, y, event="event")


def _told(turn: Turn) -> None:
    _tell(f"  {turn.number} of {turn.total}: {turn.variant}")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
