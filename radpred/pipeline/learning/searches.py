"""From a study's settings to how models are tuned, and what they are told of each case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from radpred.cohort.split import Split
from radpred.config.study import HarmoniseSettings, LearningSettings
from radpred.errors import InputError
from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import Combat, LocationScale
from radpred.model.rows import Cohort
from radpred.model.tune import Search
from radpred.pipeline.learning.assurance import word
from radpred.pipeline.learning.fusion import fusion_of
from radpred.pipeline.variants.repeats import Variants
from radpred.table.columns import clinical_name

Steps = tuple[tuple[str, Any], ...]
_KINDS: Mapping[str, type[LocationScale]] = {
    "combat": Combat,
    "location_scale": LocationScale,
}
_N_NAMED = 3


def search_of(
    design: LearningSettings,
    *place: int,
    before: Steps = (),
    variants: Variants | None = None,
    sites: CaseLabels | None = None,
) -> Search:
    """Return how models are tuned in one place; each place draws its own inner folds.

    Parameters
    ----------
    design : LearningSettings
        Of the study.
    *place : int
        Repeat and fold, counted from 1; nothing for the final model.
    before : tuple of (str, transformer)
        Unfitted steps that come before all others.
    variants : Variants, optional
        What must repeat.
    sites : CaseLabels, optional
        The site of each case, where features are harmonised.
    """
    state = np.random.SeedSequence([design.seed, *place]).generate_state(1)[0]
    return Search(
        n_inner_folds=design.inner_folds,
        seed=int(state >> 1),
        correlation_limit=design.correlation_limit,
        n_features=design.n_features,
        selection=design.selection,
        regions=design.regions,
        before=tuple(before),
        stable=None if variants is None else variants.stable,
        harmonise=_harmonising(design.harmonise, sites),
        method=design.tuning.method,
        budget=design.tuning.budget,
        members=design.ensemble.members,
        best=design.ensemble.best,
        fusion=fusion_of(design),
    )


def sites_of(
    settings: HarmoniseSettings, cases: pd.Index, site: pd.Series | None
) -> pd.Series | None:
    """Return the site of each training case as text, or None where nothing is harmonised.

    Raises
    ------
    InputError
        ``no_site``: no case has one, or one has none and new sites are refused.
    """
    if not settings.is_on:
        return None
    told = pd.Series("", index=cases) if site is None else site.reindex(cases)
    words = told.map(word)
    absent = words.index[words == ""]
    if len(absent) == len(words):
        msg = (
            f"harmonise.method is {settings.method}, and none of {len(words)} cases has a value in "
            "the column site of the cases file; fill it in, or set the method to none"
        )
        raise InputError(msg, code="no_site")
    if len(absent) and settings.new_site == "refuse":
        msg = (
            f"{len(absent)} of {len(words)} cases have no site, first "
            f"{absent[:_N_NAMED].tolist()}, and harmonise.new_site refuses these; fill in the "
            "column site, leave the cases out, or set new_site to pooled"
        )
        raise InputError(msg, code="no_site")
    return words


def refuse_new_sites(
    settings: HarmoniseSettings, sites: pd.Series | None, splits: list[Split]
) -> None:
    """Raise where a test case's site has too few training rows, if such cases are refused.

    Parameters
    ----------
    settings : HarmoniseSettings
        What becomes of new sites.
    sites : Series, optional
        As `sites_of` returns it, in the order of the cohort.
    splits : list of Split
        Of the outer design.

    Raises
    ------
    InputError
        ``new_site``.
    """
    if sites is None or settings.new_site == "pooled":
        return
    words, least = sites.to_numpy(dtype=str), LocationScale().least_rows
    for split in splits:
        learnt, counts = np.unique(words[split.train], return_counts=True)
        few = ~np.isin(words[split.test], learnt[counts >= least])
        if few.any():
            names = np.unique(words[split.test][few]).tolist()
            msg = (
                f"repeat {split.repeat}, fold {split.fold}: {few.sum()} test cases come from "
                f"{', '.join(names[:_N_NAMED])}, of which fewer than {least} are learnt from, and "
                "harmonise.new_site refuses these; leave the site out, or set new_site to pooled"
            )
            raise InputError(msg, code="new_site")


def labels_of_part(cohort: Cohort, part: Cohort, split: Split, sites: pd.Series) -> CaseLabels:
    """Return the site of each case, and of each copy in a training part, by its name."""
    words = sites.loc[cohort.X.index].to_numpy(dtype=object)
    copies = dict(zip(part.X.index, words[split.train], strict=True))
    return CaseLabels({**dict(zip(cohort.X.index, words, strict=True)), **copies})


def _harmonising(settings: HarmoniseSettings, sites: CaseLabels | None) -> LocationScale | None:
    """Return the unfitted step that takes the effects of sites away, if there is one.

    Inside a fold a site may have too few rows: its rows stay as they are. Which cases get no
    answer is decided outside, by `refuse_new_sites` and when a case is predicted.
    """
    if sites is None:
        return None
    covariates = tuple(clinical_name(name) for name in settings.covariates)
    return _KINDS[settings.method](sites, covariates=covariates, new_site="pooled")
