"""How well repeated measurements of the same subjects agree, column by column.

Intraclass correlations of single measurements with intervals from the F distribution: Shrout and
Fleiss, Psychol Bull 1979;86:420-428; McGraw and Wong, Psychol Methods 1996;1:30-46. With other
numbers of measurements in each subject: Donner, Int Stat Rev 1986;54:67-82. Concordance: Lin,
Biometrics 1989;45:255-268, with the correction of 2000;56:324-325; of more than two
measurements the overall coefficient of Barnhart et al., Biometrics 2002;58:1020-1027.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.errors import InputError
from radpred.table import _agreement, _variance
from radpred.table._variance import Floats

Statistic = Literal["icc_1_1", "icc_2_1", "icc_3_1", "pearson", "concordance"]
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
FEWEST = 3  # subjects without a gap


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability:
    """What each column reaches; arrays of shape (n_columns,).

    Attributes
    ----------
    estimate : ndarray
        At most 1; NaN with fewer than three subjects, or where nothing differs.
    low, high : ndarray
        The ends of the interval.
    n_subjects : ndarray of int
        On how many it rests.
    """

    estimate: Floats
    low: Floats
    high: Floats
    n_subjects: NDArray[np.intp]


_COMPUTED: Mapping[str, Callable[[Floats, float], tuple[Floats, Floats, Floats]]] = {
    "icc_1_1": _variance.icc_1_1,
    "icc_2_1": _variance.icc_2_1,
    "icc_3_1": _variance.icc_3_1,
    "pearson": _agreement.pearson,
    "concordance": _agreement.concordance,
}


def reliability(
    values: Floats,
    statistic: Statistic,
    *,
    level: float = 0.95,
    gaps: Literal["drop_subject", "drop_measurement"] = "drop_subject",
) -> Reliability:
    """Return the reliability of a single measurement, for each column.

    Where subjects differ and the measurements of each do not, it is 1, and so are the ends of the
    interval. Where all values of a column are the same it is NaN: nothing can be told apart.

    Parameters
    ----------
    values : ndarray of shape (n_subjects, n_measurements, n_columns)
        NaN and infinite values are gaps.
    statistic : {"icc_1_1", "icc_2_1", "icc_3_1", "pearson", "concordance"}
        ``icc_1_1``: absolute agreement, each subject measured by others; ``icc_2_1``: absolute
        agreement, all measured by the same, who stand for many; ``icc_3_1``: consistency, a
        constant offset between them does not count. ``pearson`` and ``concordance`` are of pairs:
        with more than two measurements the mean of the pairs' coefficients, and the overall
        concordance, with a jackknife interval on Fisher's scale.
    level : float
        Of the interval.
    gaps : {"drop_subject", "drop_measurement"}
        Whether a gap takes the whole subject out of its column, or only the measurement; the
        latter is for ``icc_1_1``, which allows other numbers of measurements in each subject.

    Raises
    ------
    InputError
        Another shape, fewer than two measurements, an unknown statistic, or gaps that it cannot
        have.

    Examples
    --------
    >>> x = np.array([[1.0, 1.1], [2.0, 2.2], [3.0, 2.9], [4.0, 4.1]])
    >>> reliability(x[:, :, None], "icc_3_1").estimate.round(3)
    array([0.995])
    """
    values = np.asarray(values, dtype=np.float64)
    _check(values, statistic, level=level, gaps=gaps)
    known = np.where(np.isfinite(values), values, np.nan)
    n_known = np.count_nonzero(~np.isnan(known), axis=1)
    whole = 1 if gaps == "drop_measurement" else values.shape[1]
    counts = n_known >= whole
    known = np.where(counts[:, None, :], known, np.nan)
    n_subjects = np.count_nonzero(counts, axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = _COMPUTED[statistic](known, level)
    differs = (n_subjects >= FEWEST) & (_spread(known) > 0)
    estimate, low, high = (np.where(differs, part, np.nan) for part in found)
    return Reliability(estimate=estimate, low=low, high=high, n_subjects=n_subjects)


def repeated(frame: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return a long table as an array, and its cases in order.

    Parameters
    ----------
    frame : DataFrame
        Numbers, indexed by (case, variant), each pair once.

    Returns
    -------
    values : ndarray of shape (n_cases, n_variants, n_columns)
        NaN where a case lacks a variant. Variants are in order of their names.
    cases : list
        Cases in order of their names.

    Raises
    ------
    InputError
        An index of other levels, or a pair that occurs twice.
    """
    if frame.index.nlevels != 2 or not frame.index.is_unique:
        msg = (
            f"repeated measurements need an index (case_id, variant), each pair once; got "
            f"{frame.index.nlevels} levels and {int(frame.index.duplicated().sum())} repetitions"
        )
        raise InputError(msg, code="bad_repeats")
    case, cases = pd.factorize(frame.index.get_level_values(0), sort=True)
    variant, variants = pd.factorize(frame.index.get_level_values(1), sort=True)
    values = np.full((len(cases), len(variants), frame.shape[1]), np.nan)
    values[case, variant] = frame.to_numpy(dtype=np.float64)
    return values, list(cases)


def reliability_table(
    frame: pd.DataFrame, statistic: Statistic, *, level: float = 0.95
) -> pd.DataFrame:
    """Return one row for each column of a long table.

    Parameters
    ----------
    frame : DataFrame
        As in `repeated`.
    statistic : str
        As in `reliability`; of ``icc_1_1`` gaps drop the measurement alone.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        Indexed by ``column``: ``estimate``, ``low``, ``high``, ``n_cases``.
    """
    values, _ = repeated(frame)
    gaps: Literal["drop_subject", "drop_measurement"] = (
        "drop_measurement" if statistic == "icc_1_1" else "drop_subject"
    )
    found = reliability(values, statistic, level=level, gaps=gaps)
    return pd.DataFrame(
        {
            "estimate": found.estimate,
            "low": found.low,
            "high": found.high,
            "n_cases": found.n_subjects,
        },
        index=pd.Index(frame.columns, name="column", dtype=str),
    )


def reliability_by_size(
    frames: Mapping[float, pd.DataFrame], statistic: Statistic, *, level: float = 0.95
) -> pd.DataFrame:
    """Return how reliable each column is against perturbations of several sizes.

    Parameters
    ----------
    frames : mapping of float to DataFrame
        Of each size (mm, degrees, or a wanted Dice coefficient) the measurements, as in
        `repeated`.
    statistic : str
        As in `reliability_table`.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row for each size and column, sizes in the order they came: ``size``, ``column``,
        ``estimate``, ``low``, ``high``, ``n_cases``.
    """
    parts = [
        reliability_table(frame, statistic, level=level).reset_index().assign(size=float(size))
        for size, frame in frames.items()
    ]
    names = ["size", "column", "estimate", "low", "high", "n_cases"]
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)


def _check(values: Floats, statistic: str, *, level: float, gaps: str) -> None:
    """Refuse what no reliability can be computed from."""
    if statistic not in STATISTICS:
        msg = f"no statistic is called {statistic!r}; known are {', '.join(STATISTICS)}"
        raise InputError(msg)
    if values.ndim != 3 or values.shape[1] < 2:
        msg = (
            f"got an array of shape {values.shape}; wanted subjects x measurements x columns, with "
            "two measurements or more"
        )
        raise InputError(msg, code="bad_repeats")
    if not 0 < level < 1:
        raise InputError(f"level: {level}; wanted more than 0 and less than 1, as 0.95")
    if gaps == "drop_measurement" and statistic != "icc_1_1":
        msg = f"{statistic} needs all measurements of a subject; let gaps drop the subject"
        raise InputError(msg)


def _spread(values: Floats) -> Floats:
    """Return the distance between the largest and the smallest value of each column."""
    largest = np.max(values, axis=(0, 1), initial=-np.inf, where=~np.isnan(values))
    smallest = np.min(values, axis=(0, 1), initial=np.inf, where=~np.isnan(values))
    return largest - smallest
