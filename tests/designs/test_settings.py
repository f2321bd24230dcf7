"""A design says what it needs, and what it cannot use."""

import pandas as pd
import pytest
from pydantic import ValidationError

from radpred.cohort import Case
from radpred.cohort.outcomes.beside import column_beside
from radpred.config.study import DesignSettings, LearningSettings, OperatingSettings
from radpred.errors import InputError
from radpred.stages.inputs.forecast import FIRST_STEPS, Size, cost_of

SIZE = Size(n_cases=40, n_patients=40, n_events=15, n_sites=2, n_columns=30)
QUICK = LearningSettings(models=("logistic",), n_features=(4,))


def case(case_id, patient_id):
    return Case(
        case_id=case_id, patient_id=patient_id, images={}, masks={}, mask_label="", box=None,
        organ_mask=None, site="",
    )  # fmt: skip


def test_without_a_design_there_are_folds_as_many_as_the_preset_says():
    assert LearningSettings().design.kind == "folds"
    assert [LearningSettings(preset=p).n_repeats for p in ("quick", "standard", "paper")] == [
        1, 5, 20,
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["sites", "patients"])
def test_a_design_without_a_choice_has_one_repeat(kind):
    assert LearningSettings(design={"kind": kind}, preset="paper").n_repeats == 1


def test_bootstrap_draws_come_twenty_to_a_job():
    assert LearningSettings(design={"kind": "bootstrap", "draws": 41}).n_repeats == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "date"}, "needs date_column"),
        ({"kind": "external"}, "needs external_column"),
        ({"kind": "sites", "draws": 50}, "takes no draws"),
        ({"kind": "folds", "date_column": "scanned"}, "takes no date_column"),
    ],
)
def test_a_design_that_lacks_or_cannot_use_a_setting_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        DesignSettings(**given)


def test_needs_are_those_that_are_asked_for():
    assert OperatingSettings(npv=0.95).needs == {"npv": 0.95}


def test_a_column_is_read_by_patient():
    frame = pd.DataFrame({"patient_id": ["p", "p", "q"], "set": ["1", "", "0"]})
    found = column_beside([case("a", "p"), case("b", "q")], frame, column="set")
    assert found.to_dict() == {"a": "1", "b": "0"}


@pytest.mark.parametrize("second", ["", "2"])
def test_a_patient_without_a_single_value_is_refused(second):
    cells = ["1", second] if second else ["", ""]
    frame = pd.DataFrame({"patient_id": ["p", "p"], "set": cells})
    with pytest.raises(InputError, match="1 cases have no single value"):
        column_beside([case("a", "p")], frame, column="set")


def test_a_paper_costs_twenty_times_the_parts_of_a_quick_look():
    costs = cost_of(QUICK, SIZE, presets=["quick", "paper"])
    # Each part: 5 inner folds at 4 grid points and a whole fit, and 6 times the first steps and
    # the choice of columns.
    per_part = 5 * 4 + 1 + 6 + 6
    assert costs["quick"].n_fits == (5 + 1) * per_part
    assert costs["paper"].n_fits == (100 + 1) * per_part


def test_a_budget_and_the_members_of_an_ensemble_are_reckoned_with():
    asked = {"tuning": {"method": "random", "budget": 3}, "models": ["tree", "lda", "average"]}
    learning = LearningSettings.model_validate(
        {**asked, "preset": "quick", "ensemble": {"members": ["lda", "logistic"]}}
    )
    # Tree, lda and logistic: 5 inner folds at 3 points and a whole fit; an average fits nothing.
    per_part = 3 * (5 * 3 + 1) + 6 + 6
    assert cost_of(learning, SIZE)["quick"].n_fits == (5 + 1) * per_part


def test_the_sentence_tells_events_for_each_candidate():
    assert SIZE.sentence.startswith("15 events for 30 candidate parameters: 0.5 events each.")


def test_first_steps_are_no_model():
    assert FIRST_STEPS not in LearningSettings().models
