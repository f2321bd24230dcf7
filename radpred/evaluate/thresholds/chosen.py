"""A threshold that knows which rows chose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError, LeakageError

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """Rows that may choose a threshold: scored by a model that did not see them.

    Attributes
    ----------
    y : ndarray of 0 and 1, shape (n,)
        The outcome.
    score : ndarray of shape (n,)
        Higher means the event is likelier.
    case_ids, patients : ndarray of str, shape (n,)
        Which case, and whose; one case a patient, since guarantees count independent rows.
    """

    y: Array
    score: Array
    case_ids: Array
    patients: Array


def held_out(
    y: ArrayLike, score: ArrayLike, *, case_ids: ArrayLike, patients: ArrayLike
) -> HeldOut:
    """Return checked rows that may choose a threshold.

    Scores pooled from several folds come from several models; a guarantee is exact for one.

    Raises
    ------
    InputError
        Shapes differ, an outcome is neither 0 nor 1, a score is not finite, or a patient has
        several rows.
    """
    rows = HeldOut(
        y=np.asarray(y),
        score=np.asarray(score, dtype=float),
        case_ids=np.asarray(case_ids).astype(str),
        patients=np.asarray(patients).astype(str),
    )
    shapes = {part.shape for part in (rows.y, rows.score, rows.case_ids, rows.patients)}
    problem = ""
    if len(shapes) > 1 or rows.y.ndim != 1:
        problem = f"shapes {sorted(shapes)} differ; give one outcome, score, case and patient a row"
    elif not np.isin(rows.y, (0, 1)).all():
        problem = "an outcome is neither 0 nor 1; state which value is the event"
    elif not np.isfinite(rows.score).all():
        problem = "a score is missing or infinite; leave those rows out"
    elif np.unique(rows.patients).size < rows.patients.size:
        problem = "a patient has several rows; keep one a patient, as that with the highest score"
    if problem:
        msg = f"rows that are to choose a threshold: {problem}"
        raise InputError(msg)
    return rows


@dataclass(frozen=True, kw_only=True)
class ChosenThreshold:
    """A threshold, what it guarantees, and whom it was chosen on.

    Attributes
    ----------
    metric : str
        What is guaranteed.
    target : float
        At least how much of it (of ``flagged``: at most).
    confidence : float
        With what probability over the rows that chose.
    threshold : float or None
        A row is called an event where its score reaches it; None where nothing can be promised.
    rule : str
        How it was chosen.
    n_rows, n_needed : int
        Rows that count for the metric, and how many it takes at least to promise anything.
    counted : str
        Which rows those are, in words.
    case_ids, patients : tuple of str
        The rows that chose.
    """

    metric: str
    target: float
    confidence: float
    threshold: float | None
    rule: str
    n_rows: int
    n_needed: int
    counted: str
    case_ids: tuple[str, ...]
    patients: tuple[str, ...]

    @property
    def answer(self) -> str:
        """Return the guarantee, or why there is none, as a sentence."""
        sign = "<=" if self.metric == "flagged" else ">="
        promise = f"{self.metric} {sign} {self.target:g} with confidence {self.confidence:g}"
        if self.threshold is not None:
            return (
                f"{promise}: score >= {self.threshold:.6g}, by {self.rule} on "
                f"{self.n_rows} {self.counted}."
            )
        if self.n_rows < self.n_needed:
            return (
                f"{promise}: cannot be reached with {self.n_rows} {self.counted}: "
                f"needs {self.n_needed}."
            )
        return (
            f"{promise}: cannot be reached with these {self.n_rows} {self.counted}, by "
            f"{self.rule}; it takes {self.n_needed} of them without an error, and more with errors."
        )

    def decide(self, score: ArrayLike) -> NDArray[np.bool_]:
        """Return which rows are called an event.

        Raises
        ------
        InputError
            There is no threshold.
        """
        if self.threshold is None:
            msg = f"no threshold to decide by. {self.answer} Lower the target or the confidence"
            raise InputError(msg)
        return np.asarray(score, dtype=float) >= self.threshold

    def refuse_seen(self, *, case_ids: ArrayLike, patients: ArrayLike) -> None:
        """Raise where rows to be judged helped to choose the threshold.

        Raises
        ------
        LeakageError
            With the number of cases or patients, and the first of them.
        """
        for what, chose, judged in (
            ("cases", self.case_ids, case_ids),
            ("patients", self.patients, patients),
        ):
            seen = np.intersect1d(np.array(chose, dtype=str), np.asarray(judged).astype(str))
            if len(seen):
                msg = (
                    f"{len(seen)} {what} to be judged also chose the threshold, first "
                    f"{seen[:3].tolist()}; choose it on other patients"
                )
                raise LeakageError(msg)
