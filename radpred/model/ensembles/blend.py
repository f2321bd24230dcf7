"""The last step of an ensemble's chain: fitted chains, and how their scores are added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from radpred.errors import SettingsError
from radpred.model.calibrators.scale import Scale, scale_of
from radpred.model.ensembles.lines import Line
from radpred.model.frames import ColumnChooser, as_frame
from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import at_sites, unharmonised
from radpred.model.score import score_chain, score_model


class Blend(BaseEstimator):
    """A weighted sum of what fitted chains say, each on the line that makes them comparable.

    Its score is log-odds, of several classes log-shares up to a constant, or a number. A member of
    slope s and weight w moves the score by w s times what moves its own score, so that shares of a
    member's score, such as SHAP values, add up to those of the blend.

    Parameters
    ----------
    chains : list of Pipeline
        Fitted; they take the columns of the table by name.
    weights, slopes, intercepts : list of float
        One of each a chain.
    scales : list of str
        What the score of each chain is.
    start : float
        What is added to the sum.
    """

    def __init__(
        self,
        chains: list[Pipeline],
        weights: list[float],
        slopes: list[float],
        intercepts: list[float],
        scales: list[Scale],
        start: float = 0.0,
    ) -> None:
        self.chains = chains
        self.weights = weights
        self.slopes = slopes
        self.intercepts = intercepts
        self.scales = scales
        self.start = start

    def __sklearn_is_fitted__(self) -> bool:
        """Return that its chains are fitted already."""
        return True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Refuse: the members of a blend were fitted in inner folds.

        Raises
        ------
        SettingsError
            Always.
        """
        msg = "an ensemble cannot be fitted as one step; fit it by name, as in fit_all(['stack'])"
        raise SettingsError(msg)

    def lines(self) -> list[Line]:
        """Return the line of each member."""
        facts = zip(self.slopes, self.intercepts, self.scales, strict=True)
        return [Line(slope=slope, intercept=b, scale=scale) for slope, b, scale in facts]

    def score(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """Return the score of each row, shape (n,) or (n, n_classes)."""
        return self.mixed([score_chain(chain, table) for chain in self.chains])

    def at_sites(self, sites: CaseLabels | None) -> Blend:
        """Return a copy whose chains look the sites of cases up in ``sites``."""
        facts = {name: getattr(self, name) for name in ("weights", "slopes", "intercepts")}
        chains = [at_sites(chain, sites) for chain in self.chains]
        return Blend(chains=chains, scales=self.scales, start=self.start, **facts)

    def is_new(self, cases: pd.Index) -> NDArray[np.bool_]:
        """Say which cases a chain leaves unharmonised, for their site is new."""
        left = [unharmonised(chain, cases) for chain in self.chains]
        return np.isin(cases.astype(str), sorted({case for one in left for case in one}))

    def mixed(self, scores: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return the score of rows from what each chain says of them, added one by one."""
        members = zip(scores, self.weights, self.lines(), strict=True)
        parts = [weight * line.apply(said) for said, weight, line in members]
        return np.asarray(sum(parts[1:], parts[0]) + self.start)


class KeepAsked(ColumnChooser):
    """Keep the columns that were asked for: those that the members of an ensemble take.

    Parameters
    ----------
    names : sequence of str
        Names of columns.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names

    def fit(self, X: Any, y: Any = None) -> Self:
        """Note where the columns stand."""
        frame = as_frame(X)
        return self._keep(frame, frame.columns.get_indexer(pd.Index(self.names, dtype=object)))

    def restricted_to(self, names: Sequence[str]) -> Self:
        """Return a copy that knows only the columns ``names``."""
        return type(self)(list(names)).fit(pd.DataFrame(columns=list(names)))


@score_model.register
def _(model: Blend, table: pd.DataFrame) -> NDArray[np.float64]:
    """Return the weighted sum of the members' scores."""
    return model.score(table)


@scale_of.register
def _(model: Blend) -> Scale:
    """Return that its score is log-odds."""
    return "log_odds"
