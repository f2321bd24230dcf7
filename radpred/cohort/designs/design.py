"""A design of validation: who is learnt from, who is tested, and what had to be mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from radpred.cohort.designs.labels import Labels
from radpred.cohort.split import Split, check_disjoint
from radpred.errors import InputError, warn

DesignKind = Literal[
    "repeated_k_fold",
    "leave_one_site_out",
    "leave_one_patient_out",
    "leave_pair_out",
    "bootstrap",
    "by_date",
    "external",
]
N_NAMED = 3


class Part(NamedTuple):
    """Rows to learn from and rows to test, before anything is checked."""

    repeat: int
    fold: int
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    label: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """Checked splits of a cohort.

    No patient is on both sides of a split, and every training part holds every outcome.

    Attributes
    ----------
    kind : str
        The name of the function that made it.
    splits : tuple of Split
        In order of repeat and fold.
    notes : tuple of str
        What was mended, or cannot be judged, with its numbers.
    """

    kind: DesignKind
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = ()


def design_of(
    kind: DesignKind,
    parts: Iterable[Part],
    *,
    labels: Labels,
    patients: NDArray[np.str_],
    notes: Iterable[str] = (),
) -> Design:
    """Return the design of ``parts`` after checking each; notes are told as one warning.

    Raises
    ------
    InputError
        A training part lacks an outcome, or a part is empty.
    LeakageError
        A patient is on both sides of a split.
    """
    splits = tuple(Split(**part._asdict()) for part in parts)
    for split in splits:
        check_disjoint(split, patients)
        _refuse_unlearnable(split, labels, patients, kind=kind)
    notes = tuple(notes)
    if notes:
        warn(f"{kind.replace('_', ' ')}: {'; '.join(notes)}")
    return Design(kind=kind, splits=splits, notes=notes)


def place_of(split: Split) -> str:
    """Return a split's label, or its numbers."""
    return split.label or f"repeat {split.repeat}, fold {split.fold}"


def _refuse_unlearnable(
    split: Split, labels: Labels, patients: NDArray[np.str_], *, kind: DesignKind
) -> None:
    """Refuse a split with an empty part, or whose training part lacks an outcome."""
    if not len(split.test) or not len(split.train):
        msg = (
            f"{place_of(split)}: {len(split.train)} rows to learn from and {len(split.test)} to "
            "test; wanted are some of both; choose another design"
        )
        raise InputError(msg, code="empty_fold")
    lacking = labels.lacking(split.train)
    if lacking:
        msg = (
            f"{kind.replace('_', ' ')}: without {place_of(split)} there is nothing to learn "
            f"{', '.join(lacking[:N_NAMED])} from ({labels.counts(patients)}); merge what is left "
            "out with others, leave the outcome's rare class out, or choose another design"
        )
        raise InputError(msg, code="too_few_events")
