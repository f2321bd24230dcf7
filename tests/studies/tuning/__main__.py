"""``python -m studies.tuning``, in ``tests/``: every search on both tables, then the page."""

from __future__ import annotations

import shutil
from pathlib import Path

from studies.of_tables import public_table, write_cohort
from studies.pages import ROOT, arguments

from radpred.sweep import Turn, run_sweep

from .page import TABLES, write_page

DOCS = ROOT / "docs" / "studies"


def main() -> None:
    """Run the sweep on each table, and put what was found on the page."""
    given = arguments("tuning").parse_args()
    for name in () if given.page_only else TABLES:
        folder = given.folder / name
        if not (folder / "cases.csv").is_file():
            X, y = public_table(given.data / "radmlbench", name)
            write_cohort(folder, X, y, event="event")
        _run(folder, cores=given.cores)
    for path in write_page(given.folder, DOCS):
        _tell(f"wrote {path}")


def _run(folder: Path, *, cores: int) -> None:
    """Run the sweep on the table in ``folder``."""
    for path in (DOCS / "tuning").glob("*.yaml"):
        shutil.copy(path, folder / path.name)
    run_sweep(folder / "searches.yaml", cores=cores, turned=_told)


def _told(turn: Turn) -> None:
    _tell(f"  {turn.number} of {turn.total}: {turn.variant}")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
