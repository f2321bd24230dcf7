"""What a feature family is: names, IBSI codes and formulas under one register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from radpred.image import Array

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
        Takes what its family prepares and returns one number, or one a direction.
    """

    family: str
    name: str
    ibsi: str | None
    formula: Formula

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
        Turns a ``Region`` into what the formulas take; raises ``NotComputableError``.
    features : dict
        The register, filled by ``feature``.
    """

    name: str
    prepare: Callable[[Any], Any]
    features: dict[str, Feature] = field(default_factory=dict)

    def feature(self, name: str, *, ibsi: str | None) -> Callable[[Formula], Formula]:
        """File the decorated formula under its name and IBSI code."""

        def file(formula: Formula) -> Formula:
            self.features[name] = Feature(family=self.name, name=name, ibsi=ibsi, formula=formula)
            return formula

        return file

    @property
    def keys(self) -> tuple[str, ...]:
        """Return ``family_Name`` of every feature, in order."""
        return tuple(feature.key for feature in self.features.values())

    def values(self, region: Any) -> dict[str, float]:
        """Return every feature's value; one a direction is averaged over the directions.

        Raises
        ------
        NotComputableError
            The family has no value for this region.
        """
        prepared = self.prepare(region)
        return {f.key: float(np.mean(f.formula(prepared))) for f in self.features.values()}


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    )
    undefined = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator != 0)


def entropy_bits(p: Array, axis: int | None = None) -> Array:
    """Return the Shannon entropy of probabilities, in bits; a probability of 0 adds nothing."""
    surprise = -np.log2(p, out=np.zeros_like(p), where=p > 0)
    return (p * surprise).sum(axis=axis)
