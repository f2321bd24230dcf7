"""Ids are data: none becomes a path outside the run's folder, a command, or markup."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from formats import GRID

from radpred.cohort import check_cases
from radpred.deploy import read_bundle
from radpred.errors import BundleError, InputError
from radpred.image import Image, Mask
from radpred.io import write_image, write_mask
from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.check import check, write_page
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment
from radpred.stages.watching.status import status_of
from radpred.stages.work.files import file_name_of
from radpred.workflow import run
from tests.report.browsing import chromium

IDS = (
    *("../../etc/x", "a/b", "/abs", "$(touch made)", "; touch made", "`touch made`", "%s%n", "CON"),
    *("-rf", "a\nb", "<script>alert(1)</script>", "\u202eä", "..", ".", "{case}", "L" * 300),
)


@pytest.fixture
def study(tmp_path):
    """Return the study file of a cohort whose every id is hostile, alone in its folder."""
    folder = tmp_path / "run"
    folder.mkdir()
    image = Image(voxels=np.ones(GRID.shape) + np.arange(8)[:, None], grid=GRID)
    write_image(image, folder / "i.nii")
    write_mask(Mask(voxels=image.voxels > 3, grid=GRID, name="tumour"), folder / "m.nii")
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(i, i, "i.nii", "0 0 0 9 9 9", "m.nii") for i in IDS]
        csv.writer(file).writerows([("case_id", "patient_id", "image", "box", "mask"), *rows])
    with (folder / "outcome.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(i, n % 2) for n, i in enumerate(IDS)]
        csv.writer(file).writerows([("patient_id", "y"), *rows])
    path = folder / "study.yaml"
    path.write_text("name: made\noutcome: {column: y}\n", encoding="utf-8")
    return path


def _outside(study):
    """Return what lies beside the run's folder."""
    return [path for path in study.parent.parent.iterdir() if path != study.parent]


@pytest.mark.parametrize("case_id", IDS)
def test_a_case_id_is_one_file_name(case_id):
    name = file_name_of(case_id)
    assert "/" not in name
    assert name not in (".", "..")
    assert len(name) < 200


def test_long_ids_that_begin_alike_are_two_file_names():
    assert file_name_of("L" * 300 + "a") != file_name_of("L" * 300 + "b")


@pytest.mark.parametrize(
    "modality", ["../x", "a/b", "$(touch x)", "{m}", "<b>", "a b", "a\nb", "a__b"]
)
def test_a_modality_that_is_no_name_is_refused(modality):
    row = {"case_id": "a", "patient_id": "a", f"image_{modality}": "i.nii", "mask": "m.nii"}
    with pytest.raises(InputError) as caught:
        check_cases(pd.DataFrame([row]), folder=Path("/"), method="given")
    assert caught.value.code == "bad_column"


def test_masks_of_hostile_ids_stay_in_the_run(study):
    method = "segmentation: {method: otsu}\n"
    study.write_text(study.read_text(encoding="utf-8") + method, encoding="utf-8")
    plan = prepare(study)
    (plan.out / "segment").mkdir()
    for shard in plan.shards:
        path = plan.out / "shards" / f"{shard}.json"
        segment(plan.out / "study.json", path, plan.out / "segment" / f"{shard}.parquet")
    assert not _outside(study)
    assert not list(study.parent.parent.rglob("made"))


def test_the_check_page_shows_ids_as_text(study):
    page = write_page(check(study)).read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert not _outside(study)


@pytest.mark.parametrize("name", ["../../x", "/x", "a/b", "..\\x"])
def test_a_model_with_a_path_for_a_member_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "model.radpred", "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(BundleError, match="no name inside"):
        read_bundle(tmp_path / "model.radpred")


# A whole run

MARKUP = ("<script>alert(1)</script>", "</script><script>alert(2)</script>")
RUN_IDS = (
    *(*IDS, "a;rm -rf ~", "$(touch made);", "|touch made", "{wildcard}", "{{7*7}}", "a  b", "~"),
    *(
        f"\"quoted' {MARKUP[0]}",
        MARKUP[1],
        "<img src=x onerror=alert(3)>",
        "&lt;b&gt;",
        "*",
        "a\tb",
    ),
    *("tumour__original__x", "=cmd|' /C calc'!A0", "\u2028ß", "#", "\\..\\x"),
    *("a_b__c_", "v1.2..3", "患者 1", "e\u0301", "x y.z__1"),
)
FILES = ("<script>alert(6)<.nii.gz", "{wildcard}.nii.gz", "<b>.nii.gz", "$(touch made).nii.gz")
SITES = ("$(touch made)", "<script>alert(4)</script>", "../x")
STUDY = {
    "name": "hostile",
    "title": "<script>alert(5)</script>",
    "outcome": {"column": "event", "clinical": ["age", "site"]},
    "extraction": {"filters": [{"kind": "original"}], "families": ["shape", "firstorder"]},
    "learning": {
        "models": ["elastic_net"],
        "repeats": 1,
        "outer_folds": 2,
        "inner_folds": 2,
        "n_features": [3],
        "bootstrap_draws": 100,
    },
}


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory):
    """Return the folder of a study whose every id is hostile, after its run."""
    folder = tmp_path_factory.mktemp("around") / "run"
    make_cohort(folder, n_patients=len(RUN_IDS), seed=3)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    outcome = pd.read_csv(folder / "outcome.csv", dtype=str)
    ids = dict(zip(outcome["patient_id"], RUN_IDS, strict=True))
    for table in (cases, outcome):
        table["patient_id"] = table["patient_id"].map(ids)
        table["site"] = [SITES[n % len(SITES)] for n in range(len(table))]
    cases["case_id"] = cases["patient_id"] + [f" {n}" for n in range(len(cases))]
    first = ~cases["patient_id"].duplicated()
    cases.loc[first, "case_id"] = cases.loc[first, "patient_id"]
    cases["image"] = [str(folder / path) for path in cases["image"]]
    for n, name in enumerate(FILES):
        (folder / name).write_bytes((folder / "images" / Path(cases["image"][n]).name).read_bytes())
        cases.loc[n, "image"] = str(folder / name)
    (folder / FILES[0]).write_bytes(b"no image")
    cases.to_csv(folder / "cases.csv", index=False)
    outcome.to_csv(folder / "outcome.csv", index=False)
    (folder / "study.yaml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    home = folder.parent / "home"
    home.mkdir()
    (home / "kept").touch()
    with pytest.MonkeyPatch.context() as patch:
        # Compiled loops stay where they are; a command in an id would meet an empty home.
        caches = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        patch.setenv("XDG_CACHE_HOME", caches)
        patch.setenv("HOME", str(home))
        run(folder / "study.yaml", cores=2)
    return folder


def test_a_run_with_hostile_ids_measures_every_case(hostile_run):
    verdicts = pd.read_parquet(hostile_run / "results" / "verdicts.parquet")
    rejected = verdicts[verdicts["status"] == "rejected"]
    assert list(rejected["code"]) == ["unreadable_file"]  # the file that is no image
    features = pd.read_parquet(hostile_run / "results" / "features.parquet")
    assert len(features) == len(pd.read_csv(hostile_run / "cases.csv")) - 1
    assert not set(features["case_id"]) & set(rejected["case_id"])


def test_a_run_with_hostile_ids_counts_every_case_once(hostile_run):
    found = status_of(hostile_run / "results")
    n_rows = len(pd.read_csv(hostile_run / "cases.csv"))
    for step in found.steps:
        if step.step in ("segment", "extract"):
            assert (step.pieces.done, step.pieces.total) == (n_rows, n_rows)
    assert [(one.code, one.n) for one in found.failures] == [("unreadable_file", 1)]
    json.loads(json.dumps(found.plain(), default=str))


def test_a_run_with_hostile_ids_writes_into_its_folder_alone(hostile_run):
    made = {"cases.csv", "outcome.csv", "truth.json", "study.yaml", "images", "masks", "organs"}
    others = {path.name for path in hostile_run.iterdir()} - made
    assert others == {"results", *FILES}
    assert {path.name for path in hostile_run.parent.iterdir()} == {"run", "home"}


def test_a_run_with_hostile_ids_executes_none_of_them(hostile_run):
    assert not list(hostile_run.parent.rglob("made*"))
    assert (hostile_run.parent / "home" / "kept").exists()


@pytest.fixture(scope="module")
def browser():
    """Return headless Chromium, or skip aloud."""
    yield from chromium()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["report.html", "check.html"])
def test_a_page_shows_hostile_ids_as_text(hostile_run, browser, name):
    path = hostile_run / "results" / name
    if name == "check.html":
        write_page(check(hostile_run / "study.yaml"))
    browser.get(path.as_uri())
    assert browser.get_log("browser") == []  # an image of data, or a script, would complain
    elements = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    assert not [text for text in browser.execute_script(elements, "script") if "alert" in text]
    assert not browser.execute_script(elements, "img[src=x], [onerror], main b i")
    shown = browser.execute_script("return document.documentElement.textContent")
    for text in (MARKUP[0], "<img src=x onerror=alert(3)>", "&lt;b&gt;"):
        assert text in shown
