"""What a feature family is: names, IBSI codes and formulas under one register."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from radpred.image import Array

# Stands for 0 in a logarithm that is multiplied by 0.
_TINY = float(np.finfo(np.float64).tiny)
Formula = Callable[[Any], Any]


class NotComputableError(Exception):
    """A family, or a part of it, has no value for this region; the message is the reason code."""

    @property
    def reason(self) -> str:
        """Return the reason code."""
        return str(self.args[0])


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One number about a region.

    Parameters
    ----------
    family, name : str
        PyRadiomics' words.
    ibsi : str or None
        IBSI's four-character code; None for a feature beyond IBSI.
    formula : callable
        Takes what its family prepares and returns one number a region, or one a matrix.
    is_pyradiomics : bool
        Whether PyRadiomics has it.
    """

    family: str
    name: str
    ibsi: str | None
    formula: Formula
    is_pyradiomics: bool = True

    @property
    def key(self) -> str:
        """Return ``family_Name``."""
        return f"{self.family}_{self.name}"

    @property
    def summary(self) -> str:
        """Return what it says about a region, in a line."""
        return (self.formula.__doc__ or "").strip().splitlines()[0]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Features that share one preparation.

    Parameters
    ----------
    name : str
        PyRadiomics' word.
    prepare : callable
        Turns regions into what the formulas take, which says by ``by_region`` how their values
        become one a region; raises ``NotComputableError``.
    features : dict
        The register, filled by ``feature``.
    """

    name: str
    prepare: Callable[[Any], Any]
    features: dict[str, Feature] = field(default_factory=dict)

    def feature(
        self, name: str, *, ibsi: str | None, is_pyradiomics: bool = True
    ) -> Callable[[Formula], Formula]:
        """File the decorated formula under its name and IBSI code."""

        def file(formula: Formula) -> Formula:
            self.features[name] = Feature(
                family=self.name,
                name=name,
                ibsi=ibsi,
                formula=formula,
                is_pyradiomics=is_pyradiomics,
            )
            return formula

        return file

    def chosen(self, names: Collection[str] = (), *, is_complete: bool) -> tuple[Feature, ...]:
        """Return the features that are named, in order.

        Where none is: all, or those of PyRadiomics, if it has the family.
        """
        features = tuple(self.features.values())
        if names:
            return tuple(feature for feature in features if feature.name in names)
        of_pyradiomics = tuple(feature for feature in features if feature.is_pyradiomics)
        return features if is_complete or not of_pyradiomics else of_pyradiomics

    def values(self, regions: Any, names: Collection[str] = ()) -> dict[str, Array]:
        """Return features of regions that are measured together, each of shape (n_regions,).

        Parameters
        ----------
        regions : object
            What ``prepare`` takes.
        names : collection of str
            Which features; all by default.

        Raises
        ------
        NotComputableError
            The family has no value for these regions.
        """
        prepared = self.prepare(regions)
        chosen = [f for f in self.features.values() if not names or f.name in names]
        return {f.key: prepared.by_region(f.formula(prepared)) for f in chosen}


class OneEach:
    """What is prepared of regions of which each has one value a formula."""

    def by_region(self, values: Any) -> Array:
        """Return the values, shape (n_regions,)."""
        return np.atleast_1d(np.asarray(values, dtype=float))


def averaged(values: Array, owner: Array, n_regions: int) -> Array:
    """Return the mean over each region's matrices, NaN where a region has none.

    Parameters
    ----------
    values : array of float, shape (n_rows,)
        One a matrix.
    owner : array of int, shape (n_rows,)
        Which region each matrix belongs to.
    n_regions : int
        Number of regions.
    """
    if n_regions == 1:
        if values.size == 1:
            return np.asarray(values, dtype=float)
        return np.array([values.sum() / values.size if values.size else np.nan])
    count = np.bincount(owner, minlength=n_regions)
    return ratio(np.bincount(owner, values, n_regions), count)


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where the denominator is 0."""
    denominator = np.asarray(denominator, dtype=float)
    return numerator / np.where(denominator != 0, denominator, np.nan)


def entropy_bits(p: Array, axis: int | None = None) -> Array:
    """Return the Shannon entropy of probabilities, in bits; a probability of 0 adds nothing."""
    terms = np.maximum(p, _TINY)
    np.log2(terms, out=terms)
    terms *= p
    return 0.0 - terms.sum(axis=axis)  # of one certain event 0, not -0
