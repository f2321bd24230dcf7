"""The score of a chain in parts, one for each column of the table that it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.explain.contributions import contributions_of
from radpred.model.ensembles import Blend
from radpred.model.fusion import LateFusion
from radpred.model.preparation.components import Components

Array = NDArray[Any]
Shares = dict[str, dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A base value, and what each column adds to it.

    Attributes
    ----------
    values : DataFrame of shape (n, n_columns)
        The columns as they came, words and gaps included, indexed by case.
    contributions : DataFrame of shape (n, n_columns)
        What each adds to the score.
    base_value : float
        What nothing is added to.
    """

    values: pd.DataFrame
    contributions: pd.DataFrame
    base_value: float


def parts_of(chain: Pipeline, X: pd.DataFrame) -> Parts:
    """Return the parts of the score of each row of ``X``.

    What a model sees of one column (words, flags of gaps) is summed back onto it; what it sees of
    many, a principal component, is shared out among these by the squares of their loadings, which
    sum to 1. Those of an ensemble, and of late fusion, are the weighted sum of its members'.
    """
    if isinstance(chain[-1], Blend):
        return _of_blend(chain[-1], chain[:-1].transform(X))
    if isinstance(chain[-1], LateFusion):
        return _of_late_fusion(chain[-1], chain[:-1].transform(X))
    table = chain[:-1].transform(X)
    contributions, base = contributions_of(chain[-1], table)
    shares = shares_in(chain)
    of_columns: dict[str, Array] = {}
    for place, name in enumerate(table.columns):
        for column, share in shares[name].items():
            before = of_columns.get(column, np.zeros(len(table)))
            of_columns[column] = before + share * contributions[:, place]
    columns = list(of_columns)
    return Parts(
        values=_before_gaps_are_filled(chain, X).loc[:, columns],
        contributions=pd.DataFrame(of_columns, index=X.index, columns=columns, dtype=float),
        base_value=base,
    )


def shares_in(chain: Pipeline) -> Shares:
    """Return for each column that reaches the model what it is made of, and in which shares."""
    names = [str(name) for name in chain[:-1].get_feature_names_out()]
    shares: Shares = {name: {name: 1.0} for name in names}
    for _, step in reversed(chain.steps[:-1]):
        if not hasattr(step, "sources"):
            continue
        own = _shares_of(step)
        shares = {name: _through(made, own) for name, made in shares.items()}
    return shares


def _shares_of(step: Any) -> Shares:
    """Return for each column that a step hands on what it is made of."""
    if isinstance(step, Components):
        passed = {name: {name: 1.0} for name in step.passed_}
        made = {
            one.name: dict(zip(one.sources, (one.loading**2).tolist(), strict=True))
            for one in step.components_
        }
        return {**passed, **made}
    return {name: {source: 1.0} for name, source in step.sources().items()}


def _through(made: dict[str, float], own: Shares) -> dict[str, float]:
    """Return shares of columns as shares of what these are made of, one step earlier."""
    found: dict[str, float] = {}
    for name, share in made.items():
        for source, part in own[name].items():
            found[source] = found.get(source, 0.0) + share * part
    return found


def _of_blend(blend: Blend, X: pd.DataFrame) -> Parts:
    """Return the parts of an ensemble: its lines and weights move each member's."""
    members = list(zip(blend.chains, blend.weights, blend.lines(), strict=True))
    start = blend.start + sum(weight * line.intercept for _, weight, line in members)
    slopes = [weight * line.slope for _, weight, line in members]
    return _summed(blend.chains, slopes, start, X)


def _of_late_fusion(fusion: LateFusion, X: pd.DataFrame) -> Parts:
    """Return the parts of late fusion: slopes move those of each block."""
    slopes = [fusion.slopes_[name] for name in fusion.chains_]
    return _summed(list(fusion.chains_.values()), slopes, fusion.intercept_, X)


def _summed(
    chains: Sequence[Pipeline], slopes: Sequence[float], start: float, X: pd.DataFrame
) -> Parts:
    """Return the parts of a weighted sum of chains."""
    values, base = pd.DataFrame(index=X.index), start
    sums: dict[Any, Any] = {}
    for chain, slope in zip(chains, slopes, strict=True):
        parts = parts_of(chain, X)
        base += slope * parts.base_value
        new = [name for name in parts.values.columns if name not in values.columns]
        values = pd.concat([values, parts.values[new]], axis=1)
        for name, column in parts.contributions.items():
            sums[name] = sums.get(name, 0.0) + slope * column
    contributions = pd.DataFrame(sums, index=X.index, columns=list(sums), dtype=float)
    return Parts(values=values, contributions=contributions, base_value=base)


def _before_gaps_are_filled(chain: Pipeline, X: pd.DataFrame) -> pd.DataFrame:
    """Return ``X`` after the steps that make columns of their own, such as habitats."""
    labels = list(chain.named_steps)
    if "fusion" in labels:
        return chain.named_steps["fusion"].before_gaps(X)
    before = labels[: labels.index("impute")] if "impute" in labels else []
    for label in before:
        X = chain.named_steps[label].transform(X)
    return X
