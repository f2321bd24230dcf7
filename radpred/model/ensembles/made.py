"""The average or the stack of the best models, from what their inner folds left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from radpred.errors import InputError, SettingsError
from radpred.model.calibrators.scale import scale_of
from radpred.model.ensembles.blend import Blend, KeepAsked
from radpred.model.ensembles.lines import Line, fit_line
from radpred.model.ensembles.weights import fit_weights
from radpred.model.outcome_kind import OutcomeKind, inner_score

Array = NDArray[np.float64]
Method = Literal["average", "stack"]
METHODS: tuple[Method, ...] = get_args(Method)
FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class Held:
    """A tuned model, as its ensemble sees it.

    Attributes
    ----------
    name : str
        Its name.
    inner_score : float
        What it was chosen by; higher is better.
    chains : tuple of Pipeline
        Fitted on the training part of each inner fold, and pruned or not.
    scores : tuple of array
        What each of these says of the rows that it did not see.
    whole : Pipeline
        Fitted on all rows.
    """

    name: str
    inner_score: float
    chains: tuple[Pipeline, ...]
    scores: tuple[Array, ...]
    whole: Pipeline


@dataclass(frozen=True, kw_only=True)
class Blended:
    """An ensemble, in the shape of a tuned model.

    Attributes
    ----------
    weights : dict of str to float
        How much each member counts, the best member first.
    inner_score : float
        Mean over the inner folds, each judged by weights that did not see its outcomes.
    chains, scores, whole
        As in `Held`.
    """

    weights: dict[str, float]
    inner_score: float
    chains: tuple[Pipeline, ...]
    scores: tuple[Array, ...]
    whole: Pipeline


def blended(
    method: Method,
    members: Sequence[Held],
    y: Sequence[NDArray[np.generic]],
    *,
    kind: OutcomeKind = "binary",
    best: int = 3,
) -> Blended:
    """Return an ensemble of the ``best`` members by their inner scores; of equals, the first.

    Scores become comparable by a line a member (`fit_line`), and are averaged, or weighted by
    `fit_weights`. Lines and weights come from held-out scores only: those of all inner folds for
    the ensemble that is kept, those of the other folds where a fold is scored. Members are fitted
    once, never anew.

    Parameters
    ----------
    method : {"average", "stack"}
        Whether all members count the same.
    members : sequence of Held
        Tuned on the same inner folds.
    y : sequence of array
        The outcomes of the rows that each inner fold held out.
    kind : {"binary", "multiclass", "continuous"}
        What is predicted.
    best : int
        How many members are taken, if there are as many.

    Raises
    ------
    SettingsError
        An unknown method.
    InputError
        Fewer than two members or folds.
    """
    if method not in METHODS:
        msg = f"no ensemble is called {method!r}; choose one of {', '.join(METHODS)}"
        raise SettingsError(msg)
    chosen = sorted(members, key=lambda one: -one.inner_score)[:best]
    if len(chosen) < FEWEST or len(y) < FEWEST:
        msg = (
            f"an ensemble of {len(chosen)} models over {len(y)} folds was asked for, wanted at "
            f"least {FEWEST} of each; name more models, or take more of them"
        )
        raise InputError(msg)
    folds = range(len(y))
    chains = tuple(
        _joined(method, chosen, y, [m.chains[own] for m in chosen], kind=kind, without=own)
        for own in folds
    )
    scores = tuple(
        chain[-1].mixed([member.scores[own] for member in chosen])
        for own, chain in zip(folds, chains, strict=True)
    )
    whole = _joined(method, chosen, y, [member.whole for member in chosen], kind=kind)
    names = [member.name for member in chosen]
    judged = [inner_score(kind, said, true) for said, true in zip(scores, y, strict=True)]
    return Blended(
        weights=dict(zip(names, whole[-1].weights, strict=True)),
        inner_score=float(np.mean(judged)),
        chains=chains,
        scores=scores,
        whole=whole,
    )


def _joined(
    method: Method,
    members: Sequence[Held],
    y: Sequence[NDArray[np.generic]],
    chains: Sequence[Pipeline],
    *,
    kind: OutcomeKind,
    without: int | None = None,
) -> Pipeline:
    """Return ``chains`` as one, by the held-out scores of all folds, or of all but one."""
    folds = [fold for fold in range(len(y)) if fold != without]
    outcomes = np.concatenate([y[fold] for fold in folds])
    lines, parts = [], []
    for member in members:
        seen = np.concatenate([member.scores[fold] for fold in folds])
        scale = "log_odds" if kind == "continuous" else scale_of(member.whole[-1])
        line = fit_line(kind, seen, outcomes, scale=scale)
        lines.append(line)
        parts.append(line.apply(seen))
    if method == "stack":
        weights = fit_weights(kind, parts, outcomes)
    else:
        weights = np.full(len(parts), 1.0 / len(parts))
    # Weights that do not add up to 1 move numbers away from their mean, which this gives back.
    start = float(outcomes.mean() * (1 - weights.sum())) if kind == "continuous" else 0.0
    return _chain(chains, lines, weights, start)


def rejoined(chain: Pipeline, members: Sequence[Pipeline]) -> Pipeline:
    """Return the chain of an ensemble with other fits of its members, in their order.

    Lines and weights stay as they are.
    """
    blend = chain[-1]
    return _chain(members, blend.lines(), np.asarray(blend.weights), blend.start)


def _chain(
    chains: Sequence[Pipeline], lines: Sequence[Line], weights: Array, start: float
) -> Pipeline:
    """Return the chain of an ensemble: the columns that its members take, and their sum."""
    columns = dict.fromkeys(
        name for chain in chains for name in chain[0].feature_names_in_.tolist()
    )
    blend = Blend(
        chains=list(chains),
        weights=weights.tolist(),
        slopes=[line.slope for line in lines],
        intercepts=[line.intercept for line in lines],
        scales=[line.scale for line in lines],
        start=start,
    )
    keep = KeepAsked().restricted_to(list(columns))
    return Pipeline([("columns", keep), ("model", blend)])
