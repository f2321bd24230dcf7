"""A study with habitats, step by step: bags, models, a bundle, new cases, maps and the report."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from radpred.cli import app
from radpred.config import StudySettings
from radpred.datasets import phased_tumour
from radpred.deploy import load_predictor
from radpred.errors import InputError, SettingsError
from radpred.io import read_labels, read_mask, write_image, write_mask
from radpred.stages.assemble import assemble
from radpred.stages.bundle import bundle
from radpred.stages.commands.predict import predict
from radpred.stages.evaluate import evaluate
from radpred.stages.explain import explain
from radpred.stages.extract import extract
from radpred.stages.habitats import habitats
from radpred.stages.plan import WorkflowPlan
from radpred.stages.prepare import prepare
from radpred.stages.report import report
from radpred.stages.segment import segment
from radpred.stages.train import fit, train
from radpred.table.bags import bag_name

N = 24
STUDY = {
    "name": "phases",
    "outcome": {"column": "event"},
    "habitats": {"n": 2, "supervoxels": 150},
    "extraction": {"filters": [{"kind": "original"}], "families": ["shape"]},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 3,
        "inner_folds": 2,
        "n_features": [3],
        "bootstrap_draws": 100,
        "confidence_levels": [0.8],
    },
    "cases_per_shard": 16,
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a study in which the share of the dark phase tells the event; one case is bare."""
    folder = tmp_path_factory.mktemp("phases")
    rng = np.random.default_rng(4)
    rows = []
    for number in range(N):
        event = number % 2
        share = np.clip(0.3 + 0.25 * event + rng.normal(scale=0.04), 0.05, 0.95)
        made = phased_tumour(
            rng, shares=(share, 1 - share), intensities=(20.0, 90.0), radius_mm=7.0, noise=5.0
        )
        voxels = made.image.voxels
        if number == 3:
            voxels[made.tumour.voxels] = np.nan
        write_image(made.image, folder / f"{number}.nii.gz")
        write_mask(made.tumour, folder / f"{number}_mask.nii.gz")
        files = (f"{number}.nii.gz", f"{number}_mask.nii.gz")
        rows.append((f"c{number}", f"p{number}", *files, event))
    table = pd.DataFrame(rows, columns=["case_id", "patient_id", "image", "mask", "event"])
    table.to_csv(folder / "cases.csv", index=False)
    table[["patient_id", "event"]].to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY))
    return folder


@pytest.fixture(scope="module")
def run(study):
    """Return the results of all steps, as the workflow would call them."""
    out = prepare(study / "study.yaml").out
    plan = out / "study.json"
    shards = sorted((out / "shards").glob("[0-9]*.json"))
    for shard in shards:
        masks = out / "segment" / f"{shard.stem}.parquet"
        segment(plan, shard, masks)
        extract(plan, shard, masks, out / "features" / f"{shard.stem}.parquet")
    features, cohort, final = (
        out / name for name in ("features.parquet", "cohort.parquet", "models/final.zip")
    )
    predictions, evidence = out / "models/repeat_0.parquet", out / "evaluation.json"
    assemble(plan, [out / "features" / f"{s.stem}.parquet" for s in shards], features)
    train(plan, features, cohort, repeat=0, output=predictions)
    fit(plan, features, cohort, final)
    evaluate(plan, features, cohort, final, [predictions], evidence)
    bundle(plan, features, cohort, evidence, final, out / "model.radpred")
    explain(out / "model.radpred", features, cohort, out / "explanation.json")
    report(plan, evidence, out / "explanation.json", out / "report.html")
    return out


def test_the_planted_share_of_a_habitat_is_what_the_model_finds(run):
    evidence = json.loads((run / "evaluation.json").read_text())
    headline = next(m for m in evidence["models"] if m["name"] == "selected")
    assert headline["metrics"]["auroc"]["value"] > 0.85
    regions = json.loads((run / "explanation.json").read_text())["groups"]["region"]
    assert sum(g["share"] for g in regions if g["name"].startswith("habitat")) > 0.8


def test_columns_of_habitats_count_as_features(run):
    evidence = json.loads((run / "evaluation.json").read_text())
    n_columns = pd.read_parquet(run / "features.parquet").shape[1] - 1
    assert evidence["study"]["n_features"] == n_columns + 7 + 6 + 3


def test_a_case_without_bag_has_its_reason_and_is_predicted_all_the_same(run):
    reasons = pd.read_parquet(run / "reasons.parquet")
    own = reasons[(reasons["case_id"] == "c3") & (reasons["column"] == bag_name())]
    assert own["reason"].tolist() == ["non_finite_voxels"]
    assert "c3" not in set(pd.read_parquet(run / "bags.parquet")["case_id"])
    assert "c3" in set(pd.read_parquet(run / "predictions.parquet")["case_id"])


def test_a_second_run_takes_bags_from_what_was_kept(run):
    shard = next(iter(sorted((run / "shards").glob("[0-9]*.json"))))
    before = pd.read_parquet(run / "features" / f"{shard.stem}.bags.parquet")
    again = run / "again" / "0000.parquet"
    extract(run / "study.json", shard, run / "segment" / f"{shard.stem}.parquet", again)
    pd.testing.assert_frame_equal(pd.read_parquet(again.with_suffix(".bags.parquet")), before)


def test_the_bundle_answers_new_cases_as_it_did_those_of_training(run, study):
    answers = predict(run / "model.radpred", study / "cases.csv")
    told = json.loads((run / "explanation.json").read_text())["cases"]
    known = {case["case_id"]: case["probability"] for case in told}
    assert answers.table.set_index("case_id")["probability"].to_dict() == known


def test_the_bundle_s_habitats_are_those_that_were_fitted(run):
    step = load_predictor(run / "model.radpred").bundle.fitted.chain.named_steps["habitats"]
    assert step.n == 2
    assert step.centres_[0, 0] < step.centres_[1, 0]


def test_habitats_are_written_as_labels_pictures_and_numbers(run, study, tmp_path):
    made = habitats(run, tmp_path, only=["c0", "c1"])
    assert {p.name for p in tmp_path.iterdir()} == {
        "habitats.csv", "c0.nii.gz", "c0.png", "c1.nii.gz", "c1.png",
    }  # fmt: skip
    labels = read_labels(tmp_path / "c0.nii.gz")
    tumour = read_mask(study / "0_mask.nii.gz")
    assert set(np.unique(labels.voxels)) == {0, 1, 2}
    assert np.array_equal(labels.voxels > 0, tumour.voxels)
    share = made.table.set_index("case_id").loc["c0", "habitat_1__original_habitat_Fraction"]
    assert share == pytest.approx((labels.voxels == 1).sum() / tumour.n_voxels)


def test_a_case_without_habitats_is_a_verdict_and_the_others_are_written(run, study, tmp_path):
    made = habitats(run / "model.radpred", tmp_path, cases=study / "cases.csv", only=["c2", "c3"])
    assert made.table["case_id"].tolist() == ["c2"]
    verdicts = made.verdicts.set_index("case_id")
    assert verdicts.loc["c3", "code"] == "non_finite_voxels"


def test_a_case_that_is_not_there_is_named(run, tmp_path):
    with pytest.raises(InputError, match="c99"):
        habitats(run, tmp_path, only=["c99"])


def test_a_model_alone_wants_cases(run, tmp_path):
    with pytest.raises(InputError, match="--cases"):
        habitats(run / "model.radpred", tmp_path)


def test_the_command_says_how_many_it_wrote(run, tmp_path):
    done = CliRunner().invoke(app, ["habitats", str(run), "--case", "c0", "-o", str(tmp_path)])
    assert done.exit_code == 0
    assert "habitats of 1 case(s)" in done.output


def test_the_report_shows_what_habitats_are_like(run):
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "<h3>Habitats</h3>" in page
    assert page.count("scan and habitats") == 3
    assert "2 habitats, parts that look alike, by k-means" in page


def test_a_map_that_is_not_made_stops_a_study_before_any_work(study, tmp_path):
    changed = {**STUDY, "habitats": {"maps": ["wavelet-LLL"]}, "out": str(tmp_path / "out")}
    path = study / "wrong.yaml"
    path.write_text(yaml.safe_dump(changed))
    with pytest.raises(SettingsError, match="wavelet-LLL"):
        prepare(path)


def test_without_habitats_nothing_of_them_is_written(study, tmp_path):
    plain = {k: v for k, v in STUDY.items() if k != "habitats"}
    path = study / "plain.yaml"
    path.write_text(yaml.safe_dump({**plain, "out": str(tmp_path / "out")}))
    out = prepare(path).out
    shard = next(iter(sorted((out / "shards").glob("[0-9]*.json"))))
    masks, table = out / "segment" / f"{shard.stem}.parquet", out / "features" / "0000.parquet"
    segment(out / "study.json", shard, masks)
    extract(out / "study.json", shard, masks, table)
    assert not table.with_suffix(".bags.parquet").exists()
    assert StudySettings.model_validate(plain | {"cases": "x"}).habitats is None


def plan_of(habitats):
    """Return what the workflow asks of a study with habitats."""
    return WorkflowPlan(StudySettings.model_validate({**STUDY, "habitats": habitats}), ("0000",))


def test_another_number_of_habitats_reruns_learning_and_no_measuring():
    one, other = plan_of({"n": 2}), plan_of({"n": 4, "method": "gmm"})
    assert one.measuring == other.measuring
    assert one.relevant(*one.learns_from) != other.relevant(*other.learns_from)


def test_other_pieces_are_measured_again():
    assert plan_of({"most_voxels": 500}).measuring != plan_of({}).measuring


def test_without_habitats_a_study_has_no_file_of_bags():
    assert plan_of(None).of_habitats("bags.parquet") == []
    assert "habitats" not in plan_of(None).measuring


def test_what_goes_with_volume_is_told_though_habitats_are_no_numbers(run):
    volume = json.loads((run / "explanation.json").read_text())["volume"]
    assert volume["volume"].endswith("MeshVolume")
    assert all(one["column"] for one in volume["used"])
