"""A mask that is made already is not made again, unless something that it depends on changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from radpred.datasets.phantom import cuboid, noise_box
from radpred.io import read_mask, write_image, write_mask
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment, with_masks
from radpred.table import read_table

SHAPE = (20, 30, 30)


@pytest.fixture
def folder(tmp_path, rng):
    """Return the folder of a study that draws the masks of three patients anew."""
    rows = []
    for n in range(3):
        write_image(noise_box(SHAPE, rng=rng), tmp_path / f"scan_{n}.nii.gz")
        write_mask(cuboid(SHAPE, start=(5, 8, 8), stop=(15, 20, 22)), tmp_path / f"mask_{n}.nii.gz")
        row = {"case_id": f"C{n}", "patient_id": f"P{n}", "image": f"scan_{n}.nii.gz"}
        rows.append({**row, "mask": f"mask_{n}.nii.gz"})
    pd.DataFrame(rows).to_csv(tmp_path / "cases.csv", index=False)
    outcome = pd.DataFrame({"patient_id": [f"P{n}" for n in range(3)], "event": [0, 1, 1]})
    outcome.to_csv(tmp_path / "outcome.csv", index=False)
    return tmp_path


def made(folder, *, redrawn_dice=0.8):
    """Run the step; return when the mask of each case was written, and its path."""
    content = {"name": "s", "outcome": {"column": "event"}, "cases_per_shard": 3}
    content["segmentation"] = {"redrawn_dice": redrawn_dice}
    (folder / "study.yaml").write_text(yaml.safe_dump(content))
    plan = prepare(folder / "study.yaml")
    [shard] = plan.shards
    (plan.out / "segment").mkdir(exist_ok=True)
    path, listed = plan.out / "segment" / f"{shard}.parquet", plan.out / "shards" / f"{shard}.json"
    segment(plan.out / "study.json", listed, path)
    assert read_table(path.with_suffix(".verdicts.parquet"))[0].empty
    masks = sorted(case.masks[""] for case in with_masks(shard_cases(listed), path))
    return {mask: Path(mask).stat().st_mtime_ns for mask in masks}


def changed(before, after):
    """Return the places of the masks that were written again."""
    assert list(before) == list(after)
    return [place for place, mask in enumerate(before) if before[mask] != after[mask]]


def test_a_second_run_makes_no_mask(folder):
    assert changed(made(folder), made(folder)) == []


def test_a_changed_scan_costs_its_own_mask(folder, rng):
    first = made(folder)
    write_image(noise_box(SHAPE, rng=rng), folder / "scan_1.nii.gz")
    assert changed(first, made(folder)) == [1]


def test_a_scan_that_is_written_again_as_it_was_costs_nothing(folder):
    first = made(folder)
    content = (folder / "scan_1.nii.gz").read_bytes()
    (folder / "scan_1.nii.gz").write_bytes(content)
    assert changed(first, made(folder)) == []


def test_a_changed_setting_costs_every_mask(folder):
    assert changed(made(folder), made(folder, redrawn_dice=0.7)) == [0, 1, 2]


@pytest.mark.parametrize("spoil", ["remove", "overwrite"])
def test_a_mask_that_is_not_as_it_was_made_is_made_again(folder, spoil):
    first = made(folder)
    mask = list(first)[2]
    before = read_mask(mask).voxels
    if spoil == "remove":
        (folder / mask).unlink()
    else:
        write_mask(cuboid(SHAPE, start=(5, 8, 8), stop=(6, 9, 9)), folder / mask)
    assert changed(first, made(folder)) == [2]
    np.testing.assert_array_equal(read_mask(mask).voxels, before)
