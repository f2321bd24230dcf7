"""`radpred compare` and `radpred extract --engine`, as a person types them."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from radpred.cli import app
from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import write_image, write_mask

runner = CliRunner()
SHAPE = (12, 14, 16)
IDM = "tumour__original_glcm_Idm"


@pytest.fixture
def lesion(tmp_path, rng):
    """Return the words that name a scan and its mask."""
    write_image(noise_box(SHAPE, rng=rng), tmp_path / "image.nrrd")
    write_mask(cuboid(SHAPE, start=(3, 3, 3), stop=(9, 9, 9)), tmp_path / "mask.nrrd")
    return [str(tmp_path / "image.nrrd"), str(tmp_path / "mask.nrrd")]


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a table of one feature."""

    def write(name, value):
        path = tmp_path / name
        pd.DataFrame({"case_id": ["p1"], IDM: [value]}).to_csv(path, index=False)
        return str(path)

    return write


def compare(*words):
    """Run the command in this process."""
    return runner.invoke(app, ["compare", *words], env={"COLUMNS": "200"})


def test_equal_tables_end_with_exit_code_0(table):
    done = compare(table("a.csv", 0.5), table("b.csv", 0.5))
    assert done.exit_code == 0
    assert "equal: all 1 values of both agree within 1e-06" in done.output


def test_tables_that_differ_end_with_exit_code_1_and_show_the_values(table):
    done = compare(table("a.csv", 0.5), table("b.csv", 0.25))
    assert done.exit_code == 1
    assert "5.0e-01 p1: glcm Idm 0.5, 0.25" in done.output


def test_the_tolerance_decides_what_differs(table):
    assert compare(table("a.csv", 0.5), table("b.csv", 0.501), "--tolerance", "0.01").exit_code == 0


def test_both_engines_are_compared_on_a_lesion(lesion, tmp_path):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    values, picture = tmp_path / "values.csv", tmp_path / "picture.html"
    done = compare(*lesion, "-o", str(values), "--picture", str(picture))
    assert done.exit_code == 0, done.output
    assert "times as long" in done.output
    assert list(pd.read_csv(values).columns) == [
        "case_id", "column", "a", "b", "relative_difference", "state", "reason_a", "reason_b",
    ]  # fmt: skip
    assert picture.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_pyradiomics_extracts_behind_the_same_command(lesion, tmp_path):
    pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
    paths = [str(tmp_path / f"{engine}.csv") for engine in ("native", "pyradiomics")]
    for path, engine in zip(paths, ("native", "pyradiomics"), strict=True):
        done = runner.invoke(app, ["extract", *lesion, "--engine", engine, "-o", path])
        assert done.exit_code == 0, done.output
    assert compare(*paths).exit_code == 0


@pytest.mark.parametrize("words", [[], ["image.nrrd"], ["a.csv", "mask.nrrd"], ["a.csv", "b.nii"]])
def test_half_a_question_is_refused_with_what_to_give(words):
    done = compare(*words)
    assert done.exit_code != 0
    assert "two tables of features, or --cases" in str(done.exception)
