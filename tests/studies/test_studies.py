"""Whole studies: on real patients where data are at hand, and on made ones of known truth."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from in_process import carried_out
from tables import write_nsclc, write_sts

from radpred.deploy import load_predictor
from radpred.pipeline.demo import make_cohort
from radpred.workflow import Results

pytestmark = pytest.mark.study
VOLUME_ALONE = {"sts": 0.69, "nsclc": 0.68}  # AUROC of the tumour's volume, in all patients
MADE = {
    "name": "made",
    "outcome": {"column": "event", "clinical": ["age", "sex", "marker", "smoking"]},
    "regions": {"rings_mm": [4, 8], "rings": "disjoint"},
    "extraction": {"bin_width": 10, "filters": [{"kind": "original"}]},
    "learning": {"preset": "quick"},
}
WRITE = {"sts": write_sts, "nsclc": write_nsclc}


@pytest.fixture(scope="module", params=["sts", "nsclc"])
def real(request, shared_data, tmp_path_factory):
    """Return the name and the results of a study on real patients, one repeat of the folds."""
    folder = tmp_path_factory.mktemp(request.param)
    study = WRITE[request.param](shared_data, folder)
    study.write_text(study.read_text().replace("preset: standard", "preset: quick"))
    return request.param, Results(carried_out(study))


def test_a_real_study_ends_with_a_report(real):
    _, results = real
    assert results.report.stat().st_size > 100_000


def test_volume_alone_does_as_well_as_is_known(real):
    name, results = real
    models = {m["name"]: m["metrics"]["auroc"] for m in results.evaluation["models"]}
    assert models["volume"]["value"] == pytest.approx(VOLUME_ALONE[name], abs=0.06)


def test_every_real_case_has_a_verdict_and_a_reason_if_rejected(real):
    name, results = real
    verdicts = pd.read_parquet(results.folder / "verdicts.parquet")
    rejected = verdicts[verdicts["status"] == "rejected"]
    assert len(verdicts) == {"sts": 51, "nsclc": 254}[name]
    assert set(rejected["code"]) <= {"unlabelled_outcome"}


def test_sets_on_real_patients_hold_the_truth_as_promised(real):
    _, results = real
    for row in results.evaluation["conformal"]:
        slack = 3 * (row["expected_sd"] or 0.1)
        assert row["coverage"]["value"] >= row["level"] - slack


def test_the_real_model_opens_and_knows_its_columns(real):
    _, results = real
    table = pd.read_parquet(results.folder / "features.parquet").set_index("case_id")
    assert set(table.columns) <= set(load_predictor(results.folder / "model.radpred").columns)


def made(folder: Path, *, strength: float) -> Path:
    """Run a study on 150 made patients, with a ring that nothing was planted in, return results."""
    make_cohort(folder, n_patients=150, strength=strength, seed=0)
    (folder / "study.yaml").write_text(yaml.safe_dump(MADE))
    return carried_out(folder / "study.yaml")


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Path:
    """Return the results where effects were planted in tumour, inner ring and marker."""
    return made(tmp_path_factory.mktemp("planted"), strength=1.0)


@pytest.fixture(scope="module")
def noise(tmp_path_factory) -> Path:
    """Return the results where nothing was planted."""
    return made(tmp_path_factory.mktemp("noise"), strength=0.0)


def auroc(results: Path, model: str) -> dict[str, float]:
    """Return the AUROC of one model with its interval."""
    evaluation = json.loads((results / "evaluation.json").read_text())
    return next(m["metrics"]["auroc"] for m in evaluation["models"] if m["name"] == model)


def test_planted_effects_are_found(planted):
    assert auroc(planted, "selected")["low"] > 0.5


def test_volume_tells_nothing_of_a_planted_outcome(planted):
    volume = auroc(planted, "volume")
    assert volume["low"] < 0.5 < volume["high"]


@pytest.fixture(scope="module")
def groups(planted) -> dict[str, dict[str, float]]:
    """Return the share of each group in the planted study's explanation."""
    record = json.loads((planted / "explanation.json").read_text())
    return {
        kind: {group["name"]: group["share"] for group in found}
        for kind, found in record["groups"].items()
    }


def test_planted_regions_lead_and_the_ring_without_an_effect_does_not(groups):
    share = groups["region"]
    assert min(share["tumour"], share["ring_0_4mm"]) > share.get("ring_4_8mm", 0)


def test_planted_families_lead_and_shape_does_not(groups):
    assert max(groups["family"], key=groups["family"].get) != "shape"
    assert groups["family"].get("shape", 0) < 0.15


def test_noise_scores_chance(noise):
    selected = auroc(noise, "selected")
    assert selected["low"] <= 0.5 <= selected["high"]
