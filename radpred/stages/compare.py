"""Two tables of features, or radpred and PyRadiomics on the same cases, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from radpred.cohort import Case, Verdict, siblings, to_frame
from radpred.config import ExtractionSettings, StudySettings
from radpred.config.engines import require_engine
from radpred.config.to_pyradiomics import pyradiomics_parameters
from radpred.errors import InputError
from radpred.pipeline.both import ENGINES, Engine, Side, measure_by_both, warm_up
from radpred.pipeline.measure import study_columns
from radpred.report.comparison import render_comparison
from radpred.report.figures import difference_strip
from radpred.stages.attempt import attempt
from radpred.stages.features import lesion, study_of, usable_cases
from radpred.stages.files import write_bytes
from radpred.table import read_table
from radpred.table.compare import TOLERANCE, compare_tables
from radpred.version import __version__

TABLES = (".parquet", ".csv")
PICTURES = (".html", ".png", ".svg", ".pdf")
Told = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two columns of values for the same features of the same cases.

    Parameters
    ----------
    names : (str, str)
        What the sides ``a`` and ``b`` are.
    rows : DataFrame
        As of ``radpred.table.compare.compare_tables``.
    tolerance : float
        The part of the larger value by which equal values may differ.
    seconds : (float, float) or None
        What each engine took, where they ran.
    verdicts : DataFrame or None
        What became of every case, where cases were measured.
    """

    names: tuple[str, str]
    rows: pd.DataFrame
    tolerance: float
    seconds: tuple[float, float] | None = None
    verdicts: pd.DataFrame | None = None


def of_tables(a: Path, b: Path, *, tolerance: float = TOLERANCE) -> Comparison:
    """Return two tables of features side by side, with the reasons that lie beside them.

    Raises
    ------
    InputError
        A table cannot be read, or the two share no case or no column.
    """
    rows = compare_tables(
        _table(a),
        _table(b),
        reasons_a=_reasons_beside(a),
        reasons_b=_reasons_beside(b),
        tolerance=tolerance,
    )
    return Comparison(names=_apart(a, b), rows=rows, tolerance=tolerance)


def of_lesion(
    image: Path,
    mask: Path,
    *,
    settings: Path | ExtractionSettings | None = None,
    label: str = "auto",
    rings_mm: Sequence[float] = (),
    tolerance: float = TOLERANCE,
) -> Comparison:
    """Return what both engines give for one lesion.

    Raises
    ------
    InputError
        A file cannot be read, or the two do not belong together.
    SettingsError
        PyRadiomics is not installed, or cannot be asked for the same values.
    """
    study = _study(settings, rings_mm)
    case = lesion(image, mask, label=label)
    sides = measure_by_both(case, study)
    return _of_engines({case.case_id: sides}, study, [_verdict(case, sides)], tolerance)


def of_cases(
    table: Path,
    *,
    settings: Path | ExtractionSettings | None = None,
    rings_mm: Sequence[float] = (),
    tolerance: float = TOLERANCE,
    told: Told | None = None,
) -> Comparison:
    """Return what both engines give for every usable row of a table of cases.

    Raises
    ------
    InputError
        The table lacks a column, or no row can be used.
    SettingsError
        PyRadiomics is not installed, or cannot be asked for the same values.
    """
    study = _study(settings, rings_mm)
    cases, verdicts = usable_cases(table)
    found: dict[str, dict[Engine, Side]] = {}
    later: dict[str, Verdict] = {}
    for count, case in enumerate(cases, start=1):
        others = siblings(case, cases)
        sides = attempt(case, partial(measure_by_both, case, study, others=others), stage="compare")
        if isinstance(sides, Verdict):
            later[case.case_id] = sides
        else:
            found[case.case_id] = sides
            later[case.case_id] = _verdict(case, sides)
        if told is not None:
            told(count, len(cases))
    if not found:
        reasons = "; ".join(sorted({f"{v.case_id}: {v.came}" for v in later.values()})[:3])
        msg = f"{table}: no case can be measured: {reasons}"
        raise InputError(msg, code="no_cases")
    return _of_engines(found, study, [later.get(v.case_id, v) for v in verdicts], tolerance)


def save_picture(comparison: Comparison, path: Path) -> None:
    """Write a comparison as a picture, or as a page with the picture and its tables.

    Raises
    ------
    InputError
        The name ends in none of ``PICTURES``.
    """
    check_picture(path)
    c = comparison
    if path.suffix == ".html":
        page = render_comparison(
            c.rows, names=c.names, tolerance=c.tolerance, seconds=c.seconds
        )
        write_bytes(path, page.encode())
        return
    figure = difference_strip(c.rows, tolerance=c.tolerance, names=c.names)
    write_bytes(path, picture_bytes(figure, path.suffix.removeprefix(".")))


def check_picture(path: Path) -> None:
    """Raise unless a picture can be written under this name.

    Raises
    ------
    InputError
        The name ends in none of ``PICTURES``.
    """
    if path.suffix not in PICTURES:
        msg = f"{path}: a picture is written as {', '.join(PICTURES)}; change the name's ending"
        raise InputError(msg)
