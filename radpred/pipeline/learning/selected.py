"""The pseudo-model that takes, in each outer fold, the candidate which was best inside it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from radpred.errors import InputError
from radpred.model.fusion.plan import is_part
from radpred.model.recipes import BASELINES

SELECTED = "selected"


def select_by_inner_score(
    predictions: pd.DataFrame | Sequence[pd.DataFrame],
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return what comes of choosing, in each outer fold, the model with the best inner score.

    Parameters
    ----------
    predictions : DataFrame or sequence of DataFrame
        Results of `learning.train.out_of_fold` on the same folds; baselines are passed
        over. Of equals, the model that comes first wins.

    Returns
    -------
    rows : DataFrame
        The predictions of the chosen models, under the model name ``selected``.
    chosen : dict of str to int
        In how many folds each model was chosen.

    Raises
    ------
    InputError
        No candidate, or models that were judged on different folds.
    """
    if not isinstance(predictions, pd.DataFrame):
        predictions = pd.concat(list(predictions), ignore_index=True)
    candidates = _candidates(predictions)
    names = candidates["model"].unique().tolist()
    winner = winners_by_inner_score(predictions)
    places = pd.MultiIndex.from_frame(candidates[["repeat", "fold"]])
    is_chosen = candidates["model"].to_numpy() == winner.loc[places].to_numpy()
    rows = candidates[is_chosen].assign(model=SELECTED)
    rows = rows.sort_values(["repeat", "fold", "case_id"], ignore_index=True)
    return rows, {name: int((winner == name).sum()) for name in names}


def winners_by_inner_score(predictions: pd.DataFrame) -> pd.Series:
    """Return the model that :func:`select_by_inner_score` chooses, by repeat and fold."""
    candidates = _candidates(predictions)
    names = candidates["model"].unique().tolist()
    if not names:
        msg = "predictions hold no candidate model; give those of at least one"
        raise InputError(msg, code="no_candidates")
    _check_same_folds(candidates, names)
    scores = candidates.groupby(["model", "repeat", "fold"])["inner_score"].first()
    table = scores.unstack("model")[names]
    return pd.Series([names[i] for i in table.to_numpy().argmax(axis=1)], index=table.index)


def _candidates(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions of models that may be chosen."""
    is_other = predictions["model"].isin((*BASELINES, SELECTED))
    return predictions[~is_other & ~predictions["model"].map(is_part).astype(bool)]


def _check_same_folds(candidates: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse models whose outer folds hold different cases."""
    keys = ["repeat", "fold", "case_id"]
    folds = {name: candidates.loc[candidates["model"] == name, keys] for name in names}
    first = folds[names[0]].sort_values(keys, ignore_index=True)
    for name, own in folds.items():
        if not own.sort_values(keys, ignore_index=True).equals(first):
            msg = f"{name} and {names[0]} were judged on different folds; use the same design"
            raise InputError(msg, code="different_folds")
