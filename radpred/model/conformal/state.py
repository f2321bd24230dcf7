"""Conformal folds as plain data, beside their chains: lists and numbers that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from radpred.model.conformal.cross import ConformalFold, CrossConformal


def state_of(conformal: CrossConformal) -> dict[str, Any]:
    """Return all but the chains as plain data.

    What has its default (no sites, a centre of 0, cells by class) is left out, so that a model
    that uses none of it is stored as it always was: ``folds``, each with ``strangeness``,
    ``fitted_rows`` and ``scored_rows``.
    """
    state: dict[str, Any] = {"folds": [_fold_state(fold) for fold in conformal.folds]}
    if conformal.taxonomy != "class":
        state["taxonomy"] = conformal.taxonomy
    if conformal.unknown != "parent":
        state["unknown"] = conformal.unknown
    if conformal.level is not None:
        state["level"] = conformal.level
    return state


def conformal_of(state: Mapping[str, Any], chains: Sequence[Pipeline]) -> CrossConformal:
    """Return the folds in ``state``, each with its chain; the inverse of `state_of`."""
    folds = [
        ConformalFold(
            chain=chain,
            strangeness=(_numbers(fold["strangeness"][0]), _numbers(fold["strangeness"][1])),
            fitted_rows=np.array(fold["fitted_rows"], dtype=np.intp),
            scored_rows=np.array(fold["scored_rows"], dtype=np.intp),
            strata=_words(fold["strata"]) if "strata" in fold else None,
            centre=float(fold.get("centre", 0.0)),
        )
        for fold, chain in zip(state["folds"], chains, strict=True)
    ]
    return CrossConformal(
        folds=tuple(folds),
        taxonomy=state.get("taxonomy", "class"),
        unknown=state.get("unknown", "parent"),
        level=state.get("level"),
    )


def _fold_state(fold: ConformalFold) -> dict[str, Any]:
    """Return a fold without its chain as plain data."""
    state: dict[str, Any] = {
        "strangeness": [values.tolist() for values in fold.strangeness],
        "fitted_rows": fold.fitted_rows.tolist(),
        "scored_rows": fold.scored_rows.tolist(),
    }
    if fold.strata is not None:
        state["strata"] = [values.tolist() for values in fold.strata]
    if fold.centre:
        state["centre"] = fold.centre
    return state


def _numbers(values: Sequence[float]) -> Any:
    """Return a list of numbers as an array."""
    return np.array(values, dtype=np.float64)


def _words(pair: Sequence[Sequence[str]]) -> Any:
    """Return two lists of words as arrays of text."""
    return np.array(pair[0], dtype=str), np.array(pair[1], dtype=str)
