"""Fit models of any kind of outcome: one call that knows two classes, more, and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from radpred.model.assurance import Assurance
from radpred.model.calibrators.scale import scale_of
from radpred.model.fit import Made, fit_all, make_all
from radpred.model.fitted import Fitted
from radpred.model.others.calibrator import Method, fit_softmax
from radpred.model.others.classes import FittedClasses
from radpred.model.others.numbers import FittedNumber
from radpred.model.others.residuals import CrossResiduals, NumberFold
from radpred.model.others.sets import ClassSets, class_fold, refuse_seen
from radpred.model.prune import pruned
from radpred.model.rows import Cohort
from radpred.model.tune import Search

AnyFitted = Fitted | FittedClasses | FittedNumber


def fit_cohort(
    names: Sequence[str], cohort: Cohort, *, search: Search, assurance: Assurance
) -> dict[str, Any]:
    """Return each model of ``names``, fitted on all rows of a cohort of any kind.

    Of two classes these are `radpred.model.fit.fit_all`'s; else the inner folds pick the
    parameters in the same way, the scores that they give to rows they did not see calibrate the
    classes and make their sets, or set the width of a number's intervals, and the chain is then
    fitted on all rows.

    Parameters
    ----------
    names : sequence of str
        Keys of `radpred.model.recipes.RECIPES`.
    cohort : Cohort
        Checked rows; its kind is that of ``search``.
    search : Search
        How the models are tuned.
    assurance : Assurance
        How they are calibrated and conformalised.

    Returns
    -------
    dict of str to Fitted, FittedClasses or FittedNumber
        By the kind of the outcome.

    Raises
    ------
    InputError
        A class with too few patients for two inner folds, or no usable column.
    """
    search = replace(search, kind=cohort.kind)
    if cohort.kind == "binary":
        return dict(
            fit_all(
                names,
                cohort.X,
                cohort.y,
                groups=cohort.groups,
                strata=cohort.strata,
                event_probability=cohort.event_probability,
                assurance=assurance,
                search=search,
            )
        )
    made, notes = make_all(names, cohort, search=search)
    finished = _classes if cohort.kind == "multiclass" else _number
    return {name: finished(name, made[name], notes, cohort, assurance) for name in names}


def _classes(
    name: str, made: Made, notes: tuple[str, ...], cohort: Cohort, assurance: Assurance
) -> FittedClasses:
    """Return a model of several classes with its calibration and its conformal folds."""
    tuned, bench, n_classes = made.tuned, made.bench, len(cohort.classes)
    scales = [scale_of(chain[-1]) for chain in tuned.chains]
    calibrator = fit_softmax(
        cast("Method", assurance.calibration),
        np.concatenate(tuned.scores),
        np.concatenate([part.y_held_out for part in bench.inner]),
        n_classes=n_classes,
        scale=scale_of(made.whole[-1]),
    )
    folds = [
        class_fold(
            pruned(chain),
            scores,
            cohort.y[split.test],
            scale=scale,
            fitted_rows=split.train,
            scored_rows=split.test,
        )
        for chain, scores, scale, split in zip(
            tuned.chains, tuned.scores, scales, bench.splits, strict=True
        )
    ]
    said = () if calibrator.slope > 0 else ("held-out scores point backwards: all get the shares",)
    return FittedClasses(
        calibrator=calibrator,
        conformal=ClassSets(folds=tuple(folds[: _n_folds(assurance, folds)])),
        classes=cohort.classes,
        **_common(name, made, (*notes, *said)),
    )


def _number(
    name: str, made: Made, notes: tuple[str, ...], cohort: Cohort, assurance: Assurance
) -> FittedNumber:
    """Return a model of a number with the errors of its inner folds."""
    folds = []
    for chain, scores, split in zip(
        made.tuned.chains, made.tuned.scores, made.bench.splits, strict=True
    ):
        refuse_seen(split.train, split.test)
        folds.append(
            NumberFold(
                chain=pruned(chain),
                errors=np.sort(np.abs(cohort.y[split.test] - scores)),
                fitted_rows=split.train,
                scored_rows=split.test,
            )
        )
    return FittedNumber(
        conformal=CrossResiduals(folds=tuple(folds[: _n_folds(assurance, folds)])),
        **_common(name, made, notes),
    )


def _common(name: str, made: Made, notes: tuple[str, ...]) -> dict[str, Any]:
    """Return what models of every kind know of themselves."""
    whole, bench = made.whole, made.bench
    return {
        "model": name,
        "params": made.tuned.params,
        "chain": pruned(whole),
        "columns": bench.columns,
        "inner_score": made.tuned.inner_score,
        "notes": notes,
        "n_columns": {label: len(s.get_feature_names_out()) for label, s in whole.steps[:-1]},
        "n_inner": len(bench.splits),
    }


def _n_folds(assurance: Assurance, folds: Sequence[Any]) -> int:
    """Return how many folds calibrate: one of ``split``, else all."""
    return 1 if assurance.conformal == "split" else len(folds)
