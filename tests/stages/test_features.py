"""Features without a study: the same columns for every case, and why a value is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from radpred import Extractor
from radpred.errors import InputError
from radpred.io import read_image
from radpred.pipeline.demo import make_cohort
from radpred.stages.commands.features import listed, of_cases, of_lesion, save


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a made cohort of four patients."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=4, seed=6)
    return folder


def test_a_lesion_alone_gives_what_it_gives_in_a_table(folder):
    cases = pd.read_csv(folder / "cases.csv").iloc[0]
    alone = of_lesion(folder / cases["image"], folder / cases["mask"]).table
    table = of_cases(folder / "cases.csv").table.set_index("case_id")
    columns = [c for c in alone.columns if c != "case_id"]
    pd.testing.assert_series_equal(
        alone[columns].iloc[0], table.loc[cases["case_id"], columns], check_names=False
    )


def test_the_command_and_the_extractor_agree(folder):
    cases = pd.read_csv(folder / "cases.csv").iloc[0]
    paths = folder / cases["image"], folder / cases["mask"]
    ours = of_lesion(*paths).table.iloc[0].drop("case_id").astype(float)
    pd.testing.assert_series_equal(
        ours.sort_index(), Extractor().extract(*paths).sort_index(), check_names=False
    )


def test_a_region_below_the_wanted_size_has_reasons_and_all_columns(folder, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("minimum_voxels: 1000000\n")
    found = of_cases(folder / "cases.csv", settings=settings)
    assert found.table.drop(columns="case_id").isna().all(axis=None)
    assert len(found.reasons) == found.table.drop(columns="case_id").size


def test_numbers_of_voxels_and_grey_levels_stand_beside_the_features(folder, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("filters: [{kind: original}, {kind: wavelet}]\nbin_width: 25\n")
    cases = pd.read_csv(folder / "cases.csv").iloc[0]
    found = of_lesion(
        folder / cases["image"], folder / cases["mask"], settings=settings, rings_mm=[4]
    )
    sizes = found.sizes.set_index(["region", "image"])
    assert len(sizes) == 2 * 9
    volume = found.table["tumour__original_shape_VoxelVolume"].iloc[0]
    spacing = read_image(folder / cases["image"]).grid.voxel_volume_mm3
    assert sizes.loc[("tumour", "original"), "n_voxels"] == round(volume / spacing)
    assert (sizes["n_grey_levels"] > 0).all()


def test_what_a_reader_should_know_of_a_lesion_is_its_verdict(folder, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("bin_width: 10000\n")
    cases = pd.read_csv(folder / "cases.csv").iloc[0]
    alone = of_lesion(folder / cases["image"], folder / cases["mask"], settings=settings)
    table = of_cases(folder / "cases.csv", settings=settings)
    for verdicts in (alone.verdicts, table.verdicts):
        assert set(verdicts["code"]) == {"mended"}
        assert verdicts["came"].str.contains("few grey levels").all()


def test_a_bad_row_is_a_verdict_and_the_others_are_measured(folder, tmp_path):
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    for column in ("image", "mask", "organ_mask"):
        cases[column] = [str(folder / path) for path in cases[column]]
    cases.loc[0, "image"] = "nowhere.nii.gz"
    cases.to_csv(tmp_path / "cases.csv", index=False)
    found = of_cases(tmp_path / "cases.csv")
    assert list(found.verdicts["status"] == "rejected") == [True] + [False] * (len(cases) - 1)
    assert len(found.table) == len(cases) - 1


def test_every_feature_is_listed_with_its_meaning():
    assert len(listed()) == 107
    assert all(meaning for *_, meaning in listed())


def test_a_table_is_written_by_its_ending(tmp_path):
    table = pd.DataFrame({"a": [1.5]})
    save(table, tmp_path / "t.csv")
    save(table, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "t.csv"), table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
    with pytest.raises(InputError, match=r"\.parquet or \.csv"):
        save(table, tmp_path / "t.xlsx")
