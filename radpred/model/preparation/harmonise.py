"""Take from each site's measurements what only the site explains; learnt from training rows."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Literal, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from radpred.errors import InputError, SettingsError
from radpred.model.frames import as_frame, columns_of
from radpred.model.labels import CaseLabels, labels_of
from radpred.model.preparation.covariates import covariate_columns, refuse_bad_covariates
from radpred.model.preparation.site_effects import SiteEffects, shrunk, site_effects
from radpred.table.columns import clinical_name, missing_name

NewSite = Literal["refuse", "pooled"]
NEW_SITE: tuple[NewSite, ...] = ("refuse", "pooled")
_CLINICAL = clinical_name("age").removesuffix("age")
_MISSING = missing_name("x").removeprefix("x")


class LocationScale(TransformerMixin, BaseEstimator):
    """Bring every site's columns to a common mean and standard deviation, one by one.

    The site of a row comes with it (``site=``, by scikit-learn's metadata routing), or is looked
    up by case in ``sites``. Clinical columns, flags of gaps and covariates stay as they are, and
    so do columns that never vary. What ``fit`` learns is all that ``transform`` uses: a row gets
    the same answer alone as among others.

    Parameters
    ----------
    sites : CaseLabels, optional
        The site of each case.
    covariates : sequence of str
        Columns whose effect is to stay, as they are called after imputing; a column of words is
        called by its name before. Never the outcome.
    reference : str, optional
        The site that the others are brought to, itself unchanged; without one, the mean of all.
    new_site : {"refuse", "pooled"}
        What becomes of rows from a site that the training rows did not hold, or of no known site:
        an error, or they stay as they are, as if they came from the reference, or from the mean
        of all sites. `is_new` tells which. It is never learnt from them.
    least_rows : int, default 3
        A site with fewer training rows is not learnt, and counts as a new one.

    Attributes
    ----------
    known_ : list of str
        The sites that were learnt, in alphabetical order.
    effects_ : SiteEffects
        What is removed.
    harmonised_ : list of str
        The columns that change.
    covariates_ : list of str
        The columns of the covariates.
    n_small_ : dict of str to int
        Training rows of each site with too few.
    """

    def __init__(
        self,
        sites: CaseLabels | None = None,
        *,
        covariates: Sequence[str] = (),
        reference: str | None = None,
        new_site: NewSite = "refuse",
        least_rows: int = 3,
    ) -> None:
        self.sites = sites
        self.covariates = covariates
        self.reference = reference
        self.new_site = new_site
        self.least_rows = least_rows

    def fit(self, X: Any, y: Any = None, *, site: ArrayLike | None = None) -> Self:
        """Learn the sites of ``X``; ``y`` is looked at only to refuse it as a covariate.

        Raises
        ------
        LeakageError
            ``outcome_as_covariate``: a covariate is the outcome.
        InputError
            ``no_labels``: no site is known. ``new_site``: rows without a site, or a site with too
            few, where these are refused. ``no_reference``: that site was not learnt.
            ``missing_values``: gaps are left. ``bad_covariate``: there is no such column, or one
            that the sites explain whole.
        SettingsError
            There is no such ``new_site``.
        """
        frame = as_frame(X)
        words = labels_of(frame.index, site, self.sites, what="site")
        self._know(words)
        self.covariates_ = covariate_columns(frame.columns, self.covariates)
        fixed = {name for name in frame.columns if not _is_measured(str(name))}
        fixed.update(self.covariates_)
        self.harmonised_ = [name for name in frame.columns if name not in fixed]
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        self.names_out_ = self.feature_names_in_
        place = self._places(words)
        learnt = place >= 0
        values = _numbers(frame, self.harmonised_)[learnt]
        covariates = _numbers(frame, self.covariates_)[learnt]
        refuse_bad_covariates(
            covariates,
            self.covariates_,
            site=place[learnt],
            y=None if y is None else np.asarray(y)[learnt],
        )
        self.effects_ = self._effects(values, place[learnt], covariates)
        return self

    def transform(self, X: Any, *, site: ArrayLike | None = None) -> pd.DataFrame:
        """Return ``X`` without the effects of sites, under the same names.

        Raises
        ------
        InputError
            ``new_site``: rows of a site that was not learnt, where these are refused.
            ``no_labels``: no site is known.
        """
        check_is_fitted(self, "effects_")
        frame = columns_of(as_frame(X), self.feature_names_in_)
        words = labels_of(frame.index, site, self.sites, what="site")
        place = self._places(words)
        self._refuse_new(words, place < 0)
        changed = self._without_effects(frame, place)
        moved = pd.DataFrame(changed, index=frame.index, columns=self.harmonised_)
        return columns_of(_replaced(frame, moved), self.names_out_)

    def fit_transform(
        self, X: Any, y: Any = None, *, site: ArrayLike | None = None
    ) -> pd.DataFrame:
        """Return ``X`` without the effects of its sites, learnt from it."""
        return self.fit(X, y, site=site).transform(X, site=site)

    def is_new(self, cases: pd.Index, *, site: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Say which cases come from no site that was learnt: they are not harmonised."""
        check_is_fitted(self, "effects_")
        return self._places(labels_of(cases, site, self.sites, what="site")) < 0

    def at_sites(self, sites: CaseLabels | None) -> Self:
        """Return a copy that looks sites up in ``sites``; what it learnt stays."""
        told = copy.copy(self)
        told.sites = sites
        return told

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names, unchanged."""
        check_is_fitted(self, "effects_")
        return self.names_out_

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that makes only the columns ``names``; it takes the covariates, too."""
        narrow = type(self)(**self.get_params())
        wanted = set(names)
        stay = np.array([name in wanted for name in self.harmonised_], dtype=bool)
        narrow.known_, narrow.n_small_ = self.known_, self.n_small_
        narrow.harmonised_ = [n for n in self.harmonised_ if n in wanted]
        narrow.effects_ = _of_columns(self.effects_, stay)
        narrow.covariates_ = self.covariates_ if stay.any() else []
        needed = [*names, *(n for n in narrow.covariates_ if n not in wanted)]
        narrow.feature_names_in_ = np.asarray(needed, dtype=object)
        narrow.n_features_in_ = len(needed)
        narrow.names_out_ = np.asarray(list(names), dtype=object)
        return narrow

    def _effects(self, values: Any, place: Any, covariates: Any) -> SiteEffects:
        """Return what is to be removed: here, what each site says of itself."""
        where = None if self.reference is None else self.known_.index(self.reference)
        return site_effects(values, place, covariates, reference=where)

    def _know(self, words: NDArray[np.object_]) -> None:
        """Find the sites that have enough rows, and refuse what cannot be worked with."""
        if self.new_site not in NEW_SITE:
            msg = f"new_site={self.new_site!r}; a new site is {' or '.join(NEW_SITE)}"
            raise SettingsError(msg)
        found, counts = np.unique(words.astype(str), return_counts=True)
        counted = {str(site): int(n) for site, n in zip(found, counts, strict=True) if site}
        least = max(2, self.least_rows)
        self.known_ = [site for site, n in counted.items() if n >= least]
        self.n_small_ = {site: n for site, n in counted.items() if n < least}
        self._refuse_new(words, ~np.isin(words, self.known_))
        if self.reference is not None and self.reference not in self.known_:
            msg = (
                f"the reference site {self.reference!r} is none of those with {least} training "
                f"rows or more: {', '.join(self.known_) or 'none'}; name one of them, or none"
            )
            raise InputError(msg, code="no_reference")
        if not self.known_:
            msg = (
                f"no site has {least} training rows or more among {len(words)}; give the cases' "
                "sites, or leave harmonisation out"
            )
            raise InputError(msg, code="new_site")

    def _places(self, words: NDArray[np.object_]) -> NDArray[np.intp]:
        """Return the place of each row's site among those learnt, or -1."""
        places = {site: i for i, site in enumerate(self.known_)}
        return np.array([places.get(word, -1) for word in words], dtype=np.intp)

    def _refuse_new(self, words: NDArray[np.object_], is_new: NDArray[np.bool_]) -> None:
        """Raise where rows come from sites that are not learnt, if these are refused."""
        if self.new_site == "pooled" or not is_new.any():
            return
        names = sorted({str(word) or "(no site)" for word in words[is_new]})
        msg = (
            f"{is_new.sum()} of {len(words)} rows come from {', '.join(names[:5])}, and a site "
            f"is learnt from {max(2, self.least_rows)} training rows or more: "
            f"{', '.join(self.known_) or 'none'}; leave these cases out, or set "
            "new_site='pooled' to leave them as they are"
        )
        raise InputError(msg, code="new_site")

    def _without_effects(self, frame: pd.DataFrame, place: NDArray[np.intp]) -> NDArray[Any]:
        """Return the harmonised columns, shape (n, p); rows at -1 as they are."""
        effects = self.effects_
        values = _numbers(frame, self.harmonised_)
        covariates = _numbers(frame, self.covariates_)
        middle = np.broadcast_to(effects.middle, values.shape)
        # Term by term: how a matrix product rounds depends on how many rows come together.
        for j, slope in enumerate(effects.slopes[: covariates.shape[1]]):
            middle = middle + covariates[:, j : j + 1] * slope
        moved = values - middle - (effects.spread * effects.shift)[place]
        return np.where(
            self._stays(place)[:, None], values, moved / np.sqrt(effects.variance)[place] + middle
        )

    def _stays(self, place: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which rows do not change: of new sites, the reference, or an only site."""
        where = -1 if self.reference is None else self.known_.index(self.reference)
        return (place < 0) | (place == where) | (len(self.known_) < 2)


class Combat(LocationScale):
    """ComBat: as `LocationScale`, each site's estimates drawn towards those of its other columns.

    With few rows of a site its own means and spreads are noisy; what all its columns have in
    common is not. Parameters and attributes are those of `LocationScale`.

    References
    ----------
    Johnson, Li, Rabinovic, Biostatistics 2007;8:118-127; of imaging, Fortin et al., NeuroImage
    2018;167:104-120, and Orlhac et al., J Nucl Med 2018;59:1321-1328.
    """

    def _effects(self, values: Any, place: Any, covariates: Any) -> SiteEffects:
        """Return what is to be removed: what each site's columns say together."""
        return shrunk(super()._effects(values, place, covariates))


@runtime_checkable
class KnowsSites(Protocol):
    """A step that looks up the site of each case, or holds chains that do."""

    def at_sites(self, sites: CaseLabels | None) -> Any:
        """Return a copy that looks sites up in ``sites``; what it learnt stays."""

    def is_new(self, cases: pd.Index) -> NDArray[np.bool_]:
        """Say which cases come from no site that was learnt."""


def at_sites(chain: Pipeline, sites: CaseLabels | None) -> Pipeline:
    """Return a fitted chain that looks sites up in ``sites``; what it learnt stays.

    With ``None`` it holds no case of the training rows any more. The chains of an ensemble are
    told as well.
    """
    return Pipeline(
        [
            (label, step.at_sites(sites) if isinstance(step, KnowsSites) else step)
            for label, step in chain.steps
        ]
    )


def unharmonised(chain: Pipeline, cases: pd.Index) -> list[str]:
    """Return those of ``cases`` that a fitted chain leaves as they are, for their site is new."""
    found = np.zeros(len(cases), dtype=bool)
    for _, step in chain.steps:
        if isinstance(step, KnowsSites):
            found |= step.is_new(cases)
    return [str(case) for case in cases[found]]


def _is_measured(column: str) -> bool:
    """Say whether a column holds a measurement, and no clinical word or flag."""
    return not column.startswith(_CLINICAL) and not column.endswith(_MISSING)


def _numbers(frame: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """Return columns as numbers, shape (n, n_names), or refuse gaps."""
    values = columns_of(frame, names).to_numpy(dtype=np.float64)
    gaps = ~np.isfinite(values)
    if gaps.any():
        first = [name for name, has in zip(names, gaps.any(axis=0), strict=True) if has][:3]
        msg = f"{gaps.sum()} values are missing, first in {first}; impute before harmonising"
        raise InputError(msg, code="missing_values")
    return values


def _replaced(frame: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with the columns of ``moved`` in their places."""
    rest = frame.drop(columns=moved.columns)
    return columns_of(pd.concat([moved, rest], axis=1), frame.columns.to_numpy(dtype=object))


def _of_columns(effects: SiteEffects, stay: NDArray[np.bool_]) -> SiteEffects:
    """Return the effects of some columns."""
    parts = {
        name: getattr(effects, name)[..., stay]
        for name in ("middle", "spread", "slopes", "shift", "variance", "varies")
    }
    return SiteEffects(n_rows=effects.n_rows, **parts)
