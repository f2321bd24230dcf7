"""What moves a mask, and over what stability is judged: words that cannot be meant are refused."""

import pytest
from pydantic import ValidationError

from radpred.config import StudySettings
from radpred.config.study import PerturbationSettings

LEAST = {"name": "s", "outcome": {"column": "event"}}


def study(**sections):
    """Return the settings of a study with these sections."""
    return StudySettings.model_validate({**LEAST, **sections})


def test_a_study_without_the_sections_has_no_variants():
    assert not study().has_variants
    assert study().repeats_over == ""


def test_a_perturbation_that_moves_nothing_is_refused_with_what_could_move():
    with pytest.raises(ValidationError, match=r"nothing moves.*set one of translation_mm"):
        PerturbationSettings()


@pytest.mark.parametrize("move", ["translation_mm", "rotation_degrees", "growth_mm", "contour"])
def test_a_wanted_dice_stands_alone(move):
    with pytest.raises(ValidationError, match=f"take it out, or {move}"):
        PerturbationSettings.model_validate({"wanted_dice": 0.9, move: 1})


def test_noise_may_stand_beside_a_wanted_dice():
    assert PerturbationSettings(wanted_dice=0.9, noise=1).noise == 1


def test_stability_over_perturbations_needs_a_perturbation():
    with pytest.raises(ValidationError, match="needs a section perturbation; add one"):
        study(stability={})


def test_stability_over_readers_needs_a_consensus_to_train_on():
    with pytest.raises(ValidationError, match="set it to majority or staple"):
        study(stability={"over": "readers"})
    found = study(stability={"over": "readers"}, readers={"consensus": "majority"})
    assert found.repeats_over == "readers"


def test_stability_over_second_scans_needs_no_other_section():
    assert study(stability={"over": "retest"}).has_variants


def test_a_perturbation_alone_has_variants_and_judges_no_stability():
    found = study(perturbation={"growth_mm": 1})
    assert (found.has_variants, found.repeats_over) == (True, "")
