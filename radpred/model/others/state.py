"""Models of classes and numbers as plain data that JSON can hold, and back to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

import numpy as np
from sklearn.pipeline import Pipeline

from radpred.model.calibrators.scale import Scale
from radpred.model.others.calibrator import SoftMax
from radpred.model.others.classes import FittedClasses
from radpred.model.others.numbers import FittedNumber
from radpred.model.others.residuals import CrossResiduals, NumberFold
from radpred.model.others.sets import ClassFold, ClassSets

_SHARED = ("model", "params", "columns", "inner_score", "notes", "n_columns", "n_inner")


def state_of(fitted: FittedClasses | FittedNumber) -> dict[str, Any]:
    """Return a model without its chains, which stand beside it."""
    facts = {name: getattr(fitted, name) for name in _SHARED}
    if isinstance(fitted, FittedClasses):
        folds = [
            {"scale": f.scale, "strangeness": [v.tolist() for v in f.strangeness], **_rows(f)}
            for f in fitted.conformal.folds
        ]
        own = {"calibrator": asdict(fitted.calibrator), "classes": list(fitted.classes)}
        return {"kind": "multiclass", **facts, **own, "folds": folds}
    folds = [{"errors": f.errors.tolist(), **_rows(f)} for f in fitted.conformal.folds]
    return {"kind": "continuous", **facts, "folds": folds}


def chains_of(fitted: FittedClasses | FittedNumber) -> list[Pipeline]:
    """Return the chains of the folds, in the order of the state."""
    folds: Sequence[ClassFold | NumberFold] = fitted.conformal.folds
    return [fold.chain for fold in folds]


def fitted_of(
    state: Mapping[str, Any], chain: Pipeline, chains: Sequence[Pipeline]
) -> FittedClasses | FittedNumber:
    """Return the model that `state_of` wrote down, with its chains."""
    facts = {name: state[name] for name in _SHARED}
    facts |= {"columns": tuple(state["columns"]), "notes": tuple(state["notes"]), "chain": chain}
    pairs = list(zip(state["folds"], chains, strict=True))
    if state["kind"] == "continuous":
        residuals = CrossResiduals(folds=tuple(_number_fold(f, c) for f, c in pairs))
        return FittedNumber(conformal=residuals, **facts)
    softmax = state["calibrator"]
    return FittedClasses(
        calibrator=SoftMax(
            slope=float(softmax["slope"]),
            shifts=tuple(map(float, softmax["shifts"])),
            scale=softmax["scale"],
        ),
        conformal=ClassSets(folds=tuple(_class_fold(f, c) for f, c in pairs)),
        classes=tuple(state["classes"]),
        **facts,
    )


def _class_fold(state: Mapping[str, Any], chain: Pipeline) -> ClassFold:
    """Return one fold of classes."""
    return ClassFold(
        chain=chain,
        strangeness=tuple(np.array(v, dtype=np.float64) for v in state["strangeness"]),
        scale=cast("Scale", state["scale"]),
        **_positions(state),
    )


def _number_fold(state: Mapping[str, Any], chain: Pipeline) -> NumberFold:
    """Return one fold of a number."""
    errors = np.array(state["errors"], dtype=np.float64)
    return NumberFold(chain=chain, errors=errors, **_positions(state))


def _rows(fold: ClassFold | NumberFold) -> dict[str, Any]:
    """Return the positions of a fold's rows as lists."""
    return {name: getattr(fold, name).tolist() for name in ("fitted_rows", "scored_rows")}


def _positions(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the positions of a fold's rows."""
    return {n: np.array(state[n], dtype=np.intp) for n in ("fitted_rows", "scored_rows")}
