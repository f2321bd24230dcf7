"""`radpred extract --voxel-wise`, as a person types it."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from radpred.cli import app
from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import write_image, write_mask

runner = CliRunner()
SHAPE = (10, 12, 14)
SETTINGS = "families: [firstorder]\nfeatures: {firstorder: [Mean, Maximum]}\n"


@pytest.fixture
def lesion(tmp_path, rng):
    """Return the words that name a scan and its mask, and settings of two features."""
    write_image(noise_box(SHAPE, rng=rng), tmp_path / "image.nrrd")
    write_mask(cuboid(SHAPE, start=(3, 4, 5), stop=(7, 8, 9)), tmp_path / "mask.nrrd")
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    return [tmp_path / "image.nrrd", tmp_path / "mask.nrrd", "-s", tmp_path / "settings.yaml"]


def extract(*words):
    """Run the command in this process."""
    return runner.invoke(app, ["extract", *map(str, words)], env={"COLUMNS": "200"})


def test_maps_are_written_into_a_folder(lesion, tmp_path):
    done = extract(*lesion, "--voxel-wise", "-o", tmp_path / "maps")
    assert done.exit_code == 0
    assert "wrote 2 maps" in done.output
    assert sorted(path.name for path in (tmp_path / "maps").iterdir()) == [
        "maps.csv",
        "original_firstorder_Maximum.nii.gz",
        "original_firstorder_Mean.nii.gz",
        "picture.png",
    ]


def test_the_command_line_s_cubes_go_before_those_of_the_settings(lesion, tmp_path):
    for name, words in {"small": [], "large": ["--radius", "2"], "wide": ["--unmasked"]}.items():
        assert extract(*lesion, "--voxel-wise", "-o", tmp_path / name, *words).exit_code == 0
    small, large, wide = (
        pd.read_csv(tmp_path / name / "maps.csv").set_index("map")["median"]
        for name in ("small", "large", "wide")
    )
    highest = "original_firstorder_Maximum"  # more voxels, higher maximum
    assert large[highest] > small[highest] and wide[highest] > small[highest]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--radius", "2"], "add --voxel-wise"),
        (["--unmasked"], "add --voxel-wise"),
        (["--voxel-wise", "--ring", "4"], "leave --ring out"),
        (["--voxel-wise", "-o", "maps.csv"], "give a folder"),
        (["--voxel-wise", "--picture", "original_firstorder_Mode"], "original_firstorder_Mean"),
    ],
)
def test_words_that_do_not_go_together_are_refused(lesion, words, said):
    done = extract(*lesion, *words)
    assert done.exit_code != 0
    assert said in str(done.exception)
