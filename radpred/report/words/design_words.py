"""What the design of a study was, and what it does not show, in the words of TRIPOD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpred.report.words.numbers import counted, known

_REDONE = (
    "Selection of features, tuning, choice of the model, calibration and prediction sets were all "
    "redone inside each {part}."
)
_INTERNAL = (
    "This is internal validation: every number comes from cases of the same cohort that {unseen}. "
    "It says how the whole procedure does on cases like these; it does not show how the "
    "model does in another hospital, on another scanner, or in a later year. That takes external "
    "validation."
)
_LIMITS = {
    "folds": _INTERNAL.format(unseen="a fold did not see"),
    "patients": _INTERNAL.format(unseen="the model of that patient did not see"),
    "bootstrap": _INTERNAL.format(unseen="a bootstrap draw did not take"),
    "sites": (
        "Every number comes from a site that the model had not seen, and so of how the procedure "
        "travels between these sites; it does not show how the final model does at another one, "
        "or in a later year."
    ),
    "date": (
        "Every number comes from later patients of the same sites. It does not show how the model "
        "does in another hospital or on another scanner."
    ),
    "external": (
        "Every number comes from the external set, and speaks of places and times like those of "
        "this set only. A model that is changed in the light of it needs another unseen set."
    ),
}
_FITTED = {
    "external": " The final model was fitted to the development set; explanations are of it."
}


def validation(design: Mapping[str, Any]) -> str:
    """Return how the procedure was validated; nothing where that was not recorded."""
    kind = design.get("kind", "folds")
    if kind == "folds" and not known(design.get("outer_folds")):
        return ""
    return {
        "folds": _folds,
        "sites": _sites,
        "patients": _patients,
        "bootstrap": _bootstrap,
        "date": _date,
        "external": _external,
    }[kind](design)


def limits(design: Mapping[str, Any]) -> str:
    """Return what the design does not show, and which model is explained."""
    kind = design.get("kind", "folds")
    everyone = " The final model was fitted to all cases; explanations are of that model."
    return _LIMITS[kind] + _FITTED.get(kind, everyone)


def _folds(design: Mapping[str, Any]) -> str:
    """Return how folds were drawn."""
    n_repeats = design.get("repeats")
    repeats = f", repeated {n_repeats} times" if known(n_repeats) and n_repeats > 1 else ""
    return (
        f"Nested cross-validation by patient: {design['outer_folds']} outer folds stratified by "
        f"outcome{repeats}{_seed(design)}. {_REDONE.format(part='outer training set')}"
    )


def _sites(design: Mapping[str, Any]) -> str:
    """Return how sites were left out."""
    return (
        f"Leave-one-site-out: each of {design['n_parts']} sites was tested by models fitted on all "
        f"others{_seed(design)}. {_REDONE.format(part='training set')}{_notes(design)}"
    )


def _patients(design: Mapping[str, Any]) -> str:
    """Return how patients were left out, and why there are no areas."""
    return (
        f"Leave-one-patient-out: each of {design['n_parts']} patients was tested by models fitted "
        f"on all others{_seed(design)}. {_REDONE.format(part='training set')} Risks of different "
        "models must not be ranked together (a model that knows nothing would have an AUROC of "
        "0), so there are no areas, curves and slopes, only Brier score, log loss, mean risk, net "
        "benefit and prediction sets."
    )


def _bootstrap(design: Mapping[str, Any]) -> str:
    """Return how patients were drawn."""
    return (
        f"Bootstrap by patient: {design['draws']} draws with replacement{_seed(design)}, each "
        "judged on the patients it did not take. The apparent performance and that out of the bag "
        "were combined by .632+ (Efron and Tibshirani 1997). "
        f"{_REDONE.format(part='draw')}"
    )


def _date(design: Mapping[str, Any]) -> str:
    """Return which patients came later."""
    first = str(design.get("label", "")).removeprefix("from ")
    return (
        f"Temporal validation by the column \u201c{design['column']}\u201d: models were fitted on "
        f"{_part(design, 'learnt')} before {first} and tested on {_part(design, 'tested')} from "
        f"then on{_seed(design)}. A patient with cases on both sides is tested as a whole."
        f"{_notes(design)}"
    )


def _external(design: Mapping[str, Any]) -> str:
    """Return what was set apart, for which model it was opened, and who opened it before."""
    given = design.get("external") or {}
    log = given.get("log") or []
    own = [one for one in log if one["model_hash"] == given.get("model_hash")]
    when = f" It was opened for this model at {own[-1]['opened_at']}." if own else ""
    others = len({one["model_hash"] for one in log} - {given.get("model_hash")})
    seen = (
        f" It had been opened for {counted(others, 'other model')} too: it is no unseen set."
        if others
        else " No other model was judged on it."
    )
    return (
        f"External validation by the column \u201c{design['column']}\u201d: the final model was "
        f"fitted on {_part(design, 'learnt')} and frozen (SHA-256 "
        f"{str(given.get('model_hash', ''))[:12]}) before the external set of "
        f"{_part(design, 'tested')} was opened.{when}{seen}{_notes(design)}"
    )


def _part(design: Mapping[str, Any], what: str) -> str:
    """Return one side of a split in words."""
    n_cases, n_events = design[f"n_cases_{what}"], design[f"n_events_{what}"]
    patients = counted(design[f"n_patients_{what}"], "patient")
    cases = "" if n_cases == design[f"n_patients_{what}"] else f" with {counted(n_cases, 'case')}"
    return f"{patients}{cases} ({n_events} with the event)"


def _seed(design: Mapping[str, Any]) -> str:
    """Return the seed, where it was recorded."""
    return f" (seed {design['seed']})" if known(design.get("seed")) else ""


def _notes(design: Mapping[str, Any]) -> str:
    """Return what had to be mended, or cannot be judged."""
    notes = "; ".join(design.get("notes") or ())
    return f" Noted: {notes}." if notes else ""
