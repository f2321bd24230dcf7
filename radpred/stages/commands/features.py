"""Features without a study: of one lesion, or of every row of a table of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from radpred.backends.device import Wanted
from radpred.cohort import Case, Verdict, check_cases, siblings, to_frame
from radpred.config import ExtractionSettings, StudySettings, extraction_settings
from radpred.config.engines import require_engine
from radpred.config.study import OutcomeSettings, RegionSettings
from radpred.errors import InputError
from radpred.features import feature_register
from radpred.pipeline.measuring.measure import SIZES, Measured, measure, study_columns
from radpred.stages.inputs.lesions import split_lesions
from radpred.stages.work.attempt import attempt, verdict_of
from radpred.stages.work.device import owned_device
from radpred.stages.work.files import read_text_table, write_bytes
from radpred.table import write_table
from radpred.version import __version__


@dataclass(frozen=True)
class Extracted:
    """Features, one row a case; why a value is missing; and a verdict for every case.

    Parameters
    ----------
    table : DataFrame
        ``case_id`` and the feature columns, the same for every case.
    reasons : DataFrame
        ``case_id``, ``column`` and ``reason`` of each value that could not be computed.
    sizes : DataFrame
        ``n_voxels`` and ``n_grey_levels`` of each region of each case on each image, and the
        ``device`` that measured it: ``cpu``, or what the card is called.
    verdicts : DataFrame
        What became of every row.
    """

    table: pd.DataFrame
    reasons: pd.DataFrame
    sizes: pd.DataFrame
    verdicts: pd.DataFrame


def of_lesion(
    image: Path,
    mask: Path,
    *,
    settings: Path | ExtractionSettings | None = None,
    label: str = "auto",
    rings_mm: Sequence[float] = (),
    device: Wanted = "auto",
) -> Extracted:
    """Return the features of one lesion.

    Raises
    ------
    DeviceError
        A card is demanded, and there is none that works.
    InputError
        A file cannot be read, or the two do not belong together.
    """
    case = lesion(image, mask, label=label)
    study = study_of(settings, rings_mm, device=device)
    measured = measure(case, study, device=owned_device(device))
    verdict = verdict_of(case, measured)
    return _extracted({case.case_id: measured}, study_columns(study, [""]), [verdict])


def lesion(image: Path, mask: Path, *, label: str = "auto") -> Case:
    """Return an image and its mask as a case."""
    return Case(
        case_id=image.name,
        patient_id=image.name,
        images={"": str(image)},
        masks={"": str(mask)},
        mask_label="" if label == "auto" else label,
        box=None,
        organ_mask=None,
        site="",
    )


def of_cases(
    table: Path,
    *,
    settings: Path | ExtractionSettings | None = None,
    rings_mm: Sequence[float] = (),
    device: Wanted = "auto",
    lesions: str = "given",
    told: Callable[[int, int], None] | None = None,
) -> Extracted:
    """Return the features of every usable row of a table of cases.

    Parameters
    ----------
    table : Path
        The CSV file.
    settings : Path, ExtractionSettings or None
        What to measure, and how.
    rings_mm : sequence of float
        Outer distances of rings around the lesion.
    device : str
        Where: ``auto``, ``cpu`` or ``gpu``.
    lesions : str
        What a mask of several lesions is, as in a study file.
    told : callable, optional
        Called with the number of cases done and of all cases.

    Raises
    ------
    DeviceError
        A card is demanded, and there is none that works.
    InputError
        The table lacks a column, or no row can be used.
    """
    study = study_of(settings, rings_mm, device=device, lesions=lesions)
    cases, verdicts = split_lesions(*usable_cases(table), study)
    measured, later = measured_cases(cases, study, told=told)
    columns = study_columns(study, list(cases[0].images))
    return _extracted(measured, columns, [later.get(v.case_id, v) for v in verdicts])


def usable_cases(table: Path) -> tuple[list[Case], list[Verdict]]:
    """Return the cases of a table that can be measured, and a verdict for every row.

    Raises
    ------
    InputError
        The table lacks a column, or no row can be used.
    """
    cases, verdicts = check_cases(read_text_table(table), folder=table.parent, method="given")
    if not cases:
        msg = f"{table}: no row can be used; wanted are rows with image and mask files"
        raise InputError(msg, code="no_cases")
    return cases, verdicts


def _extracted(
    measured: dict[str, Measured], columns: Sequence[str], verdicts: list[Verdict]
) -> Extracted:
    """Return measurements as tables."""
    rows = [{"case_id": case_id, **m.values} for case_id, m in measured.items()]
    why = [(case_id, *item) for case_id, m in measured.items() for item in m.reasons.items()]
    return Extracted(
        table=pd.DataFrame(rows, columns=["case_id", *columns]),
        reasons=pd.DataFrame(why, columns=["case_id", "column", "reason"], dtype=str),
        sizes=pd.DataFrame([row for m in measured.values() for row in m.sizes], columns=SIZES),
        verdicts=to_frame(verdicts),
    )


def measured_cases(
    cases: Sequence[Case],
    study: StudySettings,
    *,
    told: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Measured], dict[str, Verdict]]:
    """Return what each case gave, and the verdicts that are not plain acceptance."""
    measured: dict[str, Measured] = {}
    verdicts: dict[str, Verdict] = {}
    device = owned_device(study.device)
    for count, case in enumerate(cases, start=1):
        others = siblings(case, cases)
        work = partial(measure, case, study, others=others, device=device)
        found = attempt(case, work, stage="extract")
        if isinstance(found, Measured):
            measured[case.case_id] = found
            found = verdict_of(case, found)
        if found.status != "accepted":
            verdicts[case.case_id] = found
        if told is not None:
            told(count, len(cases))
    return measured, verdicts


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet or CSV, by its name.

    Raises
    ------
    InputError
        The name ends otherwise.
    """
    if path.suffix == ".parquet":
        write_table(table, path, metadata={"version": __version__})
    elif path.suffix == ".csv":
        write_bytes(path, table.to_csv(index=False).encode())
    else:
        msg = f"{path}: a table is written as .parquet or .csv; change the name's ending"
        raise InputError(msg)


def listed(settings: Path | None = None) -> list[tuple[str, str, str, str]]:
    """Return name, family, IBSI code and meaning of every feature that settings give."""
    wanted = extraction_settings(settings)
    register = feature_register(wanted.families, is_complete=wanted.all_features)
    return [
        (f.name, f.family, f.ibsi or "", f.summary.removeprefix("Return ").rstrip("."))
        for f in register
    ]


def with_engine(settings: Path | None, engine: str | None) -> ExtractionSettings:
    """Return settings, computed by another engine than they say if one is named.

    Raises
    ------
    SettingsError
        The settings cannot be used, or there is no such engine.
    """
    chosen = extraction_settings(settings)
    if engine is None:
        return chosen
    return extraction_settings({**chosen.model_dump(), "engine": engine})


def study_of(
    settings: Path | ExtractionSettings | None,
    rings_mm: Sequence[float],
    *,
    device: Wanted = "auto",
    lesions: str = "given",
) -> StudySettings:
    """Return a study that only measures."""
    extraction = extraction_settings(settings)
    require_engine([extraction])
    return StudySettings.model_validate(
        {
            "name": "features",
            "outcome": OutcomeSettings(column="none"),
            "regions": RegionSettings(rings_mm=tuple(rings_mm)),
            "lesions": lesions,
            "extraction": extraction,
            "device": device,
        }
    )
