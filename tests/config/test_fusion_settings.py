"""What a study may call a block, and how it may join them."""

import pytest
from pydantic import ValidationError

from radpred.config.study import LearningSettings, StudySettings
from radpred.pipeline.learning.fusion import candidates_of, fusion_of, parts_of_fusion

BLOCKS = {"pet": {"modalities": ["pet"]}, "clinic": {"clinical": True}}


def learning(**given):
    """Return settings of learning with two blocks."""
    return LearningSettings.model_validate({"models": ["logistic"], "blocks": BLOCKS, **given})


def test_without_blocks_nothing_is_fused():
    settings = LearningSettings()
    assert fusion_of(settings) is None
    assert candidates_of(settings) == settings.models
    assert parts_of_fusion(settings) == ()


def test_blocks_are_fused_late_unless_told():
    assert candidates_of(learning()) == ("logistic", "late_fusion")
    both = learning(fusion={"kind": "both"})
    assert candidates_of(both) == ("logistic", "early_fusion", "late_fusion")


def test_bootstrap_draws_judge_no_fusion_without_a_block():
    settings = learning(design={"kind": "bootstrap"})
    assert parts_of_fusion(settings) == ("block:pet", "block:clinic")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"blocks": {"pet": {"modalities": ["pet"]}}}, "wanted 2 or more"),
        ({"blocks": {**BLOCKS, "none": {}}}, "block of nothing"),
        ({"blocks": {**BLOCKS, "a b": {"clinical": True}}}, "blocks are called"),
        ({"fusion": {"n_features": {"ct": 5}}}, "name these"),
        ({"blocks": {}, "fusion": {"kind": "early"}}, "without learning.blocks"),
        ({"harmonise": {"method": "combat"}}, "leave one of the two out"),
        ({"selection": "components", "fusion": {"kind": "early"}}, "set fusion.kind to late"),
        ({"fusion": {"pull": -1}}, "greater than or equal to 0"),
    ],
)
def test_blocks_that_cannot_be_fused_are_refused(given, says):
    with pytest.raises(ValidationError, match=says):
        learning(**given)


@pytest.mark.parametrize(
    ("block", "says"),
    [({"tables": ["deep"]}, "tables hold"), ({"clinical": True}, "outcome.clinical is empty")],
)
def test_a_block_of_what_a_study_has_not_is_refused(block, says):
    blocks = {"pet": {"modalities": ["pet"]}, "other": block}
    given = {"name": "made", "outcome": {"column": "event"}, "learning": {"blocks": blocks}}
    with pytest.raises(ValidationError, match=says):
        StudySettings.model_validate(given)


@pytest.mark.parametrize(
    "design",
    [
        {"kind": "patients"},
        {"kind": "bootstrap"},
        {"kind": "external", "external_column": "set"},
    ],
)
def test_permutations_that_could_not_be_judged_are_refused(design):
    with pytest.raises(ValidationError, match="set permutations to 0"):
        LearningSettings.model_validate({"permutations": 10, "design": design})
