"""How strange a case would be under an outcome, against cases whose outcome is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import SettingsError

# 1 - 0.9 is a little less than 0.1 in binary; a p-value of exactly 0.1 is not above it.
_ROUNDING = 1e-9


def nonconformity(scores: ArrayLike, *, outcome: int) -> NDArray[np.float64]:
    """Return how strange each score is for ``outcome``: low for the event, high for the other."""
    values = np.asarray(scores, dtype=np.float64)
    return -values if outcome == 1 else values


def count_as_strange(calibration: ArrayLike, test: ArrayLike) -> NDArray[np.intp]:
    """Return for each test case how many calibration cases are at least as strange.

    Parameters
    ----------
    calibration : array of shape (n,)
        Nonconformity of cases that the scoring model did not see.
    test : array of shape (m,)
        Nonconformity of new cases, on the same scale.
    """
    ordered = np.sort(np.asarray(calibration, dtype=np.float64))
    below = np.searchsorted(ordered, np.asarray(test, dtype=np.float64), side="left")
    return len(ordered) - below


def p_values(calibration: ArrayLike, test: ArrayLike) -> NDArray[np.float64]:
    """Return unsmoothed conformal p-values, (1 + number at least as strange) / (n + 1).

    Under exchangeability P(p <= a) <= a for every a (V. Vovk, A. Gammerman, G. Shafer,
    "Algorithmic Learning in a Random World", 2005, proposition 2.4).

    Examples
    --------
    >>> p_values([0.1, 0.2, 0.3], [0.25, 0.3, 0.9]).tolist()
    [0.5, 0.5, 0.25]
    """
    n_calibration = len(np.asarray(calibration))
    return (1 + count_as_strange(calibration, test)) / (n_calibration + 1)


def smoothed_p_values(
    calibration: ArrayLike, test: ArrayLike, *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return p-values whose ties are broken by chance: exactly uniform, and not repeatable.

    (number stranger + U (1 + number alike)) / (n + 1) with U uniform in [0, 1) (V. Vovk,
    A. Gammerman, G. Shafer, 2005, section 2.3). For tests of exchangeability only: an answer
    about a patient must not depend on a draw, so sets use :func:`p_values`, where every tie
    counts as at least as strange.

    Parameters
    ----------
    calibration : array of shape (n,)
        Nonconformity of cases that the scoring model did not see.
    test : array of shape (m,)
        Nonconformity of new cases, on the same scale.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    ordered = np.sort(np.asarray(calibration, dtype=np.float64))
    new = np.asarray(test, dtype=np.float64)
    stranger = len(ordered) - np.searchsorted(ordered, new, side="right")
    alike = count_as_strange(ordered, new) - stranger
    return (stranger + rng.random(len(new)) * (1 + alike)) / (len(ordered) + 1)


def prediction_set(p: ArrayLike, *, level: float) -> NDArray[np.bool_]:
    """Return which outcomes a set at ``level`` holds: those with p > 1 - level.

    Raises
    ------
    SettingsError
        The level does not lie between 0 and 1.

    Examples
    --------
    >>> prediction_set([[0.1, 0.4], [0.2, 0.05]], level=0.9).tolist()
    [[False, True], [True, False]]
    """
    if not 0 < level < 1:
        msg = f"confidence level {level}: must lie between 0 and 1, as 0.9 does"
        raise SettingsError(msg)
    return np.asarray(p, dtype=np.float64) > 1 - level + _ROUNDING


def least_rows(level: float) -> int:
    """Return how many calibration rows an outcome needs before a set can leave it out.

    The smallest p-value is 1 / (n + 1); it must not be above 1 - level.

    Examples
    --------
    >>> [least_rows(level) for level in (0.8, 0.9, 0.95)]
    [4, 9, 19]
    """
    return math.ceil(1 / (1 - level) - _ROUNDING) - 1


def least_error(n_rows: int) -> float:
    """Return the smallest error that ``n_rows`` calibration rows can promise, 1 / (n + 1).

    Below it every set holds every outcome.

    Examples
    --------
    >>> least_error(19)
    0.05
    """
    return 1 / (n_rows + 1)
