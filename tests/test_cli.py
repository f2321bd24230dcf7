"""What the command line promises before any work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from radpred.cli import app
from radpred.config import read_study
from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import write_image, write_mask
from radpred.version import __version__

runner = CliRunner()


def radpred(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    line = [sys.executable, "-m", "radpred", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, cwd=cwd, check=False)


def test_version_is_printed():
    assert runner.invoke(app, ["--version"]).output.strip() == __version__


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from radpred.cli import app\n"
        "heavy = {'pandas', 'sklearn', 'shap', 'SimpleITK', 'numba', 'snakemake', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_init_writes_a_study_that_can_be_read(tmp_path):
    path = tmp_path / "study.yaml"
    assert runner.invoke(app, ["init", str(path)]).exit_code == 0
    assert read_study(path).outcome.column == "event"


def test_init_does_not_overwrite(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("mine")
    done = radpred("init", path)
    assert done.returncode == 2
    assert "--force" in done.stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "nowhere.yaml"], "radpred init"),
        (["check", "nowhere.yaml"], "radpred init"),
        (["predict", "nowhere.radpred", "--cases", "x.csv"], "no such model file"),
        (["extract", "only_an_image.nii.gz"], "give an image and its mask"),
        (["extract", "a.nii.gz", "b.nii.gz"], "a.nii.gz"),
    ],
)
def test_a_wrong_call_ends_with_what_to_do_and_no_traceback(words, said, tmp_path):
    done = radpred(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr


def test_numbers_of_voxels_and_grey_levels_are_written_beside_the_features(tmp_path, rng):
    image = noise_box((12, 14, 16), rng=rng)
    write_image(image, tmp_path / "image.nrrd")
    write_mask(cuboid((12, 14, 16), start=(3, 3, 3), stop=(9, 9, 9)), tmp_path / "mask.nrrd")
    words = [str(tmp_path / "image.nrrd"), str(tmp_path / "mask.nrrd"), "-o"]
    done = runner.invoke(app, ["extract", *words, str(tmp_path / "features.csv")])
    assert done.exit_code == 0
    sizes = pd.read_csv(tmp_path / "features.sizes.csv")
    assert sizes[["region", "image", "n_voxels"]].values.tolist() == [["tumour", "original", 216]]
