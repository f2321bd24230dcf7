"""What a study may ask of calibration, prediction sets and thresholds."""

import pytest
from pydantic import ValidationError

from radpred.config.study import ConformalSettings, LearningSettings, StudySettings
from radpred.model.calibrators import METHODS
from radpred.model.conformal import METHODS as FOLDS
from radpred.model.conformal import TAXONOMIES

STUDY = {"name": "made", "outcome": {"column": "event", "clinical": ["sex"]}}


def study(**learning):
    """Return a study with these settings of learning."""
    return StudySettings.model_validate({**STUDY, "learning": learning})


def test_the_defaults_are_what_studies_always_did():
    learning = LearningSettings()
    assert learning.calibration == "sigmoid"
    assert (learning.conformal.method, learning.conformal.by) == ("cross", "class")
    assert learning.guarantee == ()


@pytest.mark.parametrize("method", METHODS)
def test_every_calibration_can_be_asked_for(method):
    assert LearningSettings(calibration=method, models=("elastic_net",)).calibration == method


@pytest.mark.parametrize("method", FOLDS)
@pytest.mark.parametrize("by", TAXONOMIES)
def test_every_way_of_conformal_prediction_can_be_asked_for(method, by):
    assert ConformalSettings(method=method, by=by).by_group == (by in ("site", "group_class"))


def test_a_distance_without_calibration_is_refused():
    with pytest.raises(ValidationError, match="leave svm out of models"):
        LearningSettings(calibration="none")


def test_a_group_that_nothing_looks_at_is_refused():
    with pytest.raises(ValidationError, match="looks at no group"):
        ConformalSettings(group="sex")


def test_a_group_is_a_clinical_column():
    assert study(conformal={"by": "site", "group": "sex"}).learning.conformal.group == "sex"
    with pytest.raises(ValidationError, match="clinical holds"):
        study(conformal={"by": "site", "group": "age"})


def test_a_guarantee_of_certainty_is_refused():
    with pytest.raises(ValidationError, match="less than 1"):
        LearningSettings.model_validate({"guarantee": [{"at_least": 1.0}]})
