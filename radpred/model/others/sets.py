"""Conformal sets over several classes: each class by itself, over the inner folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp
from sklearn.pipeline import Pipeline

from radpred.errors import LeakageError
from radpred.model.calibrators.scale import Scale
from radpred.model.conformal.p_values import count_as_strange
from radpred.model.score import score_chain

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ClassFold:
    """One fold: a chain, and how strange the rows are that it did not see.

    Attributes
    ----------
    chain : Pipeline
        Fitted on the other folds.
    strangeness : tuple of ndarray
        For each class, ascending, that of this fold's rows of the class.
    scale : str
        What the chain's scores are.
    fitted_rows, scored_rows : ndarray of int
        Positions of the rows that the chain was fitted on and of those that it scored; disjoint.
    """

    chain: Pipeline
    strangeness: tuple[Array, ...]
    scale: Scale
    fitted_rows: NDArray[np.intp]
    scored_rows: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class ClassSets:
    """The folds, each compared with a new case on its own chain's scale."""

    folds: tuple[ClassFold, ...]

    def n_rows(self) -> tuple[int, ...]:
        """Return how many calibration rows each class has."""
        n_classes = len(self.folds[0].strangeness)
        return tuple(sum(len(f.strangeness[c]) for f in self.folds) for c in range(n_classes))

    def p_values(self, X: pd.DataFrame) -> Array:
        """Return the p-value of each class for each row, shape (n, n_classes).

        p_c(x) = (1 + sum over folds k of #{i in fold k of class c : a_i >= a_k(x, c)}) / (n_c + 1),
        as `radpred.model.conformal.CrossConformal` has it for two classes: a set of the classes
        with p > 1 - level holds the truth for a share ``level`` of the cases of each class
        (M. Sadinle, J. Lei, L. Wasserman, "Least ambiguous set-valued classifiers with bounded
        error levels", Journal of the American Statistical Association 114, 2019).
        """
        counts = np.zeros((len(X), len(self.folds[0].strangeness)))
        for fold in self.folds:
            new = strangeness_of(score_chain(fold.chain, X), fold.scale)
            for c, known in enumerate(fold.strangeness):
                counts[:, c] += count_as_strange(known, new[:, c])
        return np.asarray((1 + counts) / (1 + np.array(self.n_rows())))


def strangeness_of(scores: ArrayLike, scale: Scale) -> Array:
    """Return how strange each row is under each class, shape (n, n_classes).

    Of log-odds the negative log-odds of the class against all others, which orders rows as one
    minus its probability does and does not saturate; of shares one minus the share; of distances
    how far the class lies behind the best other one.
    """
    values = np.asarray(scores, dtype=np.float64)
    if scale == "probability":
        return np.asarray(1 - values)
    strange = np.empty_like(values)
    for c in range(values.shape[1]):
        others = np.delete(values, c, axis=1)
        best = others.max(axis=1) if scale == "distance" else logsumexp(others, axis=1)
        strange[:, c] = best - values[:, c]
    return strange


def class_fold(
    chain: Pipeline,
    scores: Array,
    y: NDArray[np.intp],
    *,
    scale: Scale,
    fitted_rows: NDArray[np.intp],
    scored_rows: NDArray[np.intp],
) -> ClassFold:
    """Return a fold from the scores that ``chain`` gave to rows it had not seen.

    Raises
    ------
    LeakageError
        The chain was fitted on a row that it scored.
    """
    refuse_seen(fitted_rows, scored_rows)
    strange = strangeness_of(scores, scale)
    own = tuple(np.sort(strange[y == c, c]) for c in range(strange.shape[1]))
    return ClassFold(
        chain=chain,
        strangeness=own,
        scale=scale,
        fitted_rows=fitted_rows,
        scored_rows=scored_rows,
    )


def refuse_seen(fitted_rows: NDArray[np.intp], scored_rows: NDArray[np.intp]) -> None:
    """Refuse rows that were both fitted on and scored.

    Raises
    ------
    LeakageError
        There are some; how many.
    """
    seen = np.intersect1d(fitted_rows, scored_rows)
    if len(seen):
        msg = (
            f"{len(seen)} calibration rows were also fitted on, first {seen[:3].tolist()}; "
            "conformalise on rows that the chain did not see"
        )
        raise LeakageError(msg)
