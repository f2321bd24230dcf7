"""From scans to habitats and back: planted phases are found, for every way to find them."""

import numpy as np
import pytest
from pydantic import ValidationError

import radpred
from radpred.config import extraction_settings
from radpred.config.study import HabitatSettings
from radpred.datasets import phased_tumour
from radpred.errors import RegionError, SettingsError
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.habitats import fit_habitats
from radpred.pipeline.measuring.pieces import check_maps, pieces_of
from radpred.segment.agreement import dice

# By voxel, by supervoxel; least Dice of the phases: the middle one is a thin sheet between two.
WAYS = [
    ({"method": "kmeans", "most_voxels": 9000}, (0.95, 0.9, 0.95)),
    ({"method": "gmm", "most_voxels": 9000}, (0.95, 0.9, 0.95)),
    ({"method": "kmeans"}, (0.93, 0.9, 0.93)),
    ({"method": "kmeans", "scaling": "case"}, (0.9, 0.85, 0.9)),
    ({"method": "kmeans", "supervoxels": 400}, (0.85, 0.75, 0.85)),
]


def tumours(n, *, seed=0, **kwargs):
    """Return made tumours with planted phases."""
    rng = np.random.default_rng(seed)
    return [phased_tumour(rng, noise=6.0, **kwargs) for _ in range(n)]


def pairs(made):
    return [(one.image, one.tumour) for one in made]


def phase(one, number):
    """Return where a made tumour has one of its phases."""
    return Mask(voxels=one.phases == number, grid=one.image.grid)


@pytest.mark.parametrize(("how", "least"), WAYS)
def test_planted_phases_are_found_in_tumours_that_were_not_fitted(how, least):
    made = tumours(6)
    found = fit_habitats(pairs(made[:4]), n=3, **how)
    for one in made[4:]:
        masks = found.map(one.image, one.tumour).masks
        for number, wanted in enumerate(least, start=1):
            assert dice(masks[f"habitat_{number}"], phase(one, number)) > wanted


def test_two_phases_are_found_as_two():
    made = tumours(4, shares=(0.25, 0.75), intensities=(20.0, 90.0))
    found = fit_habitats(pairs(made[:3]), n=2, most_voxels=9000)
    masks = found.map(made[3].image, made[3].tumour).masks
    assert list(masks) == ["habitat_1", "habitat_2"]
    assert dice(masks["habitat_1"], phase(made[3], 1)) > 0.98
    features = found.features(made[3].image, made[3].tumour)
    assert features["habitat_1__original_habitat_Fraction"] == pytest.approx(0.25, abs=0.01)
    assert features["habitat_2__original_habitat_Mean"] == pytest.approx(90.0, abs=1.0)


def test_a_tumour_of_one_phase_has_it_alone_and_the_same_columns():
    made = tumours(3)
    found = fit_habitats(pairs(made), n=3)
    single = phased_tumour(np.random.default_rng(9), shares=(1.0,), intensities=(140.0,), noise=1.0)
    whole = found.features(made[0].image, made[0].tumour)
    alone = found.features(single.image, single.tumour)
    assert whole.index.tolist() == alone.index.tolist()
    assert alone["habitat_3__original_habitat_Fraction"] == 1
    assert alone["habitat_1__original_habitat_Fraction"] == 0
    assert np.isnan(alone["habitat_1__original_habitat_Mean"])


def test_one_voxel_and_flat_tumours_have_their_shares():
    found = fit_habitats(pairs(tumours(3)), n=3)
    grid = Grid(shape=(5, 5, 5))
    flat = Image(voxels=np.full(grid.shape, 61.0), grid=grid)
    one = np.zeros(grid.shape, dtype=bool)
    one[2, 2, 2] = True
    for inside in (one, np.ones(grid.shape, dtype=bool)):
        features = found.features(flat, Mask(voxels=inside, grid=grid))
        assert features["habitat_1__original_habitat_Fraction"] == 1
        assert features["habitats__original_habitat_Entropy"] == 0


def test_the_map_lies_on_the_grid_of_the_scan_and_fills_the_tumour():
    made = tumours(2)
    mapped = fit_habitats(pairs(made)).map(made[0].image, made[0].tumour)
    assert mapped.labels.grid == made[0].image.grid
    assert np.array_equal(mapped.labels.voxels > 0, made[0].tumour.voxels)


def test_a_mirrored_patient_has_the_same_habitats_in_numbers():
    made = tumours(2)
    found = fit_habitats(pairs(made), most_voxels=9000)
    one = made[0]
    mirrored = [
        type(each)(voxels=np.ascontiguousarray(each.voxels[:, ::-1, ::-1]), grid=each.grid)
        for each in (one.image, one.tumour)
    ]
    np.testing.assert_allclose(
        found.features(*mirrored), found.features(one.image, one.tumour), rtol=1e-6
    )


def test_maps_of_filters_describe_voxels_too():
    made = tumours(3)
    settings = {
        "filters": [{"kind": "original"}, {"kind": "laplacian_of_gaussian", "sigma_mm": [2.0]}]
    }
    name = "log-sigma-2-0-mm-3D"
    found = fit_habitats(pairs(made), settings=settings, n=2, maps=("original", name))
    features = found.features(made[0].image, made[0].tumour)
    assert f"habitat_1__{name}_habitat_Mean" in features.index
    responses = radpred.Extractor({**settings, "families": ["firstorder"]}).extract(
        made[0].image, made[0].tumour
    )
    shares = [features[f"habitat_{k}__original_habitat_Fraction"] for k in (1, 2)]
    means = [features[f"habitat_{k}__{name}_habitat_Mean"] for k in (1, 2)]
    whole = responses[f"tumour__{name}_firstorder_Mean"]
    assert np.dot(shares, means) == pytest.approx(whole, abs=1e-4)


def test_a_map_that_is_not_made_is_refused_by_name():
    settings = HabitatSettings(maps=("original", "wavelet-LLL"))
    with pytest.raises(SettingsError, match="wavelet-LLL; the extraction makes original"):
        check_maps(settings, extraction_settings({"filters": [{"kind": "original"}]}))


def test_a_map_that_is_named_twice_is_refused():
    with pytest.raises(ValidationError, match="named twice"):
        HabitatSettings(maps=("original", "original"))


def test_resampling_changes_the_grid_and_keeps_the_phases():
    made = tumours(3, shares=(0.5, 0.5), intensities=(0.0, 100.0))
    settings = {"resample_mm": [2, 2, 2], "interpolator": "linear"}
    mapped = fit_habitats(pairs(made), settings=settings, n=2).map(made[0].image, made[0].tumour)
    assert mapped.labels.grid.spacing == (2.0, 2.0, 2.0)
    assert mapped.features["habitat_1__original_habitat_Fraction"] == pytest.approx(0.5, abs=0.05)


def test_a_tumour_that_cannot_be_measured_says_why():
    made = tumours(1)[0]
    voxels = made.image.voxels.copy()
    voxels[made.tumour.voxels] = np.nan
    gap = Image(voxels=voxels, grid=made.image.grid)
    with pytest.raises(RegionError) as caught:
        pieces_of(gap, made.tumour, HabitatSettings(), extraction_settings(None))
    assert caught.value.code == "non_finite_voxels"


def test_a_picture_of_one_slice_has_habitats():
    grid = Grid(shape=(1, 12, 12))
    voxels = np.zeros(grid.shape)
    voxels[:, :, 6:] = 50.0
    inside = np.zeros(grid.shape, dtype=bool)
    inside[:, 2:10, 2:10] = True
    scan, tumour = Image(voxels=voxels, grid=grid), Mask(voxels=inside, grid=grid)
    features = fit_habitats([(scan, tumour)], n=2).features(scan, tumour)
    assert features["habitat_1__original_habitat_BorderWith2"] == pytest.approx(8 / 112)
