"""The page on tables is written from kept results, and judges them as the criteria say."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest

from tables_bench import criteria, document, external
from tables_bench.cost import CELLS, made_table
from tables_bench.judged import judged
from tables_bench.memory import tree_mb
from tables_bench.plan import Task, tasks
from tables_bench.store import kept, measured
from tables_bench.tables import names, table_of

AUROC = {"value": 0.8, "low": 0.7, "high": 0.9}


def found(auroc=0.8, ridge=0.75, slope=1.0, coverage=(0.9, 0.9)):
    """Return what a table could give."""
    rows = [{"class": c, "n": 50, "coverage": value} for c, value in enumerate(coverage)]
    return {
        "auroc": {**AUROC, "value": auroc},
        "ridge": {"value": ridge},
        "slope": {"value": slope, "low": slope - 0.1, "high": slope + 0.1},
        "coverage": rows,
    }


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a folder of two small tables as radMLBench lays them out."""
    folder = tmp_path_factory.mktemp("tables")
    rows = []
    for name, n, p in (("Large", 60, 12), ("Small", 40, 6)):
        X, y = made_table(n, p, seed=p)
        frame = pd.DataFrame(X.to_numpy(), columns=[f"a_original_glcm_F{i}" for i in range(p)])
        frame.assign(ID=range(n), Target=y.to_numpy()).to_parquet(folder / f"{name}.parquet")
        rows.append({"dataset": name, "included": True, "n": n, "p": p})
    rows.append({"dataset": "Left out", "included": False, "n": 9, "p": 9})
    pd.DataFrame(rows).to_csv(folder / "index.csv", index=False)
    return folder


def test_the_cheapest_table_comes_first(data):
    assert names(data) == ["Small", "Large"]


def test_a_prefix_chooses_columns_and_goes(data):
    X = table_of(data, "Small", prefix="a_original_", columns=["glcm_F1", "glcm_F0"]).X
    assert X.columns.tolist() == [
        "radiomics__table_external_glcmF1",
        "radiomics__table_external_glcmF0",
    ]


def test_a_table_gives_every_number_of_the_page(data, monkeypatch):
    quick = external.design_of("quick").model_copy(
        update={
            "models": ("elastic_net",),
            "bootstrap_draws": 100,
            "n_features": (2,),
            "confidence_levels": (0.9,),
        }
    )
    monkeypatch.setattr("tables_bench.judged.design_of", lambda _: quick)
    result = judged(table_of(data, "Small"), preset="quick")
    assert set(result["by_model"]) == {"elastic_net", "logistic"}
    assert [row["class"] for row in result["coverage"]] == [0, 1]
    json.dumps(result)


def test_coverage_is_held_to_two_standard_errors():
    low = 0.9 - 2 * np.sqrt(0.09 / 50)
    assert criteria.is_covered(found(coverage=(low, 1.0)))
    assert not criteria.is_covered(found(coverage=(low - 0.001, 1.0)))


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, [True, True, True, True]),
        ({"coverage": (0.5, 0.9)}, [True, False, True, True]),
        ({"ridge": 0.81}, [True, True, False, True]),
        ({"slope": 0.7}, [True, True, True, False]),
    ],
)
def test_each_criterion_is_judged_by_itself(changed, holds):
    judged_ones = criteria.of_tables({"A": found(**changed), "B": found(**changed)}, failed=())
    assert [one.holds for one in judged_ones] == holds


def test_a_table_that_failed_is_named():
    first = criteria.of_tables({}, failed=["A"])[0]
    assert (first.found, first.holds) == ("failed: A", False)


@pytest.fixture
def task():
    """Return a task whose process fails at once."""
    return Task(part="nothing", name="X", given={"preset": "quick"}, key="k")


def test_a_process_that_fails_is_a_result(task, tmp_path):
    said = measured(task, tmp_path, again=False)
    assert said.startswith("failed: ")
    assert kept(task, tmp_path)["error"]


def test_a_result_of_other_settings_is_not_taken(task, tmp_path):
    (tmp_path / task.file).write_text(json.dumps({"key": "other"}))
    assert kept(task, tmp_path) is None


def test_the_page_says_what_was_not_run(data, tmp_path, monkeypatch):
    monkeypatch.setattr("tables_bench.plan.SITES", {"Small": "a_", "Large": "a_"})
    planned = tasks(data, preset="quick")
    page = document.write(planned, tmp_path, tmp_path).read_text(encoding="utf-8")
    assert "Measured: 0 of 2 tables. Not run: Small, Large." in page
    assert page.count("not run") >= 2 + len(CELLS)
    assert "{" not in page


def test_the_memory_of_this_process_is_seen():
    assert tree_mb(os.getpid()) > 1


def test_made_columns_of_a_group_correlate():
    X, y = made_table(400, 20)
    assert np.corrcoef(X.iloc[:, 0], X.iloc[:, 1])[0, 1] == pytest.approx(0.8, abs=0.05)
    assert 0.3 < y.mean() < 0.7
