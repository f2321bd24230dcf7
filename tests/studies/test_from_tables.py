"""The studies from tables alone: their files, their cohorts, what is judged, and their pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from certainty.cohort import made
from certainty.judged import Answers, coverage, gains, gains_of_sets
from studies.of_tables import write_cohort
from studies.pages import cell, markdown, put
from tuning.page import by_fold
from wdbc.page import nested
from wdbc.protocols import SIMPLE, SPLIT

from radpred.config import read_study
from radpred.config.sweep import read_sweep
from radpred.evaluate import Interval, auroc
from radpred.model.recipes import grid

DOCS = Path(__file__).resolve().parents[2] / "docs" / "studies"


@pytest.mark.parametrize("name", ["wdbc", "tuning", "certainty"])
def test_a_study_file_can_be_read_and_its_page_names_it(name):
    assert read_study(DOCS / name / f"{name}.yaml").tables
    assert f"python -m studies.{name}" in (DOCS / f"{name}.md").read_text()


def test_searches_of_a_model_have_the_budget_of_its_grid():
    for variant in read_sweep(DOCS / "tuning" / "searches.yaml").variants:
        learning = variant.study.learning
        points = grid(learning.models[0], n_features=learning.n_features)
        assert learning.tuning.budget in (None, len(points))


def test_each_model_of_the_certainty_study_is_alone():
    sweep = read_sweep(DOCS / "certainty" / "models.yaml")
    assert [len(variant.study.learning.models) for variant in sweep.variants] == [1] * 4


def test_a_cohort_is_written_as_its_study_reads_it(tmp_path):
    X, y, _ = made(seed=0)
    write_cohort(tmp_path, X, y, event="event")
    table, outcome = (pd.read_csv(tmp_path / f"{n}.csv") for n in ("features", "outcome"))
    assert table.set_index("case_id").to_numpy() == pytest.approx(X.to_numpy())
    assert outcome["event"].to_list() == y.tolist()


def test_outcomes_of_the_made_cohort_follow_the_true_risks():
    drawn = [made(seed=seed) for seed in range(20)]
    events, risks = (np.concatenate([one[i] for one in drawn]) for i in (1, 2))
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1)):
        own = (risks >= low) & (risks < high)
        assert events[own].mean() == pytest.approx(risks[own].mean(), abs=0.03)


def test_published_accuracies_are_those_of_the_papers():
    assert [value for value, _ in SIMPLE.values()] == [97.28, 96.44, 93.73]
    assert [value for value, _ in SPLIT.values()] == [99.04, 97.66, 96.09, 96.09, 94.74, 93.57]


@pytest.fixture
def said(rng):
    """Return out-of-fold answers of one model in two repeats of five folds."""
    rows = []
    y = np.arange(60) % 2
    for repeat in range(2):
        risk = np.clip(0.5 + 0.2 * (y - 0.5) + 0.2 * rng.normal(size=60), 0.01, 0.99)
        rows.append(
            pd.DataFrame(
                {
                    "case_id": [f"p{i:02d}" for i in range(60)],
                    "patient_id": [f"p{i:02d}" for i in range(60)],
                    "model": "selected",
                    "repeat": repeat,
                    "fold": rng.permutation(np.arange(60) % 5),
                    "y": y,
                    "probability": risk,
                }
            )
        )
    return pd.concat(rows, ignore_index=True).assign(inner_score=lambda t: 0.6 + t["fold"] / 100)


def test_accuracy_is_the_mean_over_folds(said):
    hits = (said["probability"] >= 0.5) == said["y"]
    expected = hits.groupby([said["repeat"], said["fold"]]).mean().mean()
    assert nested(said)["selected"].value == pytest.approx(expected)


def test_the_score_that_chose_stands_beside_the_area_of_its_own_fold(said):
    areas, chose, sizes = by_fold(said)
    one = said[(said["repeat"] == 1) & (said["fold"] == 3)]
    alone = auroc(one["y"].to_numpy(), one["probability"].to_numpy(), np.ones(len(one)))
    assert areas[1, 3] == pytest.approx(float(alone))
    assert chose[1, 3] == pytest.approx(0.63)
    assert sizes == {"n_train": 48, "n_test": 12}


@pytest.fixture
def answers(said):
    """Return the same answers as the certainty study holds them."""
    risks = said.pivot_table(index="repeat", columns="case_id", values="probability").to_numpy()
    return Answers(
        y=np.arange(60) % 2,
        patients=np.array([f"p{i:02d}" for i in range(60)]),
        risks={"sigmoid": risks},
        ends=np.stack([risks - 0.1, risks + 0.1], axis=-1),
        p_values=np.stack([1 - risks, risks], axis=-1),
    )


def test_the_sure_are_those_whose_risk_is_far_from_even(answers, rng):
    first = next(gains(answers, "sigmoid", rng=rng))
    risks, y = answers.risks["sigmoid"], answers.y
    kept = (risks >= 0.6) | (risks <= 0.4)
    right = [np.mean((p >= 0.5)[own] == y[own]) for p, own in zip(risks, kept, strict=True)]
    assert (first.at, first.answered) == (0.6, pytest.approx(kept.mean()))
    assert first.right == pytest.approx(np.mean(right))
    assert first.gain.value == pytest.approx(np.mean(right) - np.mean((risks >= 0.5) == y))


def test_sets_of_one_outcome_are_answered_and_count_as_covered_where_they_hold_it(answers, rng):
    first = next(gains_of_sets(answers, rng=rng))
    sets = answers.p_values > 0.2
    assert first.answered == pytest.approx(np.mean(sets.sum(axis=-1) == 1))
    assert coverage(answers, level=0.8)[1] == pytest.approx(sets[:, answers.y == 1, 1].mean())


def test_a_table_takes_its_place_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- t -->\nold\n<!-- /t -->\nb\n")
    put(page, {"t": markdown(("", "x"), [["y", cell(Interval(0.5, 0.4, 0.6), scale=100)]])})
    assert page.read_text() == (
        "a\n<!-- t -->\n|  | x |\n|---|---|\n| y | 50.00 (40.00 to 60.00) |\n<!-- /t -->\nb\n"
    )
