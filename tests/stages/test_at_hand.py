"""Files that are far away: what is said of those that cannot be had, and copies while they last."""

from __future__ import annotations

import http.client
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from faulty_study import written
from s3_server import BUCKET, put, s3_server

from radpred.cohort import check_cases
from radpred.errors import InputError, RadpredWarning, SettingsError
from radpred.stages.commands.check import check
from radpred.stages.inputs.at_hand import FETCHED, _objects, at_hand, sources_of
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import prepare
from radpred.stages.work import objects


@pytest.fixture
def client():
    with s3_server() as made:
        yield made


def to_s3(client, study: Path) -> pd.DataFrame:
    """Put the scans and masks of a study into S3, and name them so; return its table."""
    cases = pd.read_csv(study.parent / "cases.csv", dtype=str)
    for column in ("image", "mask"):
        cases[column] = [
            put(client, study.parent / name, f"scans/{name}") for name in cases[column]
        ]
    cases.to_csv(study.parent / "cases.csv", index=False)
    return cases


def test_a_study_whose_scans_are_in_s3_is_judged_as_one_on_disk(client, tmp_path):
    study = written(tmp_path, ["moved", "noted"])
    on_disk = check(study).verdicts
    to_s3(client, study)
    of_s3 = check(study).verdicts
    assert list(of_s3["code"]) == list(on_disk["code"])
    assert list(of_s3["status"]) == list(on_disk["status"])


def test_a_missing_object_is_a_missing_file(client, tmp_path):
    study = written(tmp_path, ["noted", "nudged"])
    cases = to_s3(client, study)
    client.delete_object(Bucket=BUCKET, Key="scans/C1.nii.gz")
    verdict = check(study, is_fast=True).verdicts.set_index("case_id").loc["C1"]
    assert verdict["code"] == "missing_file"
    assert cases["image"][1] in verdict["came"]
    assert "address" in verdict["todo"]


def test_a_missing_object_takes_nothing_else_out(client, tmp_path):
    study = written(tmp_path, ["noted", "nudged"])
    to_s3(client, study)
    client.delete_object(Bucket=BUCKET, Key="scans/C1.nii.gz")
    assert prepare(study).n_cases == 3


def test_refused_credentials_are_a_verdict(client, tmp_path):
    study = written(tmp_path)
    to_s3(client, study)
    host = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.request("POST", "/moto-api/reset-auth", body="0")  # asks for rights from now on
    assert connection.getresponse().status == 200
    connection.close()
    try:
        verdicts = check(study, is_fast=True).verdicts
    finally:
        connection.request("POST", "/moto-api/reset-auth", body="1000000")
        connection.getresponse()
        connection.close()
    assert set(verdicts["code"]) == {"storage_refused"}
    assert "credentials" in verdicts["todo"][0]


def test_no_credentials_reject_no_case_and_say_so(client, tmp_path, monkeypatch):
    study = written(tmp_path)
    to_s3(client, study)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    _objects.cache_clear()
    with pytest.raises(InputError, match="no credentials were found") as caught:
        check(study, is_fast=True)
    assert caught.value.code == "storage_unreachable"


def test_without_the_plug_in_the_study_ends_and_names_the_extra(client, tmp_path, monkeypatch):
    study = written(tmp_path)
    to_s3(client, study)
    _objects.cache_clear()
    monkeypatch.setattr(objects, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"radpred\[s3\]") as caught:
        prepare(study)
    assert caught.value.code == "no_storage"


def test_a_slice_of_a_series_in_s3_is_refused():
    row = {"case_id": "A", "patient_id": "A", "image": "s3://b/1.dcm", "mask": "s3://b/m.nii.gz"}
    verdicts = check_cases(pd.DataFrame([row]), folder=Path(), method="given", has_storage=True)[1]
    assert verdicts[0].code == "remote_file"
    assert "s3://b/1.dcm" in verdicts[0].came


def test_whoever_does_not_look_for_objects_refuses_them():
    row = {"case_id": "A", "patient_id": "A", "image": "s3://b/i.mha", "mask": "s3://b/m.mha"}
    verdicts = check_cases(pd.DataFrame([row]), folder=Path(), method="given")[1]
    assert verdicts[0].code == "remote_file"
    assert "only a study" in verdicts[0].wanted


def test_rows_of_an_object_are_looked_for_again_when_it_changes(client, tmp_path):
    study = written(tmp_path, ["labels"], lesions="rows")
    to_s3(client, study)
    names = [c.case_id for s in prepare(study).shards for c in shard_of(study, s)]
    assert {"labels:1", "labels:2"} <= set(names)
    put(client, tmp_path / "C0_m.nii.gz", "scans/labels_m.nii.gz")
    names = [c.case_id for s in prepare(study).shards for c in shard_of(study, s)]
    assert "labels" in names


def shard_of(study, name):
    return shard_cases(study.parent / "results" / "shards" / f"{name}.json")


@pytest.fixture
def case(tmp_path):
    """Return a case on disk."""
    study = written(tmp_path)
    return shard_of(study, prepare(study).shards[0])[0]


def test_without_scratch_files_are_read_where_they_are(case):
    with at_hand([case]) as (here,):
        assert here == case


def test_copies_in_the_scratch_folder_are_whole_and_go_with_the_block(case, tmp_path):
    scratch = tmp_path / "scratch"
    with at_hand([case], scratch=str(scratch)) as (here,):
        for own, copy in zip(sources_of(case), sources_of(here), strict=True):
            assert Path(copy).is_relative_to(scratch)
            assert Path(copy).read_bytes() == Path(own).read_bytes()
    assert list(scratch.iterdir()) == []


def test_a_scratch_folder_may_be_named_by_a_variable(case, tmp_path, monkeypatch):
    monkeypatch.setenv("NODE_DISK", str(tmp_path / "node"))
    with at_hand([case], scratch="$NODE_DISK") as (here,):
        assert Path(here.images[""]).is_relative_to(tmp_path / "node")


def test_a_scratch_folder_that_is_not_there_costs_no_case(case, monkeypatch):
    monkeypatch.delenv("NODE_DISK", raising=False)
    with (
        pytest.warns(RadpredWarning, match="not set"),
        at_hand([case], scratch="$NODE_DISK") as (here,),
    ):
        assert here == case


def test_a_full_scratch_folder_costs_no_case(case, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with (
        pytest.warns(RadpredWarning, match="read in place"),
        at_hand([case], scratch=str(tmp_path)) as (here,),
    ):
        assert here == case


def test_a_folder_of_slices_is_copied_whole(case, tmp_path):
    series = tmp_path / "series"
    series.mkdir()
    (series / "1.dcm").write_bytes(b"one")
    (series / "2.dcm").write_bytes(b"two")
    with at_hand([replace(case, images={"": str(series)})], scratch=str(tmp_path / "s")) as (here,):
        assert sorted(p.name for p in Path(here.images[""]).iterdir()) == ["1.dcm", "2.dcm"]


@pytest.mark.parametrize("name", ["1.dcm", "scan.mhd", "scan.hdr", "cohort.npz#images[3]"])
def test_what_has_others_beside_it_is_read_where_it_is(case, tmp_path, name):
    path = tmp_path / name.partition("#")[0]
    path.write_bytes(b"some")
    source = str(tmp_path / name)
    with at_hand([replace(case, images={"": source})], scratch=str(tmp_path / "s")) as (here,):
        assert here.images[""] == source


def test_a_header_of_nrrd_that_names_its_voxels_is_read_where_it_is(case, tmp_path):
    path = tmp_path / "scan.nrrd"
    path.write_bytes(b"NRRD0004\ntype: short\nData File: scan.raw\n\n")
    moved = replace(case, images={"": str(path)})
    with at_hand([moved], scratch=str(tmp_path / "s")) as (here,):
        assert here.images[""] == str(path)


def test_what_snakemake_fetched_is_not_fetched_again(case, tmp_path, monkeypatch):
    fetched = tmp_path / "fetched" / "s3" / "hospital" / "a.nii.gz"
    fetched.parent.mkdir(parents=True)
    fetched.write_bytes(b"scan")
    monkeypatch.setenv(FETCHED, str(tmp_path / "fetched"))
    with at_hand([replace(case, images={"": "s3://hospital/a.nii.gz"})]) as (here,):
        assert here.images[""] == str(fetched)
