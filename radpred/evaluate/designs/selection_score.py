"""The score by which a model was chosen, which is not what the model is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from radpred.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SelectionScore:
    """The best of several results on the same folds: it flatters, the more were tried.

    It has no place among performances, and so is no number: `value` has to be asked for. What
    the choice is worth is told by outer folds in which the choice is made anew.

    Attributes
    ----------
    metric : str
        What was maximised.
    value : float
        The best mean over the folds.
    n_tried : int
        Among how many.
    n_folds : int
        On how many folds, the same for choosing and scoring.
    """

    metric: str
    value: float
    n_tried: int
    n_folds: int

    def __str__(self) -> str:
        """Return the score with its label."""
        return (
            f"selection score {self.metric} {self.value:.3f} (best of {self.n_tried} on the "
            f"{self.n_folds} folds that chose it: not a performance)"
        )


def best_of(
    scores: Mapping[str, float], *, metric: str, n_folds: int
) -> tuple[str, SelectionScore]:
    """Return the name of the best configuration, of equals the first, and its selection score.

    Parameters
    ----------
    scores : mapping of str to float
        Flat cross-validation result of each configuration; higher is better.
    metric : str
        What the scores are.
    n_folds : int
        Folds of the cross-validation.

    Raises
    ------
    InputError
        Nothing to choose from.

    Examples
    --------
    >>> name, score = best_of({"C=1": 0.61, "C=10": 0.64}, metric="auroc", n_folds=5)
    >>> name
    'C=10'
    >>> print(score)
    selection score auroc 0.640
    (best of 2 on the 5 folds that chose it: not a performance)
    """
    known = {name: value for name, value in scores.items() if value == value}
    if not known:
        msg = f"none of {len(scores)} configurations has a {metric}; give at least one score"
        raise InputError(msg)
    best = max(known, key=lambda name: known[name])
    score = SelectionScore(
        metric=metric, value=float(known[best]), n_tried=len(scores), n_folds=n_folds
    )
    return best, score
