"""Keep the columns that an elastic net takes up, time and again, on halves of the patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import enet_path

from radpred.model.frames import as_frame
from radpred.model.labels import CaseLabels, labels_of
from radpred.model.selection.ordered import KeepBest

Array = NDArray[Any]
N_STEPS = 30
LEAST_PENALTY = 0.05  # of the one that leaves no column


class KeepByElasticNet(KeepBest):
    """Keep the columns that enter the path of an elastic net first, by stability selection.

    On each of ``n_draws`` halves of the patients, drawn in pairs that complete each other and
    with as many events in each, the penalty falls until ``n_entered`` columns have entered.
    Columns are ordered by how often they did; of equals by how early on the path over all rows,
    then by the size of their coefficient there. The loss is the squared one, on the outcome as 0
    and 1: its slope at the start of the path, and so the first column in, is that of the logistic
    one. Kept columns stand in the order of the table.

    Parameters
    ----------
    n_features : int, default 10
        How many columns stay.
    l1_ratio : float, default 0.5
        The share of the lasso in the penalty.
    n_draws : int, default 40
        Halves, an even number; with 0 the path over all rows decides.
    n_entered : int, default 20
        How many columns are let in on each half.
    seed : int, default 0
        Where the halves start.
    patients : CaseLabels, optional
        The patient of each case, if they do not come with the rows: lesions of a patient stay in
        one half. Without either each row is a patient of its own.

    Attributes
    ----------
    frequency_ : ndarray of shape (p,)
        The share of halves in which each column entered.

    References
    ----------
    Zou, Hastie, J R Stat Soc B 2005;67:301-320. Meinshausen, Bühlmann, J R Stat Soc B
    2010;72:417-473; complementary pairs: Shah, Samworth, J R Stat Soc B 2013;75:55-80.
    """

    def __init__(
        self,
        n_features: int = 10,
        *,
        l1_ratio: float = 0.5,
        n_draws: int = 40,
        n_entered: int = 20,
        seed: int = 0,
        patients: CaseLabels | None = None,
    ) -> None:
        self.n_features = n_features
        self.l1_ratio = l1_ratio
        self.n_draws = n_draws
        self.n_entered = n_entered
        self.seed = seed
        self.patients = patients

    def fit(self, X: Any, y: Any, *, patient: ArrayLike | None = None) -> Self:
        """Find the columns of ``X`` that the net takes up for ``y`` (0 or 1)."""
        frame = as_frame(X)
        self.order_ = self._order(frame, np.asarray(y), patient)
        return self._keep(frame, np.sort(self.order_[: self.n_features]))

    def order(self, frame: pd.DataFrame, y: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the positions of the columns by how often, then how early, they enter."""
        return self._order(frame, y, None)

    def _order(self, frame: pd.DataFrame, y: Array, patient: ArrayLike | None) -> Array:
        """Return the order of the columns, by patients that came with the rows or are known."""
        values = frame.to_numpy(dtype=np.float64)
        patients = self._patients_of(frame.index, patient)
        entered = np.zeros(values.shape[1])
        for rows in halves(y, patients, n_draws=self.n_draws, seed=self.seed):
            first, size = self._path(values[rows], y[rows])
            came = np.lexsort((-size, first))[: self.n_entered]
            entered[came[first[came] < N_STEPS]] += 1
        self.frequency_ = entered / max(1, self.n_draws)
        first, size = self._path(values, y)
        return np.lexsort((-size, first, -entered))

    def _patients_of(self, cases: pd.Index, given: ArrayLike | None) -> Array:
        """Return the patient of each case; one that is not known is its own."""
        own = np.array([f"row {i}" for i in range(len(cases))])
        if given is None and self.patients is None:
            return own
        known = labels_of(cases, given, self.patients, what="patient").astype(str)
        return np.where(known == "", own, known)

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that knows only the columns ``names``, and no patient."""
        narrow = super().restricted_to(names)
        narrow.patients = None
        return narrow

    def _path(self, values: Array, y: Array) -> tuple[Array, Array]:
        """Return where each column enters, and its size where the path was left."""
        return entries(values, y, l1_ratio=self.l1_ratio, n_entered=self.n_entered)


def halves(y: Array, patients: Array, *, n_draws: int, seed: int) -> Iterator[Array]:
    """Yield the rows of halves of the patients, each followed by the rest.

    Patients with an event, and those without, are halved apart, so that both are in each half.

    Parameters
    ----------
    y : array of shape (n,)
        0 or 1.
    patients : array of str, shape (n,)
        The patient of each row.
    n_draws : int
        How many halves.
    seed : int
        Where chance starts.
    """
    rng = np.random.default_rng(seed)
    names, whose = np.unique(patients, return_inverse=True)
    has_event = np.bincount(whose, weights=y, minlength=len(names)) > 0
    for _ in range(n_draws // 2):
        in_first = np.zeros(len(names), dtype=bool)
        for kind in (False, True):
            own = rng.permutation(np.flatnonzero(has_event == kind))
            in_first[own[: (len(own) + int(kind)) // 2]] = True
        yield np.flatnonzero(in_first[whose])
        yield np.flatnonzero(~in_first[whose])


def entries(
    values: Array, y: Array, *, l1_ratio: float, n_entered: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the step at which each column enters a falling path, and its absolute coefficient.

    The path is left once ``n_entered`` columns have entered, or at a twentieth of the penalty
    that leaves none; columns that have not entered have step `N_STEPS` and size 0.

    Parameters
    ----------
    values : array of shape (n, p)
        Brought to mean 0 and standard deviation 1 here.
    y : array of shape (n,)
        0 or 1; where all are equal no column enters.
    l1_ratio : float
        The share of the lasso, above 0.
    n_entered : int
        How many are let in.
    """
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0)
    columns = np.asfortranarray(centred / np.where(spread > 0, spread, 1.0))
    target = y - y.mean()
    steps = np.full(values.shape[1], N_STEPS, dtype=np.intp)
    size = np.zeros(values.shape[1])
    most = np.abs(columns.T @ target).max(initial=0.0) / (len(y) * l1_ratio)
    if most == 0:
        return steps, size
    for step, penalty in enumerate(most * np.geomspace(1, LEAST_PENALTY, N_STEPS + 1)[1:]):
        _, path, _ = enet_path(
            columns,
            target,
            l1_ratio=l1_ratio,
            alphas=[penalty],
            coef_init=size,
            precompute=False,
            check_input=False,
            tol=1e-3,
        )
        size = path[:, 0].copy()
        steps[(size != 0) & (steps == N_STEPS)] = step
        if np.count_nonzero(steps < N_STEPS) >= n_entered:
            break
    return steps, np.abs(size)
