"""LIDC-IDRI as a study: which nodules, their masks, and that a run starts from them."""

from __future__ import annotations

import pandas as pd
import pytest
from lidc_rows import cube, write_database

from radpred.errors import InputError
from radpred.io import read_mask
from radpred.stages.commands.check import check
from radpred.stages.commands.lidc import write_lidc


@pytest.fixture
def database(tmp_path):
    """Return a database of four patients: malignant, benign, in between, and of two readers."""
    small, large = cube(10, 20, 4.0, 5), cube(10, 20, 4.0, 9)
    marks = [(1, 5, large), (1, 4, large), (1, 2, small)]
    marks += [(2, 1, small), (2, 1, small), (2, 4, small), (2, 2, small)]
    marks += [(3, 3, small)] * 3
    marks += [(4, 5, large)] * 2
    return write_database(tmp_path / "made.sqlite", marks, patients=["P1", "P2", "P3", "P4"])


@pytest.fixture
def written(database, tmp_path):
    said = []
    folder = tmp_path / "study"
    found = write_lidc(folder, database=database, told=lambda n, of: said.append((n, of)))
    return folder, found, said


def test_nodules_of_three_readers_whose_rating_leans_to_a_side_are_the_cases(written):
    folder, found, _ = written
    outcome = pd.read_csv(folder / "outcome.csv")
    assert list(outcome["case_id"]) == ["P1-1", "P2-1"]
    assert list(outcome["malignant"]) == [1, 0]
    assert (found.n_nodules, found.n_malignant, found.n_patients, found.n_masks) == (2, 1, 2, 7)


def test_each_reader_has_a_row_and_a_mask_of_its_own(written):
    folder, _, _ = written
    cases = pd.read_csv(folder / "cases.csv")
    assert list(cases["reader"]) == [f"reader_{n}" for n in (1, 2, 3, 1, 2, 3, 4)]
    sizes = [read_mask(folder / path).n_voxels for path in cases["mask"]]
    assert sizes == [243, 243, 75, 75, 75, 75, 75]


def test_the_study_is_ready_to_run(written):
    _, found, _ = written
    verdicts = check(found.study, is_fast=True).verdicts
    assert not (verdicts["status"] == "rejected").any()
    assert set(verdicts["code"]) == {"", "no_image", "readers"}


def test_a_study_file_that_is_there_is_kept(written, database):
    folder, found, _ = written
    found.study.write_text("mine")
    write_lidc(folder, database=database)
    assert found.study.read_text() == "mine"


def test_writing_tells_how_far_it_is(written):
    assert written[2] == [(1, 2), (2, 2)]


def test_fewer_readers_are_enough_where_so_asked(database, tmp_path):
    found = write_lidc(tmp_path / "two", database=database, fewest_readers=2)
    assert found.n_nodules == 3


def test_a_database_without_such_nodules_is_refused(tmp_path):
    path = write_database(tmp_path / "a.sqlite", [(1, 5, cube(1, 1, 4.0, 5))], patients=["P1"])
    with pytest.raises(InputError, match="no nodule has 3 readers"):
        write_lidc(tmp_path / "study", database=path)
