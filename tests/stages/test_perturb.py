"""The steps `perturb` and `gather`: kept, blamed and joined case by case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from radpred.errors import InputError, RegionError
from radpred.io import read_image, write_image
from radpred.pipeline.demo import make_cohort
from radpred.stages import perturb as stage
from radpred.stages.assemble import assemble
from radpred.stages.extract import Work, extract
from radpred.stages.inputs.shards import planned, shard_cases
from radpred.stages.perturb import Repeats, answer, gather, perturb, perturbed_table
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment
from radpred.stages.work.files import as_json, read_text_table, write_bytes
from radpred.table import read_table

STUDY = {
    "name": "s",
    "outcome": {"column": "event"},
    "extraction": {"families": ["shape", "firstorder"]},
    "perturbation": {"variants": 2, "translation_mm": 2},
    "cases_per_shard": 100,
    "device": "cpu",
}
MEAN = "tumour__original_firstorder_Mean"


def planned_study(folder: Path, **changes) -> Path:
    """Write a study into a folder that holds a cohort, plan it, and return its study.json."""
    write_bytes(folder / "study.yaml", as_json({**STUDY, **changes}))
    return prepare(folder / "study.yaml").out / "study.json"


def measured(study_json: Path) -> Path:
    """Run the steps of one shard up to the features; return the folder of results."""
    out = study_json.parent
    shard = out / "shards" / "0000.json"
    segment(study_json, shard, out / "segment" / "0000.parquet")
    extract(study_json, shard, out / "segment" / "0000.parquet", out / "features" / "0000.parquet")
    assemble(study_json, [out / "features" / "0000.parquet"], out / "features.parquet")
    return out


def perturbed(study_json: Path) -> Path:
    """Run `perturb` and `gather` after the others; return the folder of results."""
    out = measured(study_json)
    shard = out / "perturbed" / "0000.parquet"
    perturb(study_json, out / "shards" / "0000.json", out / "segment" / "0000.parquet", shard)
    gather(study_json, out / "features.parquet", [shard], out / "perturbed.parquet")
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    """Return the results of a study with a second scan of its first case."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=8, seed=6)
    cases = read_text_table(folder / "cases.csv")
    first = cases.iloc[0]
    image = read_image(folder / first["image"])
    write_image(replace(image, voxels=image.voxels + 10), folder / "again.nii.gz")
    again = {**first, "case_id": "again", "image": "again.nii.gz", "retest_of": first["case_id"]}
    table = pd.concat([cases, pd.DataFrame([again])], ignore_index=True).fillna("")
    table.to_csv(folder / "cases.csv", index=False)
    return perturbed(planned_study(folder, stability={"over": "retest"}))


@pytest.fixture
def repeats(out, tmp_path) -> Repeats:
    """Return the work on the second case, nothing of it kept."""
    study = planned(out / "study.json")
    case = shard_cases(out / "shards" / "0000.json")[1]
    return Repeats(Work(case, (), study, tmp_path))


def test_every_case_stands_as_given_and_as_each_variant(out):
    table = read_table(out / "perturbed.parquet")[0]
    features = read_table(out / "features.parquet")[0]
    given = table[table["kind"] == "given"].drop(columns=["kind", "variant"])
    pd.testing.assert_frame_equal(given.reset_index(drop=True), features, check_exact=True)
    counts = table[table["kind"] == "perturbation"].groupby("case_id").size()
    assert (counts == 2).all()
    assert len(counts) == len(features)


def test_a_second_scan_is_a_variant_and_trains_nothing(out):
    table = read_table(out / "perturbed.parquet")[0].set_index(["kind", "case_id"])
    (case_id,) = table.loc["retest"].index
    assert "again" not in set(read_table(out / "features.parquet")[0]["case_id"])
    again, given = (table.loc[(kind, case_id), MEAN].item() for kind in ("retest", "given"))
    assert again == pytest.approx(given + 10)


def test_the_facts_of_every_mask_stand_beside(out):
    facts = read_table(out / "variants.parquet")[0]
    moved = facts[facts["kind"] == "perturbation"]
    assert moved["dice"].between(0.4, 1).all()
    assert (moved["reason"] == "").all()
    assert set(facts.loc[facts["kind"] == "retest", "name"]) == {"again"}


def test_how_well_columns_repeat_stands_beside(out):
    reached = read_table(out / "stability.parquet")[0]
    features = read_table(out / "features.parquet")[0]
    assert reached["column"].tolist() == list(features.columns[1:])


def test_measured_variants_are_not_measured_again(repeats, monkeypatch):
    first = answer(repeats)
    monkeypatch.setattr(stage, "measure_variants", lambda *_, **__: pytest.fail("again"))
    assert answer(repeats).variants == first.variants


def test_another_minimum_measures_nothing_again_and_another_shift_does(repeats, monkeypatch):
    answer(repeats)
    calls = []
    monkeypatch.setattr(stage, "measure_variants", lambda *_, **__: calls.append(1) or [])
    study = repeats.work.study
    stability = study.stability.model_copy(update={"minimum": 0.1})
    same = study.model_copy(update={"stability": stability})
    answer(replace(repeats, work=replace(repeats.work, study=same)))
    assert calls == []
    moves = study.perturbation.model_copy(update={"translation_mm": 1.0})
    other = study.model_copy(update={"perturbation": moves})
    answer(replace(repeats, work=replace(repeats.work, study=other)))
    assert calls == [1]


def test_a_case_whose_variants_all_fail_is_a_reason(repeats, monkeypatch):
    def fail(*_, **__):
        raise RegionError("gone; draw it", code="empty_mask")

    monkeypatch.setattr(stage, "measure_variants", fail)
    found = answer(repeats)
    assert (found.variants, found.reason) == ([], "empty_mask")


def test_stability_over_what_no_case_has_is_refused(tmp_path):
    make_cohort(tmp_path, n_patients=8, seed=6)
    study = planned_study(tmp_path, stability={"over": "retest"}, perturbation=None)
    with pytest.raises(InputError, match=r"no case has a repeat.*retest_of") as caught:
        perturbed(study)
    assert caught.value.code == "no_repeats"


def test_new_cases_are_drawn_as_training_cases_are(out):
    study = planned(out / "study.json")
    case = shard_cases(out / "shards" / "0000.json")[0]
    found = perturbed_table([case], study)
    table = read_table(out / "perturbed.parquet")[0].set_index(["case_id", "kind", "variant"])
    for variant in (1, 2):
        key = (case.case_id, "perturbation", variant)
        pd.testing.assert_series_equal(found.loc[key], table.loc[key], check_exact=True)


def test_without_a_perturbation_new_cases_have_no_variants(out):
    study = planned(out / "study.json").model_copy(update={"perturbation": None})
    assert perturbed_table(shard_cases(out / "shards" / "0000.json"), study) is None
