"""From a study's settings to the splits of its cohort, and what these splits let one say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.cohort.designs import (
    Design,
    bootstrap,
    by_date,
    external,
    leave_one_patient_out,
    leave_one_site_out,
    names_of_copies,
    repeated_k_fold,
)
from radpred.cohort.split import Split
from radpred.config.study import DRAWS_A_JOB, LearningSettings
from radpred.errors import InputError
from radpred.model.rows import Cohort

N_NAMED = 3
ONE_TEST_SET = ("date", "external")


def design_of(
    cohort: Cohort,
    settings: LearningSettings,
    *,
    dealt_by: pd.Series | None = None,
    repeats: Sequence[int] | None = None,
) -> Design:
    """Return the splits that a study asks for, or those of some of its parts.

    Parameters
    ----------
    cohort : Cohort
        All rows.
    settings : LearningSettings
        Which design, and its numbers.
    dealt_by : Series of str, optional
        By case: the site, the date, or the set that the case belongs to, where the design goes
        by one of them.
    repeats : sequence of int, optional
        Only these repeats of the folds, or these jobs of bootstrap draws; all by default.

    Raises
    ------
    InputError
        No such repeat, too few events, or a site, date or set that cannot be used.
    LeakageError
        A patient would be on both sides of a split.
    """
    wanted = _wanted(settings, repeats)
    kind, y, groups = settings.design.kind, _named(cohort), cohort.groups
    if kind == "folds":
        # What cannot be filled is refused, so that every fold of a study is as it was asked for;
        # but of several classes a rare one may be absent from some test parts, with a warning.
        found = repeated_k_fold(
            y,
            groups,
            n_folds=settings.outer_folds,
            repeats=max(wanted) + 1,
            seed=settings.seed,
            kind=cohort.kind,
            shortage="keep" if cohort.kind == "multiclass" else "refuse",
        )
        return replace(found, splits=tuple(s for s in found.splits if s.repeat in wanted))
    if kind == "bootstrap":
        n_draws = min(settings.design.draws, DRAWS_A_JOB * (max(wanted) + 1))
        found = bootstrap(y, groups, n_draws=n_draws, seed=settings.seed)
        own = tuple(s for s in found.splits if s.repeat // DRAWS_A_JOB in wanted)
        return replace(found, splits=own)
    if kind == "patients":
        return leave_one_patient_out(y, groups)
    values = _values(cohort, dealt_by, kind=kind)
    if kind == "sites":
        _refuse_seen_twice(groups, values)
        return leave_one_site_out(y, groups, values, kind=cohort.kind)
    if kind == "date":
        cut, share = settings.design.cut, settings.design.share
        return by_date(y, groups, values, cut=cut, share=share, kind=cohort.kind)
    return external(y, groups, values == settings.design.external_value, kind=cohort.kind)


def _named(cohort: Cohort) -> NDArray[Any]:
    """Return the outcomes, classes by their names, so that notes and errors tell them."""
    if cohort.kind != "multiclass" or not cohort.classes:
        return cohort.y
    return np.array(cohort.classes, dtype=str)[cohort.y]


def training_part(cohort: Cohort, split: Split) -> Cohort:
    """Return the training rows of a split; rows that are drawn again have names of their own."""
    X, rows = cohort.X.iloc[split.train], split.train
    if len(np.unique(rows)) < len(rows):
        X = X.set_axis(names_of_copies(cohort.X.index, rows))
    strata = None if cohort.strata is None else cohort.strata[rows]
    chances = cohort.event_probability
    return replace(
        cohort,
        X=X,
        y=cohort.y[rows],
        groups=cohort.groups[rows],
        strata=strata,
        event_probability=None if chances is None else chances[rows],
    )


def is_external(settings: LearningSettings, dealt_by: pd.Series) -> pd.Series:
    """Tell which cases a study sets apart, by case."""
    return dealt_by == settings.design.external_value


def parts_of(settings: LearningSettings, *, n_patients: int, n_sites: int = 1) -> int:
    """Return in how many training parts one repeat of a design comes."""
    return {
        "folds": settings.outer_folds,
        "sites": n_sites,
        "patients": n_patients,
        "bootstrap": min(settings.design.draws, DRAWS_A_JOB),
    }.get(settings.design.kind, 1)


def facts_of(design: Design, cohort: Cohort) -> dict[str, Any]:
    """Return what a report says of a design: its parts, and who is learnt from and tested."""
    sizes = {"n_parts": len(design.splits), "notes": list(design.notes)}
    if len(design.splits) == 1:
        split = design.splits[0]
        sizes |= {"label": split.label}
        sizes |= {f"{what}_learnt": n for what, n in _counts(cohort, split.train).items()}
        sizes |= {f"{what}_tested": n for what, n in _counts(cohort, split.test).items()}
    return sizes


def calibration_rows(design: Design, cohort: Cohort) -> tuple[float, float]:
    """Return the mean number of training rows without, and with, the event."""
    counts = [np.bincount(cohort.y[split.train], minlength=2)[:2] for split in design.splits]
    without, having = np.mean(counts, axis=0)
    return float(without), float(having)


def _counts(cohort: Cohort, rows: NDArray[np.intp]) -> dict[str, int]:
    """Return how many cases, patients and events rows hold."""
    patients = len(np.unique(cohort.groups[rows]))
    found = {"n_cases": len(rows), "n_patients": patients}
    return found | ({"n_events": int(cohort.y[rows].sum())} if cohort.kind == "binary" else {})


def _wanted(settings: LearningSettings, repeats: Sequence[int] | None) -> list[int]:
    """Return the repeats that are asked for, or refuse those that the design has not."""
    wanted = list(range(settings.n_repeats) if repeats is None else repeats)
    if not wanted or not set(wanted) <= set(range(settings.n_repeats)):
        msg = f"repeats {wanted} are not among the {settings.n_repeats} of the design"
        raise InputError(msg, code="no_such_repeat")
    return wanted


def _values(cohort: Cohort, dealt_by: pd.Series | None, *, kind: str) -> NDArray[np.str_]:
    """Return what deals each case, in the cohort's order, or refuse gaps."""
    given = pd.Series(dtype=str) if dealt_by is None else dealt_by.rename(index=str)
    values = given.reindex(cohort.X.index.astype(str)).fillna("").astype(str)
    absent = values.index[values.str.strip() == ""]
    if len(absent):
        what = {"sites": "site", "date": "date"}.get(kind, "set")
        msg = (
            f"design {kind}: {len(absent)} of {len(values)} cases have no {what}, first "
            f"{absent[:N_NAMED].tolist()}; give each its {what}, or choose another design"
        )
        raise InputError(msg, code="bad_design_column")
    return values.to_numpy(dtype=str)


def _refuse_seen_twice(groups: NDArray[np.str_], sites: NDArray[np.str_]) -> None:
    """Refuse patients at several sites: their answers would be of models that differ."""
    places = pd.Series(sites).groupby(groups).nunique()
    several = places.index[places > 1]
    if len(several):
        msg = (
            f"design sites: {len(several)} patients were seen at several sites, first "
            f"{several[:N_NAMED].tolist()}; give each patient one site, or leave those cases out"
        )
        raise InputError(msg, code="several_sites")
