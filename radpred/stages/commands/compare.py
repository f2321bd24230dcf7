"""Two tables of features, or radpred and PyRadiomics on the same cases, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort import Case, Verdict, siblings, to_frame
from radpred.config import ExtractionSettings, StudySettings
from radpred.config.engines import require_engine
from radpred.config.to_pyradiomics import pyradiomics_parameters
from radpred.errors import InputError
from radpred.pipeline.measuring.both import ENGINES, Engine, Side, measure_by_both, warm_up
from radpred.report import comparison_page, comparison_picture
from radpred.report.comparison import folded_summary, missing_counts, verdict_words
from radpred.stages.commands.features import lesion, study_of, usable_cases
from radpred.stages.work.attempt import attempt
from radpred.stages.work.files import read_text_table, write_bytes
from radpred.table import read_table
from radpred.table.compare import TOLERANCE, compare_tables, unexplained
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

    @property
    def unexplained(self) -> pd.DataFrame:
        """Return the values that make the sides differ."""
        return unexplained(self.rows)

    @property
    def verdict(self) -> str:
        """Return in one sentence whether the sides are equal."""
        return verdict_words(self.rows, tolerance=self.tolerance)

    @property
    def missing(self) -> list[tuple[str, str, int, str]]:
        """Return, for values that one side lacks: the side, why, how many, and an example."""
        sides = dict(zip("ab", self.names, strict=True))
        return [(sides[side], why, n, eg) for side, why, n, eg in missing_counts(self.rows)]

    @property
    def folded(self) -> list[dict[str, Any]]:
        """Return what to say of each image and family."""
        return folded_summary(self.rows)


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


def check_names(output: Path | None, picture: Path | None) -> None:
    """Raise, before any work, where what is found could not be written.

    Raises
    ------
    InputError
        A name's ending says neither table nor picture.
    """
    for path, endings in ((output, TABLES), (picture, PICTURES)):
        if path is not None and path.suffix not in endings:
            msg = f"{path}: wanted is a name that ends in {', '.join(endings)}; change the ending"
            raise InputError(msg)


def save_picture(comparison: Comparison, path: Path) -> None:
    """Write a comparison as a picture, or as a page with the picture and its numbers."""
    c = comparison
    if path.suffix == ".html":
        page = comparison_page(c.rows, names=c.names, tolerance=c.tolerance, seconds=c.seconds)
        write_bytes(path, page.encode())
        return
    kind = path.suffix.removeprefix(".")
    picture = comparison_picture(c.rows, names=c.names, tolerance=c.tolerance, kind=kind)
    write_bytes(path, picture)


def _study(settings: Path | ExtractionSettings | None, rings_mm: Sequence[float]) -> StudySettings:
    """Return a study that only measures, and that both engines can follow."""
    study = study_of(settings, rings_mm)
    original = study.extraction.model_copy(update={"engine": "pyradiomics"})
    require_engine([original])
    pyradiomics_parameters(original)  # refuses what PyRadiomics cannot be asked for
    warm_up(study.extraction)
    return study


def _of_engines(
    found: dict[str, dict[Engine, Side]],
    study: StudySettings,
    verdicts: list[Verdict],
    tolerance: float,
) -> Comparison:
    """Return what both engines gave as two tables side by side."""
    first = next(iter(found.values()))
    tables, reasons = [], []
    for engine in ENGINES:
        sides = {case_id: both[engine] for case_id, both in found.items()}
        rows = [{"case_id": case_id, **side.values} for case_id, side in sides.items()]
        tables.append(pd.DataFrame(rows, columns=["case_id", *first[engine].values]))
        why = [(case_id, *item) for case_id, s in sides.items() for item in s.reasons.items()]
        reasons.append(pd.DataFrame(why, columns=["case_id", "column", "reason"], dtype=str))
    compared = compare_tables(
        *tables, reasons_a=reasons[0], reasons_b=reasons[1], tolerance=tolerance
    )
    ours, theirs = (sum(both[engine].seconds for both in found.values()) for engine in ENGINES)
    return Comparison(
        names=(f"radpred {__version__}", f"PyRadiomics {_version_of_pyradiomics()}".rstrip()),
        rows=compared,
        tolerance=tolerance,
        seconds=(ours, theirs),
        verdicts=to_frame(verdicts),
    )


def _verdict(case: Case, sides: dict[Engine, Side]) -> Verdict:
    """Return the verdict on a case that both engines were asked about."""
    notes = [note for side in sides.values() for note in side.notes]
    if not notes:
        return Verdict.accepted(case.case_id, case.patient_id, stage="compare")
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage="compare",
        code="mended",
        came="; ".join(dict.fromkeys(notes)),
        todo="look at the case if the note surprises you",
    )


def _version_of_pyradiomics() -> str:
    """Return the version of PyRadiomics, under whichever name it was installed."""
    for name in ("pyradiomics-bhklab", "pyradiomics"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""


def _table(path: Path) -> pd.DataFrame:
    """Return a table of features, ids as text."""
    if path.suffix == ".parquet":
        return read_table(path)[0]
    if path.suffix != ".csv":
        msg = f"{path}: a table of features is read as .parquet or .csv; convert the file"
        raise InputError(msg)
    text = read_text_table(path)  # an id stays as it is written: 007 is no 7, and NA no gap
    others = [name for name in text.columns if name != "case_id"]
    return text.assign(**{name: _numbers(text[name]) for name in others})


def _numbers(cells: pd.Series[str]) -> pd.Series:
    """Return a column as numbers where every cell is one, or empty."""
    numbers = pd.to_numeric(cells, errors="coerce")
    is_word = numbers.isna() & ~cells.isin(["", "nan", "NaN", "NA"])
    return cells if is_word.any() else numbers.astype(float)


def _reasons_beside(path: Path) -> pd.DataFrame | None:
    """Return the reasons that `radpred extract` or a study wrote beside a table, if any."""
    names = [f"{path.stem}.reasons{path.suffix}"]
    names += [f"reasons{path.suffix}"] if path.stem == "features" else []
    beside = [path.with_name(name) for name in names if path.with_name(name).is_file()]
    return _table(beside[0]) if beside else None


def _apart(a: Path, b: Path) -> tuple[str, str]:
    """Return two paths as short as they can still be told apart."""
    return (a.name, b.name) if a.name != b.name else (str(a), str(b))
