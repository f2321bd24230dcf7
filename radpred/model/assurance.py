"""What stands behind an answer: how scores become risks, and whom prediction sets compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.cohort.split import Split, check_disjoint
from radpred.model.calibrators import Calibrator, fit_calibrator, fit_sigmoid, scale_of
from radpred.model.calibrators import Method as Calibration
from radpred.model.conformal import (
    ConformalFold,
    CrossConformal,
    Taxonomy,
    calibration_fold,
    conformal_splits,
    indifferent_score,
)
from radpred.model.conformal import Method as Folds
from radpred.model.conformal.cells import Unknown
from radpred.model.others.soft import soft_rows
from radpred.model.prune import pruned
from radpred.model.rows import Cohort
from radpred.model.score import score_chain
from radpred.model.tune import Prepared, Tuned, prepare

Refit = Callable[[Prepared], Pipeline]


@dataclass(frozen=True, kw_only=True)
class Assurance:
    """How a fit calibrates and conformalises.

    Attributes
    ----------
    calibration : str
        One of `radpred.model.calibrators.METHODS`.
    conformal : str
        Which rows calibrate prediction sets: ``cross`` (all inner folds), ``split`` (the first
        inner fold) or ``leave_one_out`` (each patient, by a chain refitted on all others with the
        parameters that tuning picked).
    taxonomy, unknown : str
        As in `radpred.model.conformal.CrossConformal`.
    level : float, optional
        The highest level at which sets will be made; only cells of sites or groups look at it.
    """

    calibration: Calibration = "sigmoid"
    conformal: Folds = "cross"
    taxonomy: Taxonomy = "class"
    unknown: Unknown = "parent"
    level: float | None = None

    @property
    def by_group(self) -> bool:
        """Tell whether sets look at the site or group of a case."""
        return self.taxonomy in ("site", "group_class")


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOutRows:
    """What the chains of the inner folds said of training rows that they did not see.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Positions in the training table, ordered by case.
    scores, y : ndarray of shape (n,)
        What was said of each, and its outcome.
    folds : ndarray of int, shape (n,)
        In which inner fold each was held out.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    y: NDArray[np.intp]
    folds: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What models on the same table share: inner splits, and rows after the first steps.

    Attributes
    ----------
    cohort : Cohort
        All rows, with the columns that are offered.
    first : Pipeline
        The first steps, unfitted.
    splits : list of Split
        The inner folds.
    inner, whole
        What each inner training part, and all rows, are after the first steps.
    """

    cohort: Cohort
    first: Pipeline
    splits: list[Split]
    inner: list[Prepared]
    whole: Prepared

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that are offered."""
        return tuple(self.cohort.X.columns)


def bench_of(
    cohort: Cohort, columns: Sequence[str], steps: Sequence[tuple[str, Any]], splits: list[Split]
) -> Bench:
    """Fit first steps on each inner training part and on all rows of some columns."""
    offered = replace(cohort, X=cohort.X.loc[:, list(columns)])
    everyone = np.arange(len(cohort.y))
    whole = Split(repeat=0, fold=len(splits), train=everyone, test=everyone[:0])
    for split in splits:
        check_disjoint(split, cohort.groups)
    first = Pipeline(list(steps))
    parts = [
        prepare(first, offered.X, cohort.y, split=split, soft=soft_rows(offered, split))
        for split in [*splits, whole]
    ]
    return Bench(cohort=offered, first=first, splits=splits, inner=parts[:-1], whole=parts[-1])


def held_out_rows(tuned: Tuned, bench: Bench) -> HeldOutRows:
    """Return what the inner chains said of the rows that they did not see."""
    return HeldOutRows(
        rows=np.concatenate([split.test for split in bench.splits]),
        scores=np.concatenate(tuned.scores),
        y=np.concatenate([part.y_held_out for part in bench.inner]),
        folds=np.repeat(np.arange(len(tuned.scores)), [len(one) for one in tuned.scores]),
    )


def calibrated(
    chain: Pipeline,
    held_out: HeldOutRows,
    *,
    assurance: Assurance,
    groups: NDArray[np.str_],
    tried: Sequence[Sequence[NDArray[np.float64]]] = (),
) -> tuple[Calibrator, tuple[str, ...]]:
    """Return the calibrator of a chain, and a note where its scores point backwards.

    ``groups`` says whose each held-out row is, ``tried`` what each point of the tuning said of
    these rows, fold by fold.
    """
    method = assurance.calibration
    looks_at_scale = method in ("none", "temperature")
    calibrator = fit_calibrator(
        method,
        held_out.scores,
        held_out.y,
        folds=held_out.folds,
        scale=scale_of(chain[-1]) if looks_at_scale else "log_odds",
        groups=groups,
        tried=np.stack([np.concatenate(scores) for scores in tried]) if tried else None,
    )
    if method == "none" or fit_sigmoid(held_out.scores, held_out.y).slope >= 0:
        return calibrator, ()
    is_flat = method in ("sigmoid", "shrunk_sigmoid", "temperature", "beta")
    then = ": calibrated to the prevalence" if is_flat else ""
    return calibrator, (f"held-out events score below the others{then}",)


def conformalised(
    refit: Refit, tuned: Tuned, bench: Bench, *, seed: int, assurance: Assurance
) -> CrossConformal:
    """Return chains with the scores of rows that each did not see.

    Parameters
    ----------
    refit : callable
        Makes the chain of other rows, with the parameters that tuning picked; only leave-one-out
        fits again.
    tuned : Tuned
        The inner chains with their held-out scores.
    bench : Bench
        The rows.
    seed : int
        Where the order of patients starts.
    assurance : Assurance
        Which rows calibrate, and whom a case is compared with.
    """
    if assurance.conformal == "leave_one_out":
        folds = _each_patient(refit, bench, seed=seed, assurance=assurance)
    else:
        parts = zip(tuned.chains, tuned.scores, bench.splits, strict=True)
        folds = [_fold(*part, bench.cohort, assurance=assurance) for part in parts]
        folds = folds[:1] if assurance.conformal == "split" else folds
    return CrossConformal(
        folds=tuple(folds),
        taxonomy=assurance.taxonomy,
        unknown=assurance.unknown,
        level=assurance.level if assurance.by_group else None,
    )


def _each_patient(
    refit: Refit, bench: Bench, *, seed: int, assurance: Assurance
) -> list[ConformalFold]:
    """Return one fold a patient, its chain fitted on all others."""
    cohort = bench.cohort
    splits: Sequence[Split] = conformal_splits("leave_one_out", cohort.y, cohort.groups, seed=seed)
    folds = []
    for split in splits:
        part = prepare(bench.first, cohort.X, cohort.y, split=split)
        chain = refit(part)
        scores = score_chain(chain, cohort.X.iloc[split.test])
        folds.append(_fold(chain, scores, split, cohort, assurance=assurance))
    return folds


def _fold(
    chain: Pipeline,
    scores: NDArray[np.float64],
    split: Split,
    cohort: Cohort,
    *,
    assurance: Assurance,
) -> ConformalFold:
    """Return the rows that a chain did not see, each with its group where sets look at it."""
    strata = cohort.strata
    if assurance.by_group and strata is None:
        strata = np.full(len(cohort.y), "")
    has_both = assurance.taxonomy in ("marginal", "site")
    return calibration_fold(
        pruned(chain),
        scores,
        cohort.y[split.test],
        fitted_rows=split.train,
        scored_rows=split.test,
        strata=strata[split.test] if assurance.by_group and strata is not None else None,
        centre=indifferent_score(chain[-1]) if has_both else 0.0,
    )
