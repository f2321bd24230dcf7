"""From p-values to sets: what they hold, why they are full, and what an empty one says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radpred.errors import SettingsError
from radpred.model.conformal.cells import TOO_SMALL, CellAnswers
from radpred.model.conformal.p_values import least_rows, prediction_set

Empty = Literal["keep", "most_typical"]


@dataclass(frozen=True, kw_only=True)
class PredictionSets:
    """Sets of outcomes at one level.

    Attributes
    ----------
    holds : ndarray of bool, shape (n, 2)
        Whether each row's set holds no event, and the event.
    is_atypical : ndarray of bool, shape (n,)
        Whether neither outcome was typical, so that the set was empty at first.
    reason : tuple of str, length n
        Why a set is what it is, where the calibration rows and not the case decided that.
    """

    holds: NDArray[np.bool_]
    is_atypical: NDArray[np.bool_]
    reason: tuple[str, ...]


def prediction_sets(answers: CellAnswers, *, level: float, empty: Empty = "keep") -> PredictionSets:
    """Return the sets at ``level``, each with its reason.

    An empty set says that the case is like neither outcome's calibration rows; such sets are
    how a model that errs less than 1 - level spends the rest. They count as not covered.

    Parameters
    ----------
    answers : CellAnswers
        Made with the same level.
    level : float
        Promised coverage.
    empty : str
        ``keep`` (an atypical case has an empty set) or ``most_typical`` (it gets the outcome
        with the larger p-value, both if they are equal; coverage can only rise).

    Raises
    ------
    SettingsError
        The level does not lie between 0 and 1, or ``empty`` is unknown.
    """
    if empty not in ("keep", "most_typical"):
        msg = f"empty sets {empty!r}: unknown; choose 'keep' or 'most_typical'"
        raise SettingsError(msg)
    p = answers.p_values
    holds = prediction_set(p, level=level)
    is_atypical = np.asarray(~holds.any(axis=1))
    if empty == "most_typical":
        holds |= is_atypical[:, None] & (p == p.max(axis=1, keepdims=True))
    reasons = [_reason(answers, row, level) for row in range(len(p))]
    return PredictionSets(holds=holds, is_atypical=is_atypical, reason=tuple(reasons))


def _reason(answers: CellAnswers, row: int, level: float) -> str:
    """Return why the set of a row is not what the finest cell would have made it."""
    parts = []
    for outcome in (0, 1):
        reason, cell = answers.reason[row, outcome], answers.cell[row, outcome]
        if reason == TOO_SMALL:
            have = f"{answers.n_rows[row, outcome]} rows in {cell!r}, {least_rows(level)} needed"
            parts.append(f"{reason}: {have}")
        elif reason:
            parts.append(f"{reason}: {f'compared with {cell!r}' if cell else 'everything kept'}")
    return "; ".join(dict.fromkeys(parts))
