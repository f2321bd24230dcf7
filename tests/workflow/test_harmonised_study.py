"""A study of three sites that sets every part of the chain, from its tables to a new patient."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from in_process import carried_out

from radpred.errors import InputError
from radpred.stages.commands.predict import predict

N = 60
LEARNING = {
    "repeats": 1,
    "outer_folds": 3,
    "inner_folds": 3,
    "models": ["lda", "svm_rbf", "average"],
    "n_features": [3, 6],
    "selection": "mrmr",
    "tuning": {"method": "random", "budget": 4},
    "harmonise": {"method": "combat", "covariates": ["age"]},
    "bootstrap_draws": 100,
}


def tables(n: int, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return cases at three sites, their outcomes and features that each site shifts."""
    rng = np.random.default_rng(seed)
    place = np.arange(n) % 3
    y = rng.permutation(np.arange(n) % 2)
    age = 60 + 8 * rng.normal(size=n)
    values = rng.normal(size=(n, 10)) + rng.normal(0, 2, (3, 10))[place]
    values[:, 0] += 1.5 * y
    ids = [f"P{i:02d}" for i in range(n)]
    cases = pd.DataFrame({"case_id": ids, "patient_id": ids, "site": np.array(list("ABC"))[place]})
    outcome = pd.DataFrame({"patient_id": ids, "event": y, "age": age.round(1)})
    features = pd.DataFrame(values, columns=[f"original_glcm_F{i}" for i in range(10)])
    features["volume"] = np.exp(values[:, 1])
    features.insert(0, "case_id", ids)
    return cases, outcome, features


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """Return the folder of a study that ran to its report."""
    folder = tmp_path_factory.mktemp("sites")
    for name, table in zip(("cases", "outcome", "features"), tables(N, seed=3), strict=True):
        table.to_csv(folder / f"{name}.csv", index=False)
    settings = {
        "name": "sites",
        "outcome": {"column": "event", "clinical": ["age"]},
        "tables": {"radiomics": "features.csv"},
        "volume_column": "volume",
        "learning": LEARNING,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(settings))
    carried_out(folder / "study.yaml")
    return folder


def answers(study: Path, *, sites: list[str]):
    """Return the answers for new cases at ``sites``."""
    cases, outcome, features = tables(len(sites), seed=4)
    cases = cases.assign(site=sites).merge(outcome.drop(columns="event"))
    cases["case_id"] = [f"N{i}" for i in range(len(sites))]
    features.assign(case_id=cases["case_id"]).to_csv(study / "new_features.csv", index=False)
    cases.to_csv(study / "new.csv", index=False)
    given = {"radiomics": study / "new_features.csv"}
    return predict(study / "results" / "model.radpred", study / "new.csv", tables=given)


def test_every_model_and_baseline_is_judged(study):
    evaluation = json.loads((study / "results" / "evaluation.json").read_text())
    names = {model["name"] for model in evaluation["models"]}
    baselines = {"volume", "clinical", "site", "naive"}
    assert names == {"selected", "lda", "svm_rbf", "average"} | baselines


def test_the_report_names_the_models(study):
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    for words in ("Linear discriminant analysis", "Average of the best", "Naive (prevalence)"):
        assert words in page


def test_the_naive_model_tells_no_patient_from_another(study):
    evaluation = json.loads((study / "results" / "evaluation.json").read_text())
    naive = next(model for model in evaluation["models"] if model["name"] == "naive")
    assert naive["metrics"]["auroc"]["value"] == 0.5


def test_a_new_patient_of_a_known_site_is_answered_and_explained(study):
    found = answers(study, sites=["A", "C"])
    assert found.table["probability"].between(0, 1).all()
    assert not found.table["unharmonised"].any()
    assert found.table["moved_by"].str.len().min() > 0


def test_a_new_patient_of_a_new_site_is_refused_with_a_verdict(study):
    found = answers(study, sites=["A", "Z"])
    assert found.table["case_id"].tolist() == ["N0"]
    assert found.verdicts["code"].tolist() == ["", "new_site"]
    assert found.verdicts["status"].tolist() == ["accepted", "rejected"]


def test_who_else_comes_changes_no_answer(study):
    together = answers(study, sites=["A", "C", "B", "Z"]).table.set_index("case_id")
    alone = answers(study, sites=["A", "Z", "Z", "Z"]).table.set_index("case_id")
    pd.testing.assert_frame_equal(together.loc[["N0"]], alone, check_exact=True)


def test_where_all_sites_are_new_no_case_can_be_predicted(study):
    with pytest.raises(InputError, match="none of those that the model was harmonised over"):
        answers(study, sites=["Y", "Z"])
