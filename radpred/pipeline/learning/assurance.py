"""From a study's settings to what stands behind its answers, and whom a case is compared with."""

from __future__ import annotations

from typing import Any

import pandas as pd

from radpred.config.study import ConformalSettings, LearningSettings
from radpred.errors import InputError
from radpred.model.assurance import Assurance
from radpred.table.columns import clinical_name


def assurance_of(design: LearningSettings) -> Assurance:
    """Return how the models of a study are calibrated and conformalised."""
    sets = design.conformal
    return Assurance(
        calibration=design.calibration,
        conformal=sets.method,
        taxonomy=sets.by,
        unknown=sets.unknown,
        level=max(design.confidence_levels, default=None),
    )


def strata_of(
    settings: ConformalSettings, X: pd.DataFrame, site: pd.Series | None
) -> pd.Series | None:
    """Return the site or group of each case as text, or None where sets look at none.

    Parameters
    ----------
    settings : ConformalSettings
        What sets look at.
    X : DataFrame of shape (n, p)
        Indexed by case, with the clinical columns.
    site : Series, optional
        The site of each case; "" or missing where it is not told.

    Raises
    ------
    InputError
        The group is no column of ``X``.
    """
    if not settings.by_group:
        return None
    if settings.group is None:
        told = pd.Series("", index=X.index) if site is None else site.reindex(X.index)
        return told.map(word)
    name = clinical_name(settings.group)
    if name not in X.columns:
        msg = f"prediction sets look at {settings.group!r}, which no column tells; add it"
        raise InputError(msg, code="no_group")
    return X[name].map(word)


def training_strata(
    settings: ConformalSettings, X: pd.DataFrame, site: pd.Series | None
) -> pd.Series | None:
    """Return what :func:`strata_of` does, and refuse a cohort that tells no site or group at all.

    Raises
    ------
    InputError
        No case has a site or group.
    """
    strata = strata_of(settings, X, site)
    if strata is not None and (strata == "").all():
        what = f"the clinical column {settings.group}" if settings.group else "the column site"
        msg = (
            f"conformal.by is {settings.by}, and no case has a value in {what}; fill it in, or "
            "set by to class"
        )
        raise InputError(msg, code="no_group")
    return strata


def word(value: Any) -> str:
    """Return a site or group as text: 2.0 and "2" are the same, and nothing is ""."""
    if pd.isna(value):
        return ""
    text = str(value).strip()
    try:
        return f"{float(text):g}"
    except ValueError:
        return text
