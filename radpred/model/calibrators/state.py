"""Calibrators as plain data that JSON can hold, and back to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast, get_args

from radpred.errors import InputError
from radpred.model.calibrators.beta import Beta
from radpred.model.calibrators.isotonic import Isotonic
from radpred.model.calibrators.protocol import Calibrator
from radpred.model.calibrators.scale import Scale
from radpred.model.calibrators.shrunk import ShrunkSigmoid
from radpred.model.calibrators.sigmoid import Sigmoid
from radpred.model.calibrators.temperature import Temperature
from radpred.model.calibrators.uncalibrated import Uncalibrated
from radpred.model.calibrators.venn_abers import CrossVennAbers, VennAbers

_TYPES: dict[str, type[Any]] = {
    "none": Uncalibrated,
    "sigmoid": Sigmoid,
    "shrunk_sigmoid": ShrunkSigmoid,
    "temperature": Temperature,
    "beta": Beta,
    "isotonic": Isotonic,
    "venn_abers": VennAbers,
    "cross_venn_abers": CrossVennAbers,
}


def method_of(calibrator: Calibrator) -> str:
    """Return by which method a calibrator was fitted."""
    for method, kind in _TYPES.items():
        if type(calibrator) is kind:
            return method
    msg = f"no method is known that makes a {type(calibrator).__name__}"
    raise TypeError(msg)


def state_of(calibrator: Calibrator) -> dict[str, Any]:
    """Return a calibrator as ``method`` and its numbers."""
    return {"method": method_of(calibrator), **asdict(cast("Any", calibrator))}


def calibrator_of(state: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `state_of` wrote down.

    Raises
    ------
    InputError
        A method that radpred does not know, or numbers that are not its own.
    """
    facts = dict(state)
    method = facts.pop("method", None)
    if method not in _TYPES:
        msg = f"a calibrator {method!r} came, wanted one of {', '.join(_TYPES)}; update radpred"
        raise InputError(msg)
    if method == "cross_venn_abers" and isinstance(facts.get("folds"), (list, tuple)):
        return CrossVennAbers(folds=tuple(_plain(VennAbers, fold) for fold in facts["folds"]))
    return cast("Calibrator", _plain(_TYPES[method], facts))


def _plain(kind: type[Any], facts: Mapping[str, Any]) -> Any:
    """Return a ``kind`` from numbers, words and lists of numbers."""
    try:
        return kind(**{name: _value(name, value) for name, value in facts.items()})
    except (TypeError, ValueError) as error:
        msg = f"not the numbers of a {kind.__name__} ({error}); write the model again"
        raise InputError(msg) from error


def _value(name: str, value: Any) -> Any:
    """Return a scale as it is, a list as a tuple of floats, anything else as a float."""
    if name == "scale" and value in get_args(Scale):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(float(item) for item in value)
    return float(value)
