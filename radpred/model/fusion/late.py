"""A model for each block, and their answers joined with weights learnt on held-out rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from radpred.cohort.split import Split, check_disjoint, most_folds, outer_folds
from radpred.errors import InputError
from radpred.model.calibrators.scale import Scale, log_odds_of, scale_of
from radpred.model.frames import as_frame, columns_of
from radpred.model.fusion.combine import Combination, Method, combine
from radpred.model.fusion.early import made
from radpred.model.labels import CaseLabels, labels_of
from radpred.model.rows import TrainingRows, training_rows
from radpred.model.score import score_model
from radpred.model.weights import fit_rows

Array = NDArray[np.float64]


class LateFusion(ClassifierMixin, BaseEstimator):
    """Fit a chain for each block of columns, and add up what they say in log-odds.

    Inner folds by patient give every row a score of each block by chains that did not see it.
    On these scores alone the weights of the blocks are learnt (see
    `radpred.model.fusion.combine`); then the chains are fitted again, on all rows. The answer is
    linear in the scores of the blocks, so what adds up to a block's score (SHAP values) times
    ``slopes_`` of the block adds up to the log-odds.

    Parameters
    ----------
    blocks : mapping of str to sequence of str
        The columns of each block, as of `radpred.model.fusion.blocks_of`.
    chain : estimator or callable
        A classifier, or what makes one from a block's name: `radpred.model.recipes.chain`,
        say, or any of scikit-learn's.
    method : {"logistic", "mean"}
        How the blocks are joined.
    n_inner_folds : int, default 5
        Folds by patient; fewer where events are few.
    seed : int, default 0
        Where the folds start.
    pull : float, default 1.0
        How strongly weights are drawn to those of the mean.
    patients : CaseLabels, optional
        The patient of each case, where none come with the rows.

    Attributes
    ----------
    chains_ : dict of str to estimator
        Of each block, fitted on all rows.
    weights_ : dict of str to float
        Of each block, for its calibrated log-odds; not negative.
    slopes_ : dict of str to float
        Of each block, for its score.
    intercept_ : float
        The log-odds where all scores are 0.
    held_out_ : ndarray of shape (n, n_blocks)
        The scores that the weights were learnt on, in the order of the rows.
    folds_ : list of Split
        The inner folds.
    """

    def __init__(
        self,
        blocks: Mapping[str, Sequence[str]],
        chain: Any | Callable[[str], Any],
        *,
        method: Method = "logistic",
        n_inner_folds: int = 5,
        seed: int = 0,
        pull: float = 1.0,
        patients: CaseLabels | None = None,
    ) -> None:
        self.blocks = blocks
        self.chain = chain
        self.method = method
        self.n_inner_folds = n_inner_folds
        self.seed = seed
        self.pull = pull
        self.patients = patients

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn the chains of the blocks and their weights.

        Parameters
        ----------
        X : DataFrame of shape (n, p)
            One row a case; those of soft labels twice, as in `radpred.model.rows.TrainingRows`.
        y : array of shape (n,)
            0 or 1, both present.
        groups : array of shape (n,), optional
            The patient of each row, by scikit-learn's metadata routing; else as ``patients`` know.
        sample_weight : array of shape (n,), optional
            Below 1 for rows of soft labels.

        Raises
        ------
        InputError
            ``no_labels``: no patient is known. ``bad_outcome``: other outcomes than 0 and 1.
            ``too_few_events``: too few patients for two inner folds.
        """
        frame = as_frame(X)
        outcomes = _binary(y)
        patients = labels_of(frame.index, groups, self.patients, what="patient")
        _refuse_nobody(patients)
        rows = training_rows(frame, outcomes, patients, sample_weight)
        self.folds_ = self._folds(rows)
        self.held_out_ = self._held_out(rows)
        self.combination_ = combine(
            self.held_out_,
            outcomes,
            method=self.method,
            row_weights=rows.weights,
            pull=self.pull,
        )
        self.chains_ = {name: self._fit_block(name, rows) for name in self.blocks}
        self._name(self.combination_)
        self.classes_ = np.array([0, 1])
        self.feature_names_in_ = frame.columns.to_numpy(dtype=object)
        self.n_features_in_ = frame.shape[1]
        return self

    @classmethod
    def of(
        cls,
        chains: Mapping[str, Any],
        combination: Combination,
        *,
        method: Method = "logistic",
        pull: float = 1.0,
    ) -> LateFusion:
        """Return chains that are fitted already, joined with weights that are known.

        Where weights were learnt on what inner folds said, it answers as one that was fitted on
        the same folds, and knows no row and no patient of them.
        """
        blocks = {name: tuple(chain[0].feature_names_in_) for name, chain in chains.items()}
        joined = cls(blocks, None, method=method, pull=pull)
        joined.chains_ = dict(chains)
        joined._name(combination)
        joined.classes_ = np.array([0, 1])
        columns = [column for own in blocks.values() for column in own]
        joined.feature_names_in_ = np.array(columns, dtype=object)
        joined.n_features_in_ = len(columns)
        return joined

    def with_chains(self, chains: Mapping[str, Any]) -> LateFusion:
        """Return other chains, joined with the same weights."""
        weights, slopes = (np.array(list(held.values())) for held in (self.weights_, self.slopes_))
        known = Combination(weights=weights, slopes=slopes, intercept=self.intercept_)
        return LateFusion.of(chains, known, method=self.method, pull=self.pull)

    def joined_scores(self, scores: ArrayLike) -> Array:
        """Return the log-odds of rows from what each block says of them, shape (n,)."""
        terms = np.asarray(scores, dtype=np.float64) * np.array(list(self.slopes_.values()))
        return np.array([math.fsum([self.intercept_, *row]) for row in terms.tolist()])

    def block_scores(self, X: Any) -> pd.DataFrame:
        """Return the score of each block for each row, on its model's scale, (n, n_blocks)."""
        check_is_fitted(self, "chains_")
        frame = as_frame(X)
        scores = {name: _scores(self._own(frame, name), c) for name, c in self.chains_.items()}
        return pd.DataFrame(scores, index=frame.index)

    def block_log_odds(self, X: Any) -> pd.DataFrame:
        """Return what each block adds to the log-odds of each row, (n, n_blocks).

        With ``intercept_`` the sum over blocks is `decision_function`.
        """
        return self.block_scores(X) * pd.Series(self.slopes_)

    def decision_function(self, X: Any) -> Array:
        """Return the log-odds of the event for each row, shape (n,)."""
        return self.joined_scores(self.block_scores(X))

    def predict_proba(self, X: Any) -> Array:
        """Return the probabilities of no event and of the event, shape (n, 2)."""
        p = np.array([_expit(value) for value in self.decision_function(X).tolist()])
        return np.stack([1 - p, p], axis=1)

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Return the likelier outcome of each row, shape (n,)."""
        return (self.decision_function(X) > 0).astype(np.intp)

    def _folds(self, rows: TrainingRows) -> list[Split]:
        """Return the inner folds, by patient, none of which sees what it scores."""
        y, groups = rows.y.astype(np.intp), rows.groups
        n_folds = max(2, min(self.n_inner_folds, most_folds(y, groups)))
        folds = outer_folds(y, groups, n_folds=n_folds, repeats=1, seed=self.seed)
        for fold in folds:
            check_disjoint(fold, groups)
        return folds

    def _held_out(self, rows: TrainingRows) -> Array:
        """Return the score of each row by chains that did not see it, (n, n_blocks)."""
        scores = np.full((len(rows.y), len(self.blocks)), np.nan)
        for fold in self.folds_:
            train, test = rows.taken(fold.train), rows.X.iloc[fold.test]
            for place, name in enumerate(self.blocks):
                chain = self._fit_block(name, train)
                scores[fold.test, place] = _scores(self._own(test, name), chain)
        return scores

    def _fit_block(self, name: str, rows: TrainingRows) -> Any:
        """Return the chain of a block, fitted on ``rows``."""
        own = TrainingRows(**{**vars(rows), "X": self._own(rows.X, name)})
        try:
            return fit_rows(made(self.chain, name), own)
        except InputError as error:
            raise InputError(f"block {name}: {error}", code=error.code) from error

    def _own(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        """Return the columns of a block."""
        return columns_of(frame, list(self.blocks[name]))

    def _name(self, found: Combination) -> None:
        """Set the weights and slopes by the names of the blocks."""
        self.weights_ = dict(zip(self.blocks, found.weights.tolist(), strict=True))
        self.slopes_ = dict(zip(self.blocks, found.slopes.tolist(), strict=True))
        self.intercept_ = found.intercept


@score_model.register
def _(model: LateFusion, table: pd.DataFrame) -> Array:
    """Return the log-odds."""
    return model.decision_function(table)


@scale_of.register
def _(model: LateFusion) -> Scale:
    """Return that its score is log-odds."""
    return "log_odds"


def _scores(X: pd.DataFrame, chain: Any) -> Array:
    """Return the scores of a fitted chain on the scale of its model, shape (n,).

    Of a model that radpred does not know, or gets no table, its decision function or its log-odds.
    """
    model, table = chain, X
    if isinstance(chain, Pipeline) and len(chain.steps) > 1:
        model, table = chain[-1], chain[:-1].transform(X)
    is_known = score_model.dispatch(type(model)) is not score_model.dispatch(object)
    if is_known and isinstance(table, pd.DataFrame):
        return score_model(model, table)
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(table), dtype=np.float64)
    return log_odds_of(model.predict_proba(table)[:, 1], "probability")


def _binary(y: ArrayLike) -> NDArray[np.intp]:
    """Return the outcomes as 0 and 1, or refuse them."""
    outcomes = np.asarray(y)
    found = set(outcomes.tolist())
    if found != {0, 1}:
        msg = (
            f"late fusion adds up log-odds of one event, so outcomes are 0 and 1, got "
            f"{sorted(map(str, found))[:5]}; use early fusion for classes and measures"
        )
        raise InputError(msg, code="bad_outcome")
    return outcomes.astype(np.intp)


def _refuse_nobody(patients: NDArray[np.object_]) -> None:
    """Refuse rows of no known patient, which nothing could keep out of both sides."""
    n_unknown = int(np.count_nonzero(patients == ""))
    if n_unknown:
        msg = (
            f"{n_unknown} of {len(patients)} rows are of no known patient; give groups= with the "
            "rows, or the patient of every case"
        )
        raise InputError(msg, code="no_labels")


def _expit(log_odds: float) -> float:
    """Return the probability of log-odds."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    return math.exp(log_odds) / (1 + math.exp(log_odds))
