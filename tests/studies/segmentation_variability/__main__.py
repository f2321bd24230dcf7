"""``python -m studies.segmentation_variability``, in ``tests/``: run the study, write its page."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from radpred.sweep import Turn, run_sweep

from .cases import write_made, write_sarcomas
from .page import write_page

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "docs" / "studies" / "segmentation-variability"
COHORTS = ("sarcomas", "made")


def main() -> None:
    """Write the tables of both cohorts, run the sweeps, and put tables and pictures on the page."""
    given = _arguments().parse_args()
    for cohort in () if given.page_only else given.cohorts:
        folder = given.folder / cohort
        if not (folder / "outcome.csv").is_file():
            _write_cases(cohort, folder, given)
        for path in FILES.glob("*.yaml"):
            shutil.copy(path, folder / path.name)
        run_sweep(folder / f"{cohort}_masks.yaml", cores=given.cores, turned=_told)
    if all((given.folder / c / f"{c}_masks" / "sweep.json").is_file() for c in COHORTS):
        for path in write_page(given.folder, ROOT / "docs" / "studies"):
            _tell(f"wrote {path}")


def _write_cases(cohort: str, folder: Path, given: argparse.Namespace) -> None:
    """Write the tables, and what is made, of one cohort."""
    if cohort == "made":
        write_made(folder, n_patients=given.patients)
    else:
        write_sarcomas(given.data, folder)


def _told(turn: Turn) -> None:
    _tell(f"  {turn.number} of {turn.total}: {turn.variant}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studies.segmentation_variability")
    parser.add_argument("--folder", type=_absolute, default=ROOT / "build" / "segmentation")
    parser.add_argument("--data", type=_absolute, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--patients", type=int, default=200, help="of the made cohort")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--cohorts", nargs="+", choices=COHORTS, default=COHORTS)
    parser.add_argument("--page-only", action="store_true", help="from the sweeps that are there")
    return parser


def _absolute(path: str) -> Path:
    return Path(path).resolve()


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
