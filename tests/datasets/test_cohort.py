from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import ndimage
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from radpred.datasets import cohort_cases, plan_cohort
from radpred.errors import SettingsError

FEW = settings(deadline=None, max_examples=15)


def events(plan):
    return np.array([patient.event for patient in plan.patients])


def cells(plan, name):
    return [patient.clinical[name] for patient in plan.patients]


@pytest.fixture(scope="module")
def large():
    return plan_cohort(n_patients=4000, seed=3)


@pytest.fixture(scope="module")
def seen():
    """Return what simple statistics see of the first lesion of 400 patients."""
    rows = []
    for case in cohort_cases(plan_cohort(n_patients=400, seed=1)):
        if case.number > 1:
            continue
        background = np.median(case.image.voxels[case.organ.voxels])
        spread = [int(np.ceil(5.0 / step)) for step in case.mask.grid.spacing]
        bounds = ndimage.find_objects(case.mask.voxels.astype(int))[0]
        near = tuple(
            slice(max(b.start - n, 0), b.stop + n) for b, n in zip(bounds, spread, strict=True)
        )
        image, mask = case.image.voxels[near].astype(float), case.mask.voxels[near]
        away = ndimage.distance_transform_edt(~mask, sampling=case.mask.grid.spacing)
        ring = image[(away > 0) & (away <= 4) & case.organ.voxels[near]].mean()
        rows.append(
            {
                "event": case.patient.event,
                "texture": image[mask].std(),
                "ring": ring,
                "ring_contrast": ring - background,
                "volume": case.mask.volume_mm3,
            }
        )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@FEW
@given(strength=st.floats(0, 5), seed=st.integers(0, 2**31))
def test_strength_changes_nothing_but_risk_and_event(strength, seed):
    plain = plan_cohort(n_patients=3, strength=0.0, seed=seed).patients
    strong = plan_cohort(n_patients=3, strength=strength, seed=seed).patients
    for before, after in zip(plain, strong, strict=True):
        assert before == replace(after, risk=before.risk, event=before.event)


@FEW
@given(n_patients=st.integers(2, 12), seed=st.integers(0, 2**31))
def test_smaller_cohort_is_the_beginning_of_a_larger_one(n_patients, seed):
    small = plan_cohort(n_patients=n_patients, seed=seed)
    larger = plan_cohort(n_patients=15, seed=seed)
    assert small.patients == larger.patients[:n_patients]


def test_other_seed_gives_other_patients():
    first, second = (plan_cohort(n_patients=5, seed=seed) for seed in (0, 1))
    hidden = {p.hidden["texture"] for plan in (first, second) for p in plan.patients}
    assert len(hidden) == 10


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 3.0])
def test_forty_percent_have_the_event_at_every_strength(strength):
    plan = plan_cohort(n_patients=3000, strength=strength, seed=2)
    assert events(plan).mean() == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / 3000))


def test_risk_is_the_stated_function_of_the_hidden_values(large):
    truth = large.truth
    weights = {effect.name: effect.coefficient for effect in truth.effects}
    for patient in large.patients[:50]:
        log_odds = truth.intercept + sum(w * patient.hidden[n] for n, w in weights.items())
        assert truth.risk[patient.patient_id] == pytest.approx(expit(log_odds))


def test_events_come_as_often_as_the_risks_say(large):
    risk = np.array(list(large.truth.risk.values()))
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        part = (risk >= low) & (risk < high)
        error = np.sqrt((risk[part] * (1 - risk[part])).sum()) / part.sum()
        assert events(large)[part].mean() == pytest.approx(risk[part].mean(), abs=4 * error)


def test_expected_auroc_is_that_of_an_endless_cohort(large):
    truth = large.truth
    assert truth.oracle_auroc == pytest.approx(truth.expected_auroc, abs=0.015)


def test_oracle_auroc_agrees_with_scikit_learn(large):
    risk = list(large.truth.risk.values())
    assert large.truth.oracle_auroc == pytest.approx(roc_auc_score(events(large), risk))


def test_default_strength_has_an_oracle_between_0_90_and_0_93(large):
    assert 0.90 <= large.truth.expected_auroc <= 0.93


def test_without_strength_the_best_model_scores_chance():
    truth = plan_cohort(n_patients=50, strength=0.0).truth
    assert truth.expected_auroc == 0.5
    assert truth.oracle_auroc == 0.5


def test_size_site_and_distractors_know_nothing_of_the_event(large):
    radius = [patient.lesions[0].radius_mm for patient in large.patients]
    south = [patient.scanner.site == "south" for patient in large.patients]
    number = [len(patient.lesions) for patient in large.patients]
    smoker = [cell == "current" for cell in cells(large, "smoking")]
    for distractor in (radius, south, number, smoker):
        assert roc_auc_score(events(large), distractor) == pytest.approx(0.5, abs=0.035)


def test_one_patient_in_ten_has_two_lesions(large):
    n_lesions = np.array([len(patient.lesions) for patient in large.patients])
    assert set(n_lesions) == {1, 2}
    assert (n_lesions == 2).mean() == pytest.approx(0.1, abs=0.02)


def test_clinical_values_are_missing_by_chance(large):
    for name in ("age", "sex", "marker", "smoking"):
        is_missing = np.array([cell == "" for cell in cells(large, name)])
        assert is_missing.mean() == pytest.approx(0.08, abs=0.02)
        assert roc_auc_score(events(large), is_missing) == pytest.approx(0.5, abs=0.025)


def test_marker_shows_in_its_clinical_column(large):
    known = [p for p in large.patients if p.clinical["marker"]]
    score = [float(p.clinical["marker"]) for p in known]
    assert roc_auc_score([p.event for p in known], score) > 0.62


def test_texture_effect_shows_in_the_tumour(seen):
    assert roc_auc_score(seen["event"], seen["texture"]) > 0.65


@pytest.mark.parametrize("statistic", ["ring", "ring_contrast"])
def test_halo_effect_shows_in_the_ring(seen, statistic):
    assert roc_auc_score(seen["event"], seen[statistic]) > 0.65


def test_volume_alone_scores_chance(seen):
    assert roc_auc_score(seen["event"], seen["volume"]) == pytest.approx(0.5, abs=0.09)


def test_lesions_of_a_patient_share_image_and_organ():
    plan = plan_cohort(n_patients=40, seed=0)
    twice = [p for p in plan.patients if len(p.lesions) == 2][:1]
    first, second = cohort_cases(replace(plan, patients=tuple(twice)))
    assert first.image is second.image
    assert first.organ is second.organ
    assert (first.case_id, second.case_id) == tuple(
        f"{twice[0].patient_id}_L{number}" for number in (1, 2)
    )
    assert not (first.mask.voxels & second.mask.voxels).any()


def test_box_holds_the_lesion_with_its_margin():
    for case in cohort_cases(plan_cohort(n_patients=6, seed=0)):
        points = case.mask.grid.to_world(np.argwhere(case.mask.voxels))
        low, high = np.array(case.box[:3]), np.array(case.box[3:])
        step = np.array(case.mask.grid.spacing[::-1])
        assert_allclose(points.min(axis=0) - low, 3.0 + step / 2, atol=0.06)
        assert_allclose(high - points.max(axis=0), 3.0 + step / 2, atol=0.06)


def test_same_seed_gives_the_same_voxels():
    plan = plan_cohort(n_patients=3, seed=4)
    for first, second in zip(cohort_cases(plan), cohort_cases(plan), strict=True):
        assert first.image.voxels.tobytes() == second.image.voxels.tobytes()
        assert first.mask.voxels.tobytes() == second.mask.voxels.tobytes()


@pytest.mark.parametrize("wrong", [{"n_patients": 1}, {"strength": -1.0}, {"strength": np.nan}])
def test_cohort_that_cannot_be_made_is_refused(wrong):
    with pytest.raises(SettingsError, match="cannot be made"):
        plan_cohort(**wrong)
