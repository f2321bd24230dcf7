"""Whom a case is compared with, and what happens where those are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radpred.errors import InputError, SettingsError
from radpred.model.conformal.p_values import count_as_strange, least_rows

Taxonomy = Literal["marginal", "class", "site", "group_class"]
Unknown = Literal["parent", "full"]
Kind = tuple[bool, bool]  # whether a cell is one stratum's, and whether it is one outcome's

OUTCOMES = (0, 1)
TAXONOMIES: tuple[Taxonomy, ...] = get_args(Taxonomy)
TOO_SMALL = "calibration set too small"
SMALL_CELL = "too few calibration rows in the cell"
UNKNOWN = "site or group not seen in calibration"

# From the finest cell to the coarsest. An outcome's cell has no parent: all rows together
# would hide the rarer outcome, so that its promise would be lost in silence.
_PATHS: dict[Taxonomy, tuple[Kind, ...]] = {
    "marginal": ((False, False),),
    "class": ((False, True),),
    "site": ((True, False), (False, False)),
    "group_class": ((True, True), (False, True)),
}


@dataclass(frozen=True, kw_only=True)
class CalibrationRows:
    """Rows whose outcome is known, scored by a chain that did not see them.

    Attributes
    ----------
    strangeness : ndarray of shape (n,)
        Nonconformity of each row for its own outcome; on one scale for both outcomes, if cells
        hold both.
    outcome : ndarray of int, shape (n,)
        0 or 1.
    stratum : ndarray of str, shape (n,)
        Site or other group of each row; empty where none was given.
    """

    strangeness: NDArray[np.float64]
    outcome: NDArray[np.intp]
    stratum: NDArray[np.str_]

    def within(self, stratum: str | None, outcome: int | None) -> NDArray[np.float64]:
        """Return the strangeness of the rows of one cell; None stands for all."""
        member = np.ones(len(self.outcome), dtype=bool)
        if stratum is not None:
            member &= self.stratum == stratum
        if outcome is not None:
            member &= self.outcome == outcome
        return self.strangeness[member]


Scored = Sequence[tuple[CalibrationRows, NDArray[np.float64]]]


@dataclass(frozen=True, kw_only=True)
class CellAnswers:
    """P-values of new rows, and which cell gave each.

    Attributes
    ----------
    p_values : ndarray of shape (n, 2)
        Of no event and of the event.
    cell : ndarray of str, shape (n, 2)
        The cell that each was compared with; empty where none was.
    n_rows : ndarray of int, shape (n, 2)
        Calibration rows in that cell.
    reason : ndarray of str, shape (n, 2)
        Empty where the finest cell answered; else `UNKNOWN`, `SMALL_CELL` (a coarser cell
        answered) or `TOO_SMALL` (no outcome can be left out).
    """

    p_values: NDArray[np.float64]
    cell: NDArray[np.object_]
    n_rows: NDArray[np.intp]
    reason: NDArray[np.object_]

    @property
    def is_claimed(self) -> NDArray[np.bool_]:
        """Return for which rows coverage is promised, shape (n,): not those of an unseen site."""
        return ~(self.reason == UNKNOWN).any(axis=1)

    def at(self, level: float) -> CellAnswers:
        """Return the answers with ``TOO_SMALL`` where the cell is too small for ``level``."""
        is_small = self.n_rows < least_rows(level)
        asked = (self.reason == "") | (self.reason == TOO_SMALL)
        is_small &= asked & (self.cell != "")
        reason = np.where(is_small, TOO_SMALL, np.where(self.reason == TOO_SMALL, "", self.reason))
        return replace(self, reason=reason)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each way in which answers left the finest cell."""
        found = Counter(zip(self.reason.ravel(), self.cell.ravel(), strict=True))
        return tuple(
            f"{number} of {self.reason.size} p-values: {reason}; "
            + (f"compared with the cell {cell!r}" if cell else "every outcome is kept")
            for (reason, cell), number in sorted(found.items())
            if reason
        )


def path_of(taxonomy: str) -> tuple[Kind, ...]:
    """Return the kinds of cells of a taxonomy, from the finest to the coarsest.

    Raises
    ------
    SettingsError
        There is no such taxonomy.
    """
    for known, path in _PATHS.items():
        if known == taxonomy:
            return path
    msg = f"taxonomy {taxonomy!r}: unknown; choose one of {', '.join(TAXONOMIES)}"
    raise SettingsError(msg)


def cell_name(kind: Kind, stratum: str, outcome: int) -> str:
    """Return the name of the cell of ``kind`` that a row would belong to."""
    by_stratum, by_class = kind
    parts = [f"group={stratum}"] * by_stratum + [f"class={outcome}"] * by_class
    return ", ".join(parts) or "all"


def answer_by_cells(
    scored: Scored,
    *,
    strata: ArrayLike | None = None,
    taxonomy: Taxonomy = "class",
    level: float | None = None,
    unknown: Unknown = "parent",
    cautious: bool = False,
) -> CellAnswers:
    """Return the p-value of each outcome for new rows, within the finest cell that can answer.

    p = (1 + number of calibration rows of the cell at least as strange) / (1 + rows of the cell):
    Mondrian conformal prediction (V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a
    Random World", 2005, section 4.5). Which cell answers depends on how many rows it has and
    never on their scores, so that the promise of the cell that answers holds.

    Parameters
    ----------
    scored : sequence of (CalibrationRows, array of shape (m, 2))
        For each chain: the rows it did not see, and how strange each new row is for it under
        each outcome.
    strata : array of shape (m,), optional
        Site or other group of each new row; without it all are of an unknown one.
    taxonomy : str
        ``marginal`` (one cell), ``class``, ``site`` (any group that is known before the outcome)
        or ``group_class``.
    level : float, optional
        Confidence level of the sets. A cell with fewer than ``least_rows(level)`` rows lets its
        parent answer (``site``: all rows; ``group_class``: the class); without a parent its
        sets are full. Without a level a cell needs one row.
    unknown : str
        What a row of an unseen site gets: ``parent`` (the parent's answer, flagged) or
        ``full`` (every outcome kept, flagged).
    cautious : bool
        Take for each new row the least strange of the views of those chains that have rows in
        the cell; see :meth:`radpred.model.conformal.CrossConformal.answers`.
    """
    path = path_of(taxonomy)
    n_needed = max(1, least_rows(level)) if level is not None else 1
    n_new = len(scored[0][1])
    asked = _as_strata(strata, n_new)
    is_new = ~np.isin(asked, np.concatenate([rows.stratum for rows, _ in scored]))
    is_new = (is_new | (asked == "")) & path[0][0]
    p, cell, n_rows, reason = _blank(n_new)
    reason[is_new] = UNKNOWN
    is_open = np.ones((n_new, 2), dtype=bool)
    if unknown == "full":
        is_open[is_new] = False
    for kind in path:
        counts, sizes = _tally(scored, asked, kind, cautious=cautious)
        taken = is_open & ((sizes >= n_needed) | (kind == path[-1]))
        p[taken] = (1 + counts[taken]) / (1 + sizes[taken])
        n_rows[taken] = sizes[taken]
        for row, outcome in np.argwhere(taken):
            cell[row, outcome] = cell_name(kind, asked[row], outcome)
        reason[taken & (sizes < n_needed)] = TOO_SMALL
        is_open &= ~taken
        reason[is_open & (reason == "")] = SMALL_CELL
    return CellAnswers(p_values=p, cell=cell, n_rows=n_rows, reason=reason)


def cell_sizes(rows: Sequence[CalibrationRows], taxonomy: str) -> dict[str, int]:
    """Return how many calibration rows each cell of a taxonomy has, the finest cells first."""
    strata = np.unique(np.concatenate([part.stratum for part in rows]))
    sizes: dict[str, int] = {}
    for kind in path_of(taxonomy):
        by_stratum, by_class = kind
        for stratum in strata:
            for outcome in OUTCOMES:
                which = (str(stratum) if by_stratum else None, outcome if by_class else None)
                name = cell_name(kind, str(stratum), outcome)
                sizes[name] = sum(len(part.within(*which)) for part in rows)
    return sizes


def _tally(
    scored: Scored, strata: NDArray[np.str_], kind: Kind, *, cautious: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return, for each new row and outcome, the rows at least as strange and all of its cell."""
    by_stratum, by_class = kind
    counts = np.zeros((len(strata), 2), dtype=np.intp)
    sizes = np.zeros((len(strata), 2), dtype=np.intp)
    for stratum in np.unique(strata) if by_stratum else [None]:
        at = np.ones(len(strata), dtype=bool) if stratum is None else strata == stratum
        for outcome in OUTCOMES:
            cell = (stratum, outcome if by_class else None)
            views = [(rows.within(*cell), new[at, outcome]) for rows, new in scored]
            views = [(own, new) for own, new in views if len(own)]
            if cautious and views:
                least = np.minimum.reduce([new for _, new in views])
                views = [(own, least) for own, _ in views]
            for own, new in views:
                counts[at, outcome] += count_as_strange(own, new)
                sizes[at, outcome] += len(own)
    return counts, sizes


def _as_strata(strata: ArrayLike | None, n_rows: int) -> NDArray[np.str_]:
    """Return one stratum a row as text; empty where there is none."""
    if strata is None:
        return np.full(n_rows, "", dtype="U1")
    given = np.asarray(strata)
    if given.shape != (n_rows,):
        msg = f"strata of shape {given.shape} for {n_rows} rows; give one site or group a row"
        raise InputError(msg)
    return given.astype(str)


def _blank(n_rows: int) -> tuple[Any, Any, Any, Any]:
    """Return p-values of 1, no cell, no rows and no reason."""
    empty = np.full((n_rows, 2), "", dtype=object)
    return np.ones((n_rows, 2)), empty, np.zeros((n_rows, 2), dtype=np.intp), empty.copy()
