"""Whether prediction sets hold the truth as often as they promise, in each class and site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta, betabinom

from radpred.evaluate.resampling import Interval
from radpred.model.conformal import TOO_SMALL, least_error, least_rows, prediction_set

Array = NDArray[Any]


@dataclass(frozen=True)
class SetShares:
    """How prediction sets turn out, each of the leading shape of the weights."""

    coverage: Array
    set_size: Array
    singleton: Array
    both: Array
    empty: Array


def set_shares(
    y: Array, p_values: Array, weights: Array | None = None, *, level: float
) -> SetShares:
    """Return coverage, mean size and kinds of the prediction sets at ``level``.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    p_values : array of shape (n_rows, 2)
        Conformal p-values of class 0 and class 1.
    weights : array of shape (..., n_rows), optional
        How often each row counts; multiply by ``y == c`` to look at one class.
    level : float
        Promised coverage.
    """
    sets = prediction_set(p_values, level=level)
    y = np.asarray(y, dtype=int)
    size = sets.sum(axis=1)
    columns = [sets[np.arange(y.size), y], size, size == 1, size == 2, size == 0]
    weights = np.ones(y.size) if weights is None else np.asarray(weights, dtype=float)
    total = weights.sum(axis=-1)[..., None]
    sums = weights @ np.column_stack(columns).astype(float)
    means = np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0)
    return SetShares(*np.moveaxis(means, -1, 0))


def expected_coverage_sd(n_calibration: float, level: float) -> float:
    """Return the standard deviation of coverage that ``n_calibration`` rows leave to chance.

    Given its calibration rows, the coverage of a split-conformal set is distributed as
    Beta(k, n + 1 - k) with k = ceil((n + 1) level) (Vovk 2012). NaN where the rows are too
    few to leave anything out (k > n), so that every set is full.

    Parameters
    ----------
    n_calibration : float
        Calibration rows (of the class, for class-conditional sets); rounded down.
    level : float
        Promised coverage.

    Examples
    --------
    >>> round(expected_coverage_sd(19, 0.9), 3)
    0.065
    """
    n = int(n_calibration)
    rank = int(np.ceil(round((n + 1) * level, 9)))
    if rank > n:
        return float("nan")
    return float(beta(rank, n + 1 - rank).std())


def one_sided_bound(n: int, *, level: float = 0.95) -> float:
    """Return the lower end of the exact two-sided interval for ``n`` successes in ``n`` trials.

    Clopper & Pearson 1934; for no success the upper end is one minus this.

    Parameters
    ----------
    n : int
        Independent trials.
    level : float
        Nominal coverage of the interval.
    """
    return float(((1 - level) / 2) ** (1 / n)) if n else 0.0


def exact_interval(n_hits: float, n: int, *, level: float = 0.95) -> Interval:
    """Return a share with its exact interval (Clopper & Pearson 1934); rows must be independent.

    Parameters
    ----------
    n_hits : float
        How many; a mean over repeats may lie between two numbers.
    n : int
        Of how many.
    level : float
        Nominal coverage of the interval.
    """
    if not n:
        return Interval(np.nan, np.nan, np.nan, "no rows")
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, n_hits, n - n_hits + 1)) if n_hits else 0.0
    high = float(beta.ppf(1 - tail, n_hits + 1, n - n_hits)) if n_hits < n else 1.0
    return Interval(n_hits / n, low, high, "exact")


def coverage_by_cell(
    y: ArrayLike, holds: ArrayLike, *, strata: ArrayLike | None = None
) -> dict[str, Interval]:
    """Return the coverage of all rows, of each class and of each site, with exact intervals.

    Empty sets count as not covered.

    Parameters
    ----------
    y : array of 0 and 1, shape (n_rows,)
        The outcome.
    holds : array of bool, shape (n_rows, 2)
        Whether each set holds class 0 and class 1.
    strata : array of shape (n_rows,), optional
        Site or other group of each row.
    """
    outcome, sets = np.asarray(y, dtype=int), np.asarray(holds, dtype=bool)
    covered = sets[np.arange(outcome.size), outcome]
    members = {"all": np.ones(outcome.size, dtype=bool)}
    members |= {f"class={label}": outcome == label for label in (0, 1)}
    if strata is not None:
        names = np.asarray(strata).astype(str)
        members |= {f"group={name}": names == name for name in np.unique(names)}
    return {
        name: exact_interval(int(covered[member].sum()), int(member.sum()))
        for name, member in members.items()
    }


def coverage_shortfall(n_covered: int, n_new: int, *, n_calibration: int, level: float) -> float:
    """Return how likely so few covered rows are if new rows are like the calibration rows.

    Covered among m exchangeable new rows are BetaBinomial(m, k, n + 1 - k) with
    k = ceil((n + 1) level) (Vovk 2012), where scores have no ties. A small value speaks
    against that: at another site the promise then does not hold.

    Parameters
    ----------
    n_covered, n_new : int
        New rows whose set holds the truth, and all of them.
    n_calibration : int
        Calibration rows of their cell.
    level : float
        Promised coverage.

    Examples
    --------
    >>> round(coverage_shortfall(30, 40, n_calibration=99, level=0.9), 3)
    0.017
    """
    rank = int(np.ceil(round((n_calibration + 1) * level, 9)))
    if rank > n_calibration:
        return 1.0
    return float(betabinom.cdf(n_covered, n_new, rank, n_calibration + 1 - rank))


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a cell of calibration rows can promise.

    Attributes
    ----------
    cell : str
        Its name.
    n_rows : int
        Its calibration rows.
    level : float
        Coverage that was asked for.
    least_error : float
        Smallest error that it can promise, 1 / (n + 1).
    expected_sd : float
        Spread of its coverage that this many rows leave to chance; NaN where every set is full.
    """

    cell: str
    n_rows: int
    level: float
    least_error: float
    expected_sd: float

    @property
    def is_reachable(self) -> bool:
        """Return whether any set can leave an outcome out."""
        return self.n_rows >= least_rows(self.level)

    @property
    def sentence(self) -> str:
        """Return what to tell a reader."""
        start = (
            f"{self.cell}: {self.n_rows} calibration rows, least reachable error "
            f"{self.least_error:.3f}"
        )
        if self.is_reachable:
            return (
                f"{start}; coverage promised at {self.level:g} varies between calibration sets "
                f"of this size with a standard deviation of {self.expected_sd:.3f}."
            )
        highest = np.floor((1 - self.least_error) * 1000) / 1000
        return (
            f"{start}; {TOO_SMALL}: {self.level:g} needs {least_rows(self.level)} rows, so every "
            "set is full. Let every row calibrate (cross-conformal prediction), or ask for at "
            f"most {highest:g}."
        )


def reach_of(sizes: Mapping[str, int], *, level: float) -> tuple[Reach, ...]:
    """Return what each cell can promise at ``level``, in the order given.

    Parameters
    ----------
    sizes : mapping of str to int
        Calibration rows of each cell, as ``CrossConformal.cell_sizes`` counts them.
    level : float
        Promised coverage.
    """
    return tuple(
        Reach(
            cell=cell,
            n_rows=n_rows,
            level=level,
            least_error=least_error(n_rows),
            expected_sd=expected_coverage_sd(n_rows, level),
        )
        for cell, n_rows in sizes.items()
    )
