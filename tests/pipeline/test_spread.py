"""How far risks move over variants: closed forms on a few invented predictions."""

import numpy as np
import pandas as pd
import pytest

from radpred.pipeline.variants.spread import of_selected, spread_of, spread_record


@pytest.fixture
def predictions():
    """Return two cases in two repeats, as they were given."""
    return pd.DataFrame(
        {
            "model": "selected",
            "repeat": [0, 1, 0, 1],
            "fold": [0, 1, 0, 1],
            "case_id": ["a", "a", "b", "b"],
            "y": [0, 0, 1, 1],
            "probability": [0.2, 0.4, 0.7, 0.9],
            "p_0": [0.5, 0.5, 0.05, 0.05],
            "p_1": [0.05, 0.05, 0.5, 0.5],
        }
    )


@pytest.fixture
def of_variants(predictions):
    """Return three variants of each: they move a's risk by -0.1, 0 and 0.3, and b's not at all."""
    parts = []
    for variant, shift in ((1, -0.1), (2, 0.0), (3, 0.3)):
        moved = predictions.drop(columns="y").assign(kind="perturbation", variant=variant)
        moved["probability"] += np.where(moved["case_id"] == "a", shift, 0.0)
        parts.append(moved)
    rows = pd.concat(parts, ignore_index=True)
    flips = (rows["case_id"] == "a") & (rows["variant"] == 3) & (rows["repeat"] == 0)
    rows.loc[flips, "p_1"] = 0.5
    return rows


@pytest.fixture
def table(of_variants, predictions):
    """Return the spread of both cases."""
    found = spread_of(of_variants, predictions, level=0.9, threshold=0.5)
    return found.set_index("case_id")


def test_the_risk_is_that_of_the_given_mask_over_the_repeats(table):
    assert table["risk"].tolist() == pytest.approx([0.3, 0.8])


def test_the_spread_lies_between_the_shares_of_the_variants(table):
    risks = [0.2, 0.3, 0.6]
    assert table.loc["a", "low"] == pytest.approx(np.quantile(risks, 0.05))
    assert table.loc["a", "high"] == pytest.approx(np.quantile(risks, 0.95))
    assert (table.loc["a", "lowest"], table.loc["a", "highest"]) == pytest.approx((0.2, 0.6))
    assert table.loc["a", "sd"] == pytest.approx(np.std(risks, ddof=1))
    assert table.loc["b", ["low", "high"]].tolist() == pytest.approx([0.8, 0.8])


def test_one_of_six_sets_differs_from_that_of_its_repeat(table):
    assert table["set_flips"].tolist() == pytest.approx([1 / 6, 0])


def test_one_of_three_risks_crosses_the_threshold(table):
    assert table["threshold_flips"].tolist() == pytest.approx([1 / 3, 0])


def test_without_level_and_threshold_nothing_is_counted(of_variants, predictions):
    found = spread_of(of_variants, predictions, level=None, threshold=None)
    assert found[["set_flips", "threshold_flips"]].isna().all(axis=None)


def test_one_variant_has_no_standard_deviation(of_variants, predictions):
    one = of_variants[of_variants["variant"] == 1]
    found = spread_of(one, predictions, level=0.9, threshold=0.5)
    assert found["sd"].isna().all()
    assert (found["low"] == found["high"]).all()


def test_the_record_counts_cases_and_judges_each_variant(table, of_variants, predictions):
    at = {"level": 0.9, "threshold": 0.5}
    (record,) = spread_record(table.reset_index(), of_variants, predictions, **at)
    assert (record["n_cases"], record["n_variants"]) == (2, 3)
    assert (record["n_cases_set_flips"], record["n_cases_threshold_flips"]) == (1, 1)
    assert [row["value"] for row in record["auroc"]] == [1, 1, 1]


def test_kinds_are_told_apart(of_variants, predictions):
    other = of_variants[of_variants["variant"] == 3].assign(kind="reader", variant=1)
    both = pd.concat([of_variants, other], ignore_index=True)
    found = spread_of(both, predictions, level=0.9, threshold=0.5)
    assert found.groupby("kind")["n_variants"].first().to_dict() == {
        "perturbation": 3,
        "reader": 1,
    }


def test_the_selected_model_is_another_in_each_fold():
    rows = pd.DataFrame(
        {
            "model": ["svm", "logistic"] * 2,
            "repeat": 0,
            "fold": [0, 0, 1, 1],
            "case_id": ["a", "a", "b", "b"],
            "probability": [0.1, 0.2, 0.3, 0.4],
        }
    )
    index = pd.MultiIndex.from_tuples([(0, 0), (0, 1)], names=["repeat", "fold"])
    found = of_selected(rows, pd.Series(["svm", "logistic"], index=index), "selected")
    assert found["probability"].tolist() == [0.1, 0.4]
    assert set(found["model"]) == {"selected"}
