"""A case on a card: the values of the host, one way there, and the host where the card is full."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from radpred.backends import find_device
from radpred.cohort import Case
from radpred.config import ExtractionSettings, StudySettings
from radpred.config.study import OutcomeSettings, RegionSettings
from radpred.image import Grid, Image, Mask
from radpred.io import to_sitk
from radpred.pipeline.images.responses import responses
from radpred.pipeline.measuring.engine import CARD_IS_FULL
from radpred.pipeline.measuring.extract import Extractor, extract_regions
from radpred.pipeline.measuring.measure import measure

CARD = "Made-up card"
SHAPE = (14, 22, 24)
GRID = Grid(shape=SHAPE, spacing=(2.5, 0.9, 0.9), origin=(-11.7, 8.2, 90.1))
SETTINGS = {
    "as it came": {"filters": [{"kind": "original"}, {"kind": "wavelet"}]},
    "resampled": {
        "resample_mm": (1.5, 1.5, 1.5),
        "filters": [{"kind": "original"}, {"kind": "laplacian_of_gaussian", "sigma_mm": [2]}],
    },
    "resegmented": {"resegment_range": (-40, 120), "bin_width": 10},
    "slices": {"force_2d": "z", "normalise": True, "normalise_scale": 100, "bin_width": 5},
    "excluding": {"non_finite": "exclude", "crop_before_filters": True},
    "by ibsi": {"convention": "ibsi", "resample_mm": (2, 1, 1), "resegment_range": (-300, 300)},
}


def made(rng, kind=np.float64) -> tuple[Image, Mask]:
    """Return an image that varies slowly, and a tumour."""
    z, y, x = np.ogrid[:14, :22, :24]
    voxels = 60 * np.sin(x / 3) + 40 * np.cos(y / 4) + 9 * z + rng.normal(0, 12, SHAPE)
    inside = ((z - 6) / 5) ** 2 + ((y - 10) / 7) ** 2 + ((x - 12) / 8) ** 2 <= 1
    return Image(voxels=voxels.astype(kind), grid=GRID), Mask(voxels=inside, grid=GRID)


def on(device, image: Image) -> Image:
    """Return an image whose voxels lie on a device."""
    return replace(image, voxels=device.put(image.voxels))


def assert_same(found, expected):
    """Assert that values and reasons are the same but for the order of sums."""
    assert list(found.values) == list(expected.values)
    assert found.reasons == expected.reasons
    assert found.sizes == expected.sizes
    assert found.volumes_mm3 == expected.volumes_mm3
    np.testing.assert_allclose(
        list(found.values.values()), list(expected.values.values()), rtol=1e-9, atol=1e-12
    )


@pytest.fixture
def study(tmp_path):
    """Return the settings of a study with rings, which only measures."""
    return StudySettings(
        name="features",
        outcome=OutcomeSettings(column="none"),
        regions=RegionSettings(rings_mm=(3.0,)),
        extraction=ExtractionSettings(
            filters=({"kind": "original"}, {"kind": "gradient"}, {"kind": "wavelet"})
        ),
    )


@pytest.fixture
def case(tmp_path, rng):
    """Return a case of files."""
    image, mask = made(rng)
    sitk.WriteImage(to_sitk(image), str(tmp_path / "image.nii.gz"))
    sitk.WriteImage(to_sitk(mask), str(tmp_path / "mask.nii.gz"))
    return Case(
        case_id="a",
        patient_id="a",
        images={"": str(tmp_path / "image.nii.gz")},
        masks={"": str(tmp_path / "mask.nii.gz")},
        mask_label="",
        box=None,
        organ_mask=None,
        site="",
    )


@pytest.mark.parametrize("kind", [np.float64, np.int16])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_case_on_a_card_has_the_values_of_the_host(name, kind, device, rng):
    image, tumour = made(rng, kind)
    if name == "excluding" and kind == np.float64:
        image.voxels[6, 10, 12] = np.nan
    settings = ExtractionSettings(**SETTINGS[name])
    expected = extract_regions(image, {"tumour": tumour}, settings)
    found = extract_regions(on(device, image), {"tumour": tumour}, settings)
    assert_same(found, expected)
    assert found.notes == expected.notes
    assert (found.device, expected.device) == (CARD, "cpu")


def test_an_image_goes_to_the_card_once_and_no_response_comes_back(case, study, device):
    n_bytes = 8 * int(np.prod(SHAPE))
    measured = measure(case, study, device=find_device("auto"))
    assert [size for size in device.up if size >= n_bytes] == [n_bytes]
    assert max(device.down) < n_bytes
    assert {row["device"] for row in measured.sizes} == {CARD}


def test_a_case_of_files_has_on_a_card_the_values_of_the_host(case, study, device):
    found, expected = measure(case, study, device=find_device("gpu")), measure(case, study)
    assert found.values == pytest.approx(expected.values, rel=1e-9, abs=1e-12, nan_ok=True)
    assert found.regions == expected.regions
    assert found.notes == expected.notes


def test_a_card_without_room_leaves_a_case_to_the_host_and_says_so(case, study, device):
    card = find_device("auto")
    device.memory.total = 1000
    found, expected = measure(case, study, device=card), measure(case, study)
    assert {row["device"] for row in found.sizes} == {"cpu"}
    assert found.values == pytest.approx(expected.values, nan_ok=True)
    assert found.notes[-1].endswith(CARD_IS_FULL)


def test_a_card_that_fills_up_leaves_a_case_to_the_host_and_says_so(device, rng):
    image, tumour = made(rng)
    on_card = on(device, image)
    device.memory.total = device.memory.used + 20_000
    settings = ExtractionSettings()
    found = extract_regions(on_card, {"tumour": tumour}, settings)
    assert_same(found, extract_regions(image, {"tumour": tumour}, settings))
    assert found.device == "cpu"
    assert found.notes[-1] == f"original: {CARD_IS_FULL}"


@pytest.mark.parametrize(
    "filters",
    [
        {"kind": "wavelet"},
        {"kind": "laplacian_of_gaussian"},
        {"kind": "local_binary_pattern_2d"},
        {"kind": "exponential"},
        {"kind": "mean"},
    ],
    ids=lambda given: given["kind"],
)
def test_a_filter_that_does_not_fit_is_applied_slab_by_slab(filters, device, rng):
    image, _ = made(rng)
    settings = ExtractionSettings(filters=(filters,))
    on_card, box = on(device, image), (slice(1, 13), slice(2, 21), slice(0, 23))
    expected = [response.image for response in responses(image, box, settings)]
    used = device.memory.used
    assert all(response.image for response in responses(on_card, box, settings))
    device.memory.total = used + 0.8 * (device.memory.peak - used)
    for response, whole in zip(responses(on_card, box, settings), expected, strict=True):
        found = response.image
        assert (found.name, found.grid, found.steps) == (whole.name, whole.grid, whole.steps)
        np.testing.assert_allclose(found.voxels.get(), whole.voxels, rtol=1e-6, atol=1e-6)


def test_memory_that_the_host_lacks_is_an_error(device, rng, monkeypatch):
    def full(*given):
        raise MemoryError

    monkeypatch.setattr("radpred.pipeline.measuring.engine.prepare", full)
    image, tumour = made(rng)
    with pytest.raises(MemoryError):
        extract_regions(image, {"tumour": tumour}, ExtractionSettings())


def test_pyradiomics_gets_its_case_on_the_host(device, rng, monkeypatch):
    given = []

    def measured(image, regions, settings, wanted):
        from radpred.pipeline.images.scenes import Prepared

        given.extend([image, *regions.values()])
        return Prepared(n_voxels=dict.fromkeys(regions, 1)), []

    monkeypatch.setattr("radpred.pipeline.measuring.engine.measured_by_pyradiomics", measured)
    image, tumour = made(rng)
    found = extract_regions(
        on(device, image), {"tumour": tumour}, ExtractionSettings(engine="pyradiomics")
    )
    assert all(isinstance(each.voxels, np.ndarray) for each in given)
    assert found.device == "cpu"


def test_the_extractor_says_where_it_measured(device, rng):
    image, tumour = made(rng)
    extractor = Extractor({"families": ["firstorder"]})
    assert extractor.extract(on(device, image), tumour).attrs["device"] == CARD
    assert extractor.extract(image, tumour).attrs["device"] == "cpu"


def test_maps_are_made_of_filters_on_a_card(device, rng):
    image, tumour = made(rng)
    extractor = Extractor({"families": ["firstorder"], "filters": [{"kind": "gradient"}]})
    found = list(extractor.maps(on(device, image), tumour))
    for each, other in zip(found, extractor.maps(image, tumour), strict=True):
        assert isinstance(each.scan.voxels, np.ndarray)
        np.testing.assert_allclose(each.image.voxels, other.image.voxels, rtol=1e-5)
