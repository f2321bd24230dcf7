"""Maps of a region on each image: where they lie, what they hold, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import InputError, RegionError, SettingsError
from radpred.pipeline.measuring import maps
from radpred.pipeline.measuring.maps import feature_maps, map_names

SHAPE = (10, 12, 14)
CHOSEN = {
    "families": ["firstorder", "glcm"],
    "features": {"firstorder": ["Mean", "Maximum"], "glcm": ["JointEntropy"]},
}


@pytest.fixture
def image(rng):
    return noise_box(SHAPE, rng=rng)


@pytest.fixture
def region():
    return cuboid(SHAPE, start=(3, 4, 5), stop=(7, 8, 9))


def test_a_map_of_the_mean_is_the_mean_of_each_cube(image, region):
    found = {m.name: m for m in feature_maps(image, region, extraction_settings(CHOSEN))}
    mean = found["original_firstorder_Mean"].image
    z, y, x = (3 - 2, 4 - 3, 5 - 4)  # the map begins one voxel before the region
    inside = image.voxels[4:7, 5:8, 6:9]
    place = np.array([5, 6, 7]) - [z + 1, y + 2, x + 3]
    assert mean.voxels[tuple(place)] == pytest.approx(inside.mean(), rel=1e-6)


def test_a_map_is_missing_outside_the_region_and_lies_where_the_scan_lies(image, region):
    found = next(iter(feature_maps(image, region, extraction_settings(CHOSEN))))
    assert (np.isnan(found.image.voxels) == ~found.region.voxels).all()
    assert found.image.grid.origin == tuple(image.grid.to_world(np.array([2, 3, 4])))
    assert found.n_missing == 0


def test_every_image_has_its_maps_and_shape_none(image, region):
    settings = extraction_settings(
        {
            **CHOSEN,
            "families": ["shape", "firstorder", "glcm"],
            "filters": [{"kind": "original"}, {"kind": "square"}],
        }
    )
    names = [m.name for m in feature_maps(image, region, settings)]
    assert names == [
        f"{image}_{key}"
        for image in ("original", "square")
        for key in ("firstorder_Maximum", "firstorder_Mean", "glcm_JointEntropy")
    ]


def test_unmasked_cubes_reach_out_of_the_region(image, region):
    masked, unmasked = (
        next(
            iter(
                feature_maps(
                    image,
                    region,
                    extraction_settings({**CHOSEN, "voxel": {"masked_kernel": is_masked}}),
                )
            )
        )
        for is_masked in (True, False)
    )
    assert (unmasked.values >= masked.values).all() and (unmasked.values > masked.values).any()


def test_progress_is_told(image, region):
    told = []
    list(feature_maps(image, region, extraction_settings(CHOSEN), told=lambda *n: told.append(n)))
    assert told[-1] == ("original", region.n_voxels, region.n_voxels)


def test_an_empty_region_is_refused_by_its_reason(image, region):
    empty = replace(region, voxels=np.zeros(SHAPE, dtype=bool))
    with pytest.raises(RegionError, match="empty") as caught:
        list(feature_maps(image, empty, extraction_settings(CHOSEN)))
    assert caught.value.code == "empty"


def test_maps_that_would_not_fit_are_refused_before_they_are_made(image, region, monkeypatch):
    monkeypatch.setattr(maps, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="choose fewer features"):
        list(feature_maps(image, region, extraction_settings(CHOSEN)))


def test_a_map_says_where_in_the_whole_scan_it_lies(image, region):
    found = next(iter(feature_maps(image, region, extraction_settings(CHOSEN))))
    np.testing.assert_array_equal(found.scan.voxels, image.voxels)
    np.testing.assert_array_equal(region.voxels[found.box], found.region.voxels)


def test_maps_of_an_image_with_too_many_levels_are_missing_for_that_reason(image, region):
    settings = extraction_settings({**CHOSEN, "bin_width": 1e-4})
    for found in feature_maps(image, region, settings):
        assert found.reasons == {"too_many_grey_levels": region.n_voxels}
        assert "use bin_width=" in found.notes[-1]
        assert found.n_missing == region.n_voxels


def test_a_voxel_outside_the_region_that_is_not_finite_spoils_what_a_filter_makes_of_it(
    image, region
):
    image.voxels[2, 4, 5] = np.nan  # beside the region's first voxel
    settings = extraction_settings(
        {**CHOSEN, "filters": [{"kind": "original"}, {"kind": "gradient"}]}
    )
    found = {m.name: m.reasons for m in feature_maps(image, region, settings)}
    assert found["original_firstorder_Mean"] == {}
    assert found["gradient_firstorder_Mean"] == {"non_finite_voxels": 8}


def test_notes_on_the_region_come_with_the_maps(image, region):
    settings = extraction_settings({**CHOSEN, "resegment_range": [90, 110]})
    assert "became" in next(iter(feature_maps(image, region, settings))).notes[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"families": ["shape"]}, "name another family"),
        ({"engine": "pyradiomics"}, "engine: native"),
        ({"families": ["glcm"], "features": {"glcm": ["Contrasts"]}}, "Contrasts"),
    ],
)
def test_settings_that_give_no_maps_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        map_names(extraction_settings(given))
