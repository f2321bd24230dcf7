"""``python -m studies.peritumoral``, in ``tests/``: run the study, and write what it found."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import yaml

from radpred.sweep import Turn, run_sweep

from .cases import write_made, write_nodules
from .page import segmentations, write_page

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "docs" / "studies" / "peritumoral"
PARTS = ("segmentation", "nodules_expanded", "made_shells", "made_rings", "nodules_rings")


def main() -> None:
    """Write the tables of both cohorts, run the sweeps, and put tables and pictures on the page."""
    given = _arguments().parse_args()
    folders = {"nodules": given.folder / "nodules", "made": given.folder / "made"}
    if not given.page_only:
        _write_cases(given, folders)
        for part in given.parts:
            _tell(f"sweep {part}")
            _run(part, folders, cores=given.cores)
    for path in write_page(given.folder, ROOT / "docs" / "studies"):
        _tell(f"wrote {path}")


def _write_cases(given: argparse.Namespace, folders: dict[str, Path]) -> None:
    """Write the tables of cases, unless they are there."""
    if not (folders["nodules"] / "embedding.csv").is_file():
        write_nodules(given.data, folders["nodules"])
    if not (folders["made"] / "embedding.csv").is_file():
        write_made(folders["made"], n_patients=given.patients)


def _run(part: str, folders: dict[str, Path], *, cores: int) -> None:
    """Run one sweep; the rings of the nodules are drawn around the best mask."""
    folder = folders["made" if part.startswith("made") else "nodules"]
    for path in FILES.glob("*.yaml"):
        shutil.copy(path, folder / path.name)
    if part in ("nodules_expanded", "nodules_rings"):
        method, model = best(folder / "segmentation")
        _tell(f"best segmentation and model: {method}, {model}")
        settings = yaml.safe_load((folder / "nodules.yaml").read_text())
        settings["segmentation"] = {"method": method}
        settings["learning"]["models"] = [model]
        (folder / "nodules.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    run_sweep(folder / f"{part}.yaml", cores=cores, turned=_told)


def best(folder: Path) -> tuple[str, str]:
    """Return the segmentation and the model with the largest area among all pairs."""
    method, model = segmentations(folder)["reference"].split(" ")
    return method, model


def _told(turn: Turn) -> None:
    _tell(f"  {turn.number} of {turn.total}: {turn.variant}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studies.peritumoral", description=main.__doc__)
    parser.add_argument("--folder", type=_absolute, default=ROOT / "build" / "peritumoral")
    parser.add_argument("--data", type=_absolute, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--patients", type=int, default=150, help="of the made cohort")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--page-only", action="store_true", help="from the sweeps that are there")
    return parser


def _absolute(path: str) -> Path:
    return Path(path).resolve()


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
