"""The methods say what was recorded, and nothing else."""

import re

import pytest

from radpred.pipeline.images.filter_kinds import FILTER_KINDS
from radpred.report.words.methods import methods_text, settings_yaml
from radpred.report.words.names import outcome_words


def test_without_records_only_the_limits_and_the_handling_of_gaps_remain():
    written = methods_text({}, {}, words=outcome_words({}))
    assert [heading for heading, _ in written] == ["Sample size and missing data", "Limits"]
    assert not re.search(r"\d", " ".join(text for _, text in written))


def test_every_number_comes_from_the_study(study):
    words = outcome_words(study.evaluation["study"])
    written = methods_text(study.evaluation, study.settings, words=words)
    told = set(re.findall(r"\d+(?:[.,]\d+)*", " ".join(text for _, text in written)))
    counts, design = study.evaluation["study"], study.evaluation["design"]
    share = round(100 * counts["n_events"] / counts["n_cases"])
    given = [counts["n_cases"], counts["n_patients"], counts["n_events"], share, "1,284", 2, 95]
    given += [design[key] for key in ("outer_folds", "inner_folds", "repeats", "seed")]
    given += [design["bootstrap_draws"], 80, 90, 0.9, 1, 3, 4, 8, 25]
    given += [f"{counts['events_per_candidate']:.2g}"]
    assert told <= {str(number) for number in given}


def test_rings_to_several_distances_are_named_with_their_unit(study):
    written = dict(methods_text(study.evaluation, study.settings, words=outcome_words({})))
    assert "rings to 4 and 8 mm" in written["Images and regions"]


@pytest.mark.parametrize("kind", FILTER_KINDS)
def test_every_kind_of_filter_has_words(study, kind):
    settings = {**study.settings, "extraction": {"filters": [{"kind": kind}]}}
    written = methods_text(study.evaluation, settings, words=outcome_words({}))
    (said,) = re.findall("They were computed on (.*?)\\.", " ".join(text for _, text in written))
    assert said.startswith(("the ", "Laplacian", "local "))
    assert "_" not in said


def test_the_methods_say_whose_values_features_have(study):
    settings = {**study.settings, "extraction": {"convention": "ibsi"}}
    written = dict(methods_text(study.evaluation, settings, words=outcome_words({})))
    assert "Values follow IBSI" in written["Predictors"]


def test_the_methods_say_that_masks_were_redrawn(study):
    settings = {**study.settings, "segmentation": {"method": "given", "redrawn_dice": 0.8}}
    written = dict(methods_text(study.evaluation, settings, words=outcome_words({})))
    assert "a Dice coefficient of 0.8 with the given one" in written["Images and regions"]


def test_all_settings_are_printed_as_yaml(study):
    text = settings_yaml(study.settings)
    assert "correlation_limit: 0.9" in text
    assert "- 4.0" in text


def test_methods_tell_of_harmonisation_choice_tuning_and_ensembles(study):
    learning = {
        "harmonise": {"method": "combat", "covariates": ["age"], "new_site": "pooled"},
        "selection": "mrmr",
        "tuning": {"method": "random", "budget": 30},
        "models": ["lda", "svm_rbf", "average"],
    }
    settings = {**study.settings, "learning": learning}
    written = dict(methods_text(study.evaluation, settings, words=outcome_words({})))
    said = written["Model development"]
    for words in (
        "harmonised over sites by ComBat (keeping the effect of age)",
        "that repeat each other least (mRMR)",
        "by a random search of 30 points",
        "Ensembles add up to 3 of the models",
        "of a site that was not learnt stay as they are",
    ):
        assert words in said
