"""Folds of a cohort of which some labels are soft: those judge no model, and train all they may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from radpred.cohort.split import Split
from radpred.model.rows import Cohort, TrainingRows


def certain_part(cohort: Cohort) -> Cohort:
    """Return the rows that somebody is sure of: those that folds are made of."""
    if cohort.event_probability is None:
        return cohort
    rows = np.flatnonzero(cohort.is_certain)
    return replace(
        cohort,
        X=cohort.X.iloc[rows],
        y=cohort.y[rows],
        groups=cohort.groups[rows],
        event_probability=None,
        strata=None if cohort.strata is None else cohort.strata[rows],
    )


def with_soft(splits: Sequence[Split], cohort: Cohort) -> list[Split]:
    """Return splits of the certain rows as splits of all rows.

    A soft row is learnt from wherever its patient is not tested, and is tested nowhere.

    Parameters
    ----------
    splits : sequence of Split
        Positions in `certain_part`.
    cohort : Cohort
        All rows.
    """
    if cohort.event_probability is None:
        return list(splits)
    sure, soft = np.flatnonzero(cohort.is_certain), np.flatnonzero(~cohort.is_certain)
    whole = []
    for split in splits:
        test, train = sure[split.test], sure[split.train]
        is_free = ~np.isin(cohort.groups[soft], cohort.groups[test])
        train = np.sort(np.concatenate([train, soft[is_free]]))
        whole.append(replace(split, train=train, test=test))
    return whole


def soft_rows(cohort: Cohort, split: Split) -> TrainingRows | None:
    """Return the training rows of ``split`` as a model learns from them, None if all are sure."""
    if cohort.is_certain[split.train].all():
        return None
    return cohort.training(split.train)
