"""The study of segmentation variability: its files, its importance and its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from segmentation_variability.figures import areas_by_dice, importance_by_stability, written
from segmentation_variability.importance import (
    alike,
    fold_models,
    importance,
    rank_correlation,
    stability,
)
from segmentation_variability.page import DICE, between

from radpred.config import StudySettings
from radpred.config.sweep import read_sweep
from radpred.model.rows import cohort_of
from radpred.pipeline.learning.train import judge
from radpred.stages.train import learnable
from radpred.stages.work.files import as_json
from radpred.table import write_table

FILES = Path(__file__).resolve().parents[2] / "docs" / "studies" / "segmentation-variability"
COLUMNS = [f"{region}__original_firstorder_{name}" for region in ("tumour", "ring_0_5mm")
           for name in ("Mean", "Median", "Energy", "Range")]  # fmt: skip


@pytest.mark.parametrize("cohort", ["sarcomas", "made"])
def test_masks_of_every_dice_stand_with_and_without_a_ring(cohort):
    variants = read_sweep(FILES / f"{cohort}_masks.yaml").variants
    found = {(v.study.segmentation.redrawn_dice, len(v.study.learning.regions)) for v in variants}
    assert found == {(dice, n) for dice in (None, *DICE) for n in (1, 2)}


@pytest.fixture
def runs(tmp_path, rng):
    """Return the folders of two made runs: as given, and with a column that does not repeat."""
    n = 60
    y = rng.permutation(np.repeat([0, 1], n // 2))
    given = pd.DataFrame(rng.normal(size=(n, len(COLUMNS))), columns=COLUMNS)
    given[COLUMNS[0]] += 2.0 * y
    redrawn = given.assign(**{COLUMNS[-1]: rng.normal(size=n)})
    return [_run(tmp_path / name, f, y) for name, f in (("given", given), ("0.8", redrawn))]


def _run(folder, features, y):
    """Write what a run keeps of its features, its cohort and its settings."""
    folder.mkdir()
    learning = {"models": ["logistic"], "selection": "shap", "preset": "quick"}
    learning |= {"n_features": [2], "inner_folds": 2}
    given = {"name": "s", "outcome": {"column": "event"}, "learning": learning}
    study = StudySettings.model_validate(given)
    (folder / "study.json").write_bytes(as_json(study.model_dump(mode="json")))
    cases = [f"C{place:02d}" for place in range(len(y))]
    features = features.assign(case_id=cases)
    write_table(features, folder / "features.parquet", metadata={})
    people = {"case_id": cases, "patient_id": cases, "y": y, "site": ""}
    write_table(pd.DataFrame(people), folder / "cohort.parquet", metadata={})
    return folder


def test_the_models_of_the_folds_are_those_that_the_run_judged(runs):
    data = learnable(runs[0] / "features.parquet", runs[0] / "cohort.parquet")
    design = StudySettings.model_validate_json((runs[0] / "study.json").read_text()).learning
    said = judge(["logistic"], cohort_of(data.X, data.y, data.groups), design=design).predictions
    said = said.set_index("case_id")["probability"]
    for fitted, held_out in fold_models(runs[0]):
        np.testing.assert_array_equal(fitted.probability(held_out), said[held_out.index])


def test_the_column_that_tells_the_outcome_moves_the_models_most(runs):
    table = importance(runs)
    assert table["mean_abs"].idxmax() == COLUMNS[0]
    assert table.loc[COLUMNS[0], "n_kept"] == table["n_models"].iloc[0] == 10
    assert (table.loc[table["n_kept"] == 0, "mean_abs"] == 0).all()


def test_only_the_column_that_changes_with_the_mask_is_unreliable(runs):
    table = stability(runs[0], {0.8: runs[1]}).set_index("column")["estimate"]
    assert table.drop(COLUMNS[-1]).to_numpy() == pytest.approx(1)
    assert table[COLUMNS[-1]] < 0.5


def test_columns_of_the_same_ranks_are_one_group(rng):
    x = rng.normal(size=100)
    groups = alike(pd.DataFrame({"a": x, "b": np.exp(x), "c": -x, "d": rng.normal(size=100)}))
    assert groups["a"] == groups["b"] == groups["c"] != groups["d"]


def test_a_rank_correlation_lies_in_its_interval_and_gaps_are_left_out(rng):
    x = pd.Series(rng.normal(size=50))
    y = (x + rng.normal(size=50)).where(x.index > 2)
    value, low, high = rank_correlation(x, y, pd.Series(range(50)), rng=rng)
    assert value == pytest.approx(x.corr(y, method="spearman"))
    assert low < value < high


def test_columns_that_are_copies_widen_the_interval(rng):
    x, y = rng.normal(size=(2, 20))
    copies = [pd.Series(np.repeat(v, 5)) for v in (x, y)]
    alone = rank_correlation(*copies, pd.Series(range(100)), rng=rng)
    together = rank_correlation(*copies, pd.Series(np.repeat(range(20), 5)), rng=rng)
    assert together[2] - together[1] > 1.5 * (alone[2] - alone[1])


def test_the_pictures_are_the_same_each_time(tmp_path):
    area = {"value": 0.7, "low": 0.6, "high": 0.8}
    rows = [{"at": dice, "auroc": area} for dice in (1, *DICE)]
    points = {"estimate": [0.2, 0.9], "mean_abs": [0.1, 0.0], "region": ["tumour", "ring"]}
    for draw in (
        lambda: areas_by_dice({"A": {"tumour": rows, "tumour and ring": rows}}),
        lambda: importance_by_stability({"A": pd.DataFrame(points)}, label="ICC"),
    ):
        one, two = (written(draw(), tmp_path / f"{n}.svg").read_bytes() for n in (1, 2))
        assert one == two


@pytest.mark.parametrize("old", ["", "old\n"])
def test_a_table_takes_its_place_between_its_marks(old):
    text = f"before\n<!-- a -->\n{old}<!-- /a -->\nafter"
    assert between(text, "a", "new") == "before\n<!-- a -->\nnew\n<!-- /a -->\nafter"
