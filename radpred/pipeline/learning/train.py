"""Predictions of rows that no part of a fit has seen, and the fit on all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from radpred.cohort.split import Split, check_disjoint
from radpred.config.study import LearningSettings
from radpred.errors import warn
from radpred.model.conformal import least_rows
from radpred.model.fitted import Fitted
from radpred.model.fusion.plan import is_part
from radpred.model.labels import CaseLabels
from radpred.model.others.fit import AnyFitted, fit_cohort
from radpred.model.others.soft import certain_part, with_soft
from radpred.model.recipes import BASELINES
from radpred.model.rows import Cohort, cohort_of
from radpred.pipeline.learning.assurance import assurance_of, training_strata
from radpred.pipeline.learning.designs import design_of, training_part
from radpred.pipeline.learning.held_out import COLUMNS, held_out_table
from radpred.pipeline.learning.layout import ordered, placed, together
from radpred.pipeline.learning.others.facts import BINARY, EndPointFacts
from radpred.pipeline.learning.others.rows import predictions_of_fold, tell_shortage
from radpred.pipeline.learning.searches import (
    labels_of_part,
    refuse_new_sites,
    search_of,
    sites_of,
)
from radpred.pipeline.variants.repeats import KEYS, Variants, predicted

CAUTIOUS = ("cautious_0", "cautious_1")
ENDS = ("calibration_low", "calibration_high")
Steps = Sequence[tuple[str, Any]]


def out_of_fold(  # noqa: PLR0913
    names: str | Sequence[str],
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    groups: ArrayLike | pd.Series,
    *,
    design: LearningSettings,
    repeats: Sequence[int] | None = None,
    site: pd.Series | None = None,
    n_jobs: int = 1,
    progress: Callable[[int, int], Any] | None = None,
    before: Steps = (),
) -> pd.DataFrame:
    """Return the predictions of one or several models for every case in every repeat.

    Parameters
    ----------
    names : str or sequence of str
        Models and baselines. What several share is fitted once a fold; their predictions are
        the same as one by one.
    X : DataFrame of shape (n, p)
        Features and columns ``clinical__...``, indexed by case.
    y, groups : Series or array of shape (n,)
        Outcome (0 or 1) and patient of each case; a Series is matched by index.
    design : LearningSettings
        Folds, repeats, seed and limits.
    repeats : sequence of int, optional
        Only these of the design's repeats, counted from 0; each is the same alone.
    site : Series, optional
        Where each case comes from, by case; noted, and looked at by sets that go by site.
    n_jobs : int
        Processes; the result does not depend on it.
    progress : callable, optional
        Called with the number of folds done and the number of all.
    before : sequence of (str, transformer)
        Unfitted steps that models on features take before all others, inside every fold.

    Returns
    -------
    DataFrame
        Columns case_id, patient_id, model, repeat, fold, y, score, probability, p_0, p_1,
        cautious_0, cautious_1 (p-values of the cautious view), inner_score, site; stratum where
        sets look at a site or group, calibration_low and calibration_high where Venn-ABERS
        calibrates; ordered by model as in ``names``, then repeat, fold and case.

    Raises
    ------
    InputError
        Too few events for the folds, or rows that do not match.

    Warns
    -----
    RadpredWarning
        So few events that inner folds were lowered or prediction sets cannot leave one out.
    """
    judged = judge(
        [names] if isinstance(names, str) else list(names),
        cohort_of(X, y, groups, strata=training_strata(design.conformal, X, site)),
        design=design,
        repeats=repeats,
        site=site,
        n_jobs=n_jobs,
        progress=progress,
        before=before,
    )
    return judged.predictions


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What models said of cases that they had not seen.

    Parameters
    ----------
    predictions : DataFrame
        As of :func:`out_of_fold`.
    of_variants : DataFrame
        What the same models said of the variants of these cases: model, repeat, fold, case_id,
        kind, variant, probability, p_0, p_1; empty where there are no variants.
    held_out : DataFrame
        What the inner chains of the model that each outer fold chose said of training rows that
        they did not see; see `radpred.pipeline.learning.held_out`.
    """

    predictions: pd.DataFrame
    of_variants: pd.DataFrame
    held_out: pd.DataFrame


def judge(  # noqa: PLR0913
    names: Sequence[str],
    cohort: Cohort,
    *,
    design: LearningSettings,
    repeats: Sequence[int] | None = None,
    site: pd.Series | None = None,
    dealt_by: pd.Series | None = None,
    n_jobs: int = 1,
    progress: Callable[[int, int], Any] | None = None,
    before: Steps = (),
    variants: Variants | None = None,
) -> Judged:
    """Return what :func:`out_of_fold` does, and what the same models say of variants of the cases.

    ``dealt_by`` holds the date or set of each case, by case, where the design goes by it.
    Columns that do not repeat in ``variants`` are left out by every chain as far as its own
    training cases tell.
    """
    by = site if design.design.kind == "sites" else dealt_by
    dealt = design_of(certain_part(cohort), design, dealt_by=by, repeats=repeats)
    splits = with_soft(dealt.splits, cohort)
    sites = sites_of(design.harmonise, cohort.X.index, site)
    refuse_new_sites(design.harmonise, sites, splits)
    task, given = delayed(_predict_fold), {"before": before, "variants": variants, "sites": sites}
    tasks = (task(names, cohort, split, design=design, **given) for split in splits)
    parts, n_inner = [], design.inner_folds
    results = Parallel(n_jobs=n_jobs, return_as="generator", max_nbytes=None)(tasks)
    for done, (part, n_folds) in enumerate(results, start=1):
        parts.append(part)
        n_inner = min(n_inner, n_folds)
        if progress is not None:
            progress(done, len(splits))
    _tell_shortage(cohort, [split.train for split in splits], n_inner, design=design)
    predicted, again, held_out = zip(*parts, strict=True)
    return Judged(
        predictions=placed(ordered(together(predicted), names), site),
        of_variants=ordered(together(again), names),
        held_out=together(held_out),
    )


def fit_fold(
    names: Sequence[str],
    cohort: Cohort,
    split: Split,
    *,
    design: LearningSettings,
    before: Steps = (),
    variants: Variants | None = None,
    sites: pd.Series | None = None,
) -> dict[str, Fitted]:
    """Return models fitted on the training rows of ``split``, and on nothing else.

    ``sites`` holds the site of each case, where features are harmonised.

    Raises
    ------
    LeakageError
        A patient is on both sides of ``split``.
    """
    check_disjoint(split, cohort.groups)
    part = training_part(cohort, split)
    # An external set judges the final model, so its inner folds are those of the final model.
    place = () if design.design.kind == "external" else (split.repeat + 1, split.fold + 1)
    return fit_cohort(
        names,
        part,
        assurance=assurance_of(design),
        search=search_of(
            design,
            *place,
            before=tuple(before),
            variants=variants,
            sites=None if sites is None else labels_of_part(cohort, part, split, sites),
        ),
    )


def fit_final(
    names: str | Sequence[str],
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    groups: ArrayLike | pd.Series,
    **given: Any,
) -> Fitted:
    """Return the model fitted on all rows; of several, the one with the best inner score.

    This is the rule that ``selected`` follows in each outer fold, so its predictions judge it.
    Keywords are those of :func:`fit_every`.
    """
    return final_of(fit_every(names, X, y, groups, **given))


def fit_every(  # noqa: PLR0913
    names: str | Sequence[str],
    X: pd.DataFrame,
    y: ArrayLike | pd.Series,
    groups: ArrayLike | pd.Series,
    *,
    design: LearningSettings,
    site: pd.Series | None = None,
    before: Steps = (),
    variants: Variants | None = None,
    facts: EndPointFacts = BINARY,
    event_probability: pd.Series | None = None,
) -> dict[str, Any]:
    """Return each model fitted on all rows.

    ``facts`` says of what kind the outcome is; ``event_probability`` holds that of every case,
    where some labels are soft.
    """
    names = [names] if isinstance(names, str) else list(names)
    strata = training_strata(design.conformal, X, site)
    cohort = cohort_of(
        X,
        y,
        groups,
        kind=facts.kind,
        classes=facts.classes,
        event_probability=event_probability,
        strata=strata,
    )
    sites = sites_of(design.harmonise, cohort.X.index, site)
    with threadpool_limits(limits=1):
        fitted = fit_cohort(
            names,
            cohort,
            assurance=assurance_of(design),
            search=search_of(
                design,
                before=tuple(before),
                variants=variants,
                sites=None if sites is None else CaseLabels(sites),
            ),
        )
    everyone, best = np.arange(len(cohort.y)), final_of(fitted)
    _tell_shortage(cohort, [everyone], _n_inner(best), design=design)
    return fitted


def final_of(fitted: Mapping[str, Any]) -> Any:
    """Return the candidate with the best inner score, of equals the first; else of baselines."""
    candidates = [
        one for name, one in fitted.items() if name not in BASELINES and not is_part(name)
    ]
    return max(candidates or fitted.values(), key=lambda one: one.inner_score)


def _predict_fold(
    names: Sequence[str],
    cohort: Cohort,
    split: Split,
    *,
    design: LearningSettings,
    before: Steps,
    variants: Variants | None,
    sites: pd.Series | None,
) -> tuple[tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], int]:
    """Return predictions of a fold's test rows, of variants and of inner rows, and its folds."""
    # One thread everywhere, so that sums run in the same order whatever n_jobs is.
    with threadpool_limits(limits=1):
        fitted = fit_fold(
            names, cohort, split, design=design, before=before, variants=variants, sites=sites
        )
        levels = design.confidence_levels
        parts = [_predictions(one, cohort, split, levels=levels) for one in fitted.values()]
        again = [_of_variants(one, cohort, split, variants) for one in fitted.values()]
    n_inner = min(_n_inner(one) for one in fitted.values())
    return (together(parts), together(again), _of_the_best(fitted, cohort, split)), n_inner


def _n_inner(fitted: AnyFitted) -> int:
    """Return how many inner folds a model had."""
    if not isinstance(fitted, Fitted):
        return fitted.n_inner
    return 0 if fitted.held_out is None else int(fitted.held_out.folds.max()) + 1


def _of_the_best(fitted: dict[str, Fitted], cohort: Cohort, split: Split) -> pd.DataFrame:
    """Return the held-out scores of the candidate with the best inner score.

    None of a bootstrap draw: calibrators are compared on parts that together hold each row once.
    None of classes and numbers, whose calibrations are not compared.
    """
    if cohort.kind != "binary" or len(np.unique(split.train)) < len(split.train):
        return pd.DataFrame(columns=list(COLUMNS))
    return held_out_table(final_of(fitted), cohort, split)


def _of_variants(
    fitted: AnyFitted, cohort: Cohort, split: Split, variants: Variants | None
) -> pd.DataFrame:
    """Return the predictions of one model for the variants of the test rows of one fold."""
    rows = None if variants is None else variants.of(cohort.X.iloc[split.test])
    if rows is None or rows.empty or not isinstance(fitted, Fitted):
        return pd.DataFrame(columns=["model", "repeat", "fold", *KEYS])
    strata = None if cohort.strata is None else pd.Series(cohort.strata, index=cohort.X.index)
    said = predicted(fitted, rows, strata=strata)
    return said.assign(repeat=split.repeat, fold=split.fold)


def _predictions(
    fitted: AnyFitted, cohort: Cohort, split: Split, *, levels: Sequence[float]
) -> pd.DataFrame:
    """Return the predictions of one model for the test rows of one fold."""
    if not isinstance(fitted, Fitted):
        return predictions_of_fold(fitted, cohort, split, levels=levels)
    X = cohort.X.iloc[split.test]
    strata = None if cohort.strata is None else cohort.strata[split.test]
    score, (p, cautious) = fitted.score(X), fitted.conformal.views(X, strata=strata)
    table = pd.DataFrame(
        {
            "case_id": X.index.astype(str),
            "patient_id": cohort.groups[split.test].astype(str),
            "model": fitted.model,
            "repeat": split.repeat,
            "fold": split.fold,
            "y": cohort.y[split.test],
            "score": score,
            "probability": fitted.calibrator.probability(score),
            "p_0": p[:, 0],
            "p_1": p[:, 1],
            **dict(zip(CAUTIOUS, cautious.T, strict=True)),
            "inner_score": fitted.inner_score,
        }
    )
    if strata is not None:
        table["stratum"] = strata
    ends = fitted.calibration_interval(X)
    return table if ends is None else table.assign(**dict(zip(ENDS, ends.T, strict=True)))


def _tell_shortage(
    cohort: Cohort, parts: Sequence[NDArray[np.intp]], n_inner: int, *, design: LearningSettings
) -> None:
    """Warn, with the numbers, where events are too few for what was asked."""
    levels = design.confidence_levels
    if cohort.kind != "binary":
        tell_shortage(cohort, parts, n_inner, inner_folds=design.inner_folds, levels=levels)
        return
    fewest = min(int(np.bincount(cohort.y[rows], minlength=2).min()) for rows in parts)
    short = [level for level in levels if fewest < least_rows(level)]
    messages = []
    if n_inner < design.inner_folds:
        messages.append(f"only {n_inner} of {design.inner_folds} inner folds could be filled")
    if short:
        needs = ", ".join(f"{least_rows(level)} at {level:.0%}" for level in sorted(short))
        messages.append(
            f"a training part holds only {fewest} of the rarer outcome, and a prediction set can "
            f"leave it out only with {needs}"
        )
    if messages:
        n_events, n_cases = int(cohort.y.sum()), len(cohort.y)
        n_patients = len(np.unique(cohort.groups))
        counts = f"{n_events} events in {n_cases} cases of {n_patients} patients"
        warn(f"few events ({counts}): {'; '.join(messages)}")
