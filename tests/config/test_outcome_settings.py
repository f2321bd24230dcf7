"""What a study predicts is checked at the door: what goes together, and what learning can do."""

import pytest

from radpred.config.study.learning import LearningSettings
from radpred.config.study.other_outcomes import ONLY_CLASSES
from radpred.config.study.outcome import OutcomeSettings
from radpred.config.study.study import StudySettings
from radpred.model.estimators import MODELS

BLOCKS = {"inner": {"regions": ["tumour"]}, "outer": {"regions": ["ring_0_4mm"]}}


def study(outcome, learning=None):
    """Return a study with these sections."""
    given = {"name": "x", "outcome": {"column": "y", **outcome}, "learning": learning or {}}
    return StudySettings.model_validate(given)


def test_a_binary_outcome_is_the_default():
    settings = OutcomeSettings(column="y")
    assert (settings.kind, settings.positive, settings.end_point.kind) == ("binary", "1", "binary")


def test_an_ordinal_outcome_is_refused_with_what_to_choose():
    with pytest.raises(ValueError, match=r"choose multiclass.*continuous.*merge them into two"):
        OutcomeSettings(column="y", kind="ordinal")


def test_numbers_in_lists_are_read_as_the_file_spells_them():
    settings = OutcomeSettings.model_validate(
        {"column": "y", "kind": "multiclass", "classes": [1, 2, 3], "merge": {"3": [3, 4]}}
    )
    assert settings.classes == ("1", "2", "3")
    assert settings.end_point.merge == {"3": ("3", "4")}


@pytest.mark.parametrize(
    ("outcome", "problem"),
    [
        ({"kind": "continuous", "classes": ["a"]}, "continuous outcome came with classes"),
        ({"kind": "multiclass", "unit": "mm"}, "a unit is of 'continuous'"),
        ({"kind": "multiclass", "positive": "a"}, "leave positive out"),
        (
            {"kind": "multiclass", "uncertain": {"values": ["?"], "policy": "soft"}},
            "zero, one and soft speak of an event",
        ),
        ({"uncertain": {"values": ["?"], "probability": {"?": 0.3}}}, "correct"),
    ],
)
def test_what_does_not_go_together_is_refused(outcome, problem):
    with pytest.raises(ValueError, match=problem):
        study(outcome)


@pytest.mark.parametrize(
    ("kind", "learning", "problem"),
    [
        ("multiclass", {"design": {"kind": "bootstrap"}}, "choose one of folds, sites"),
        ("continuous", {"design": {"kind": "patients"}}, "choose one of folds, sites"),
        ("multiclass", {"calibration": "isotonic"}, "choose one of sigmoid, temperature, none"),
        ("continuous", {"calibration": "temperature"}, "a number is not calibrated"),
        ("multiclass", {"conformal": {"by": "site"}}, "each class by itself"),
        ("multiclass", {"conformal": {"method": "leave_one_out"}}, "choose cross or split"),
        ("multiclass", {"selection": "mrmr"}, "choose one of relevance, shap"),
        ("multiclass", {"guarantee": [{"metric": "sensitivity"}]}, "merge the classes into two"),
        ("continuous", {"models": ["lda"]}, "lda predicts classes"),
        ("continuous", {"harmonise": {"method": "combat"}}, "leave it out"),
        ("multiclass", {"blocks": BLOCKS}, "leave blocks out"),
        ("continuous", {"permutations": 20}, "leave permutations out"),
    ],
)
def test_learning_that_needs_two_classes_is_refused(kind, learning, problem):
    with pytest.raises(ValueError, match=problem):
        study({"kind": kind}, learning)


def test_soft_labels_are_not_judged_by_bootstrap_draws():
    soft = {"uncertain": {"values": ["?"], "policy": "soft"}}
    with pytest.raises(ValueError, match="choose the design folds"):
        study(soft, {"design": {"kind": "bootstrap"}})
    assert study(soft).learning == LearningSettings()


@pytest.mark.parametrize("learning", [{"blocks": BLOCKS}, {"permutations": 20}])
def test_soft_labels_are_neither_fused_nor_dealt_anew(learning):
    soft = {"uncertain": {"values": ["?"], "policy": "soft"}}
    with pytest.raises(ValueError, match="its uncertain labels are soft"):
        study(soft, learning)


def test_models_of_classes_alone_are_those_of_the_register():
    assert set(ONLY_CLASSES) == {n for n, one in MODELS.items() if one.regressor is None}
