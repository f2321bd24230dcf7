"""Minimum sizes against published examples, and the sentence of the report."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from radpred.errors import InputError, SettingsError
from radpred.evaluate.sample_size import (
    cox_snell_from_auroc,
    expected_shrinkage,
    largest_cox_snell,
    minimum_size,
    sample_size_sentence,
)


def test_the_example_of_chagas_disease_comes_out():
    # Riley et al. 2019: at least 4.8 events a parameter; pmsampsize: 623, 662 and 221 patients.
    found = minimum_size(24, 0.174, r_squared=0.288)
    assert (found.n_shrinkage, found.n_optimism, found.n_risk) == (623, 662, 221)
    assert (found.n, found.n_events) == (662, 116)
    assert found.events_per_parameter == pytest.approx(4.8, abs=0.005)


def test_the_same_example_from_its_area_comes_out_as_near_as_a_simulation_is():
    # pmsampsize simulates the R2 of an area of 0.89, and prints 615, 660 and 221 patients.
    found = minimum_size(24, 0.174, r_squared=cox_snell_from_auroc(0.89, 0.174))
    assert found.n_shrinkage == pytest.approx(615, rel=0.01)
    assert found.n_optimism == pytest.approx(660, rel=0.01)
    assert found.n_risk == 221


def test_another_output_of_pmsampsize_comes_out():
    # R2 0.1845, given to four digits, 30 parameters, prevalence 0.47: 1308, 709, 383; EPP 20.49.
    found = minimum_size(30, 0.47, r_squared=0.1845)
    assert found.n_shrinkage == pytest.approx(1308, abs=1)
    assert found.n_optimism == pytest.approx(709, abs=1)
    assert found.n_risk == 383
    assert found.events_per_parameter == pytest.approx(20.49, abs=0.02)


def test_a_rare_event_needs_thousands_of_patients():
    # 30 / (0.1 x -ln(1 - 0.05 / 0.9)) = 5248.6
    found = minimum_size(30, 0.05, r_squared=0.05)
    assert found.n_shrinkage == found.n == 5249
    assert found.events_per_parameter == pytest.approx(8.75, abs=0.005)


@pytest.mark.parametrize(("prevalence", "expected"), [(0.5, 0.75), (0.1, 0.48), (0.05, 0.33)])
def test_the_largest_r_squared_falls_with_rarity(prevalence, expected):
    assert largest_cox_snell(prevalence) == pytest.approx(expected, abs=0.005)


def test_without_knowledge_15_per_cent_of_the_largest_r_squared_is_expected():
    assert minimum_size(10, 0.2).r_squared == pytest.approx(0.15 * largest_cox_snell(0.2))


def test_an_area_of_a_half_explains_nothing():
    assert cox_snell_from_auroc(0.5, 0.3) == pytest.approx(0, abs=1e-12)


def test_r_squared_of_an_area_is_that_of_a_simulated_cohort():
    rng = np.random.default_rng(1)
    y = (rng.random(200_000) < 0.2).astype(int)
    x = rng.normal(size=y.size) + y * np.sqrt(2) * 1.0364334  # Phi^-1(0.85)
    p = LogisticRegression(C=np.inf).fit(x[:, None], y).predict_proba(x[:, None])[:, 1]
    full = np.mean(np.log(np.where(y == 1, p, 1 - p)))
    null = np.mean(np.log(np.where(y == 1, y.mean(), 1 - y.mean())))
    expected = 1 - np.exp(2 * (null - full))
    assert cox_snell_from_auroc(0.85, 0.2) == pytest.approx(expected, abs=0.004)


def test_patients_for_an_area_are_those_of_another_package():
    # samplesizedev (Pavlou et al. 2024) prints 309 for its formula; pmsampsize, by simulation, 305.
    found = minimum_size(10, 0.2, r_squared=cox_snell_from_auroc(0.85, 0.2))
    assert 303 <= found.n_shrinkage <= 311


@pytest.mark.parametrize("wanted", [0.3, 0.8, 0.9, 0.99])
def test_expected_shrinkage_undoes_the_minimum_size(wanted):
    n = minimum_size(20, 0.3, r_squared=0.2, shrinkage=wanted).n_shrinkage
    assert expected_shrinkage(n, 20, 0.2) == pytest.approx(wanted, abs=0.01)


def test_shrinkage_stays_between_r_squared_and_one_for_any_size():
    found = [expected_shrinkage(n, 1000, 0.1) for n in (10, 100, 10_000, 10_000_000)]
    assert found == sorted(found)
    assert 0.1 <= found[0] < found[-1] <= 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"prevalence": 1.0}, "prevalence"),
        ({"n_parameters": 0}, "at least one"),
        ({"r_squared": 0.9}, "lies inside"),
        ({"r_squared": 0.0}, "lies inside"),
        ({"shrinkage": 0.1}, "shrinkage"),
    ],
)
def test_what_the_formulas_cannot_take_is_refused(changed, says):
    given = {"n_parameters": 10, "prevalence": 0.3, "r_squared": 0.2} | changed
    with pytest.raises(SettingsError, match=says):
        minimum_size(given.pop("n_parameters"), given.pop("prevalence"), **given)


def test_the_sentence_says_events_for_each_candidate_and_the_patients_that_would_do():
    said = sample_size_sentence(200, 60, 1200)
    assert "60 events for 1,200 candidate parameters: 0.05 events each" in said
    assert f"{minimum_size(1200, 0.3).n_shrinkage:,} patients" in said
    assert "too few" in said


def test_the_sentence_knows_when_patients_are_enough():
    assert "enough" in sample_size_sentence(6000, 300, 30, r_squared=0.05)


def test_a_cohort_without_events_has_no_sentence():
    with pytest.raises(InputError, match="both kinds"):
        sample_size_sentence(50, 0, 10)
