"""What of learning fits which kind of outcome."""

from __future__ import annotations

from radpred.config.study.learning import LearningSettings
from radpred.config.study.outcome import OutcomeSettings

_DESIGNS = ("folds", "sites", "date", "external")
# A test holds these against the register of models, which is too slow to load here.
ONLY_CLASSES = ("lda", "naive_bayes")
_SELECTIONS = ("relevance", "shap", "components", "clusters", "none")
_CALIBRATIONS = ("sigmoid", "temperature", "none")


def refuse_unfit(outcome: OutcomeSettings, learning: LearningSettings) -> None:
    """Refuse settings of learning that mean something for two classes alone.

    Raises
    ------
    ValueError
        What came, and what to choose instead; pydantic makes it an error of settings.
    """
    for wrong, came, todo in _unfit(outcome, learning):
        if wrong:
            msg = f"the outcome is of the kind {outcome.kind}, and {came}; {todo}"
            raise ValueError(msg)


def _unfit(outcome: OutcomeSettings, learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what would be wrong, whether it is, and what to do."""
    if outcome.kind == "binary":
        return _of_soft(outcome, learning)
    own = _of_classes(learning) if outcome.kind == "multiclass" else _of_number(learning)
    return [*own, *_of_two_alone(learning)]


def _of_soft(outcome: OutcomeSettings, learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what soft labels rule out."""
    soft = outcome.uncertain is not None and outcome.uncertain.policy == "soft"
    return [
        (
            soft and learning.design.kind == "bootstrap",
            "its uncertain labels are soft, which bootstrap draws cannot judge",
            "choose the design folds, or another policy",
        ),
        (
            soft and learning.conformal.method == "leave_one_out",
            "its uncertain labels are soft, which cannot be left out one by one to calibrate",
            "choose conformal.method cross or split, or another policy",
        ),
        (
            soft and bool(learning.blocks),
            "its uncertain labels are soft, which fusions of blocks do not weigh so far",
            "leave blocks out, or choose another policy",
        ),
        (
            soft and learning.permutations > 0,
            "its uncertain labels are soft, which cannot be dealt anew",
            "leave permutations out, or choose another policy",
        ),
    ]


def _of_classes(learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what more than two classes rule out."""
    return [
        (
            learning.calibration not in _CALIBRATIONS,
            f"calibration {learning.calibration} is for two classes",
            f"choose one of {', '.join(_CALIBRATIONS)}",
        )
    ]


def _of_number(learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what a number rules out."""
    classifiers = [name for name in learning.models if name in ONLY_CLASSES]
    return [
        (
            bool(classifiers),
            f"{', '.join(classifiers)} predicts classes",
            "leave it out of models",
        ),
        (
            learning.calibration != "sigmoid",
            f"calibration is {learning.calibration}, and a number is not calibrated",
            "leave it out",
        ),
    ]


def _of_two_alone(learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what two classes alone can have."""
    design, sets, method = learning.design.kind, learning.conformal, learning.harmonise.method
    return [
        (
            design not in _DESIGNS,
            f"the design {design} is for two classes",
            f"choose one of {', '.join(_DESIGNS)}",
        ),
        (
            sets.method == "leave_one_out",
            "conformal.method is leave_one_out, which is for two classes",
            "choose cross or split",
        ),
        (
            sets.by != "class",
            f"conformal.by is {sets.by}, which is for two classes",
            "leave it out: each class by itself, and all cases of a number",
        ),
        (
            learning.selection not in _SELECTIONS,
            f"selection {learning.selection} is for two classes",
            f"choose one of {', '.join(_SELECTIONS)}",
        ),
        (
            learning.harmonise.is_on,
            f"harmonise.method is {method}, which is for two classes so far",
            "leave it out",
        ),
        *_of_a_risk(learning),
    ]


def _of_a_risk(learning: LearningSettings) -> list[tuple[bool, str, str]]:
    """Return what asks for the risk of one event."""
    return [
        (
            bool(learning.guarantee or learning.operating.needs),
            "guarantee or operating ask for thresholds on a risk, of which there is none",
            "leave them out, or merge the classes into two",
        ),
        (
            bool(learning.blocks),
            "blocks are fused for two classes alone so far",
            "leave blocks out, or merge the classes into two",
        ),
        (
            learning.permutations > 0,
            "permutations score the area under a ROC curve",
            "leave permutations out, or merge the classes into two",
        ),
    ]
