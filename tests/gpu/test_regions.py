"""Rings are drawn on a device as on the host, and come back as masks there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from radpred.backends import is_cupy
from radpred.datasets.phantom import sphere
from radpred.errors import RegionError
from radpred.image import Image, Mask
from radpred.regions import (
    core_of,
    distant_control,
    inner_rims,
    mirrored_control,
    peritumoral_ring,
    peritumoral_rings,
    tumour_with_ring,
    usable_tissue,
)

EDGES = ((0.0, 3.0), (3.0, 6.0))
NUMBER = 8  # bytes


def on(device, mask: Mask) -> Mask:
    """Return a mask whose voxels lie on a device."""
    return replace(mask, voxels=device.put(mask.voxels))


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (5.0, 0.7, 0.7), (2.5, 0.8, 0.9)])
def test_rings_of_a_device_are_those_of_the_host(spacing, device):
    tumour = sphere(9.0, spacing=spacing)
    found = peritumoral_rings(on(device, tumour), EDGES)
    for each, other in zip(found, peritumoral_rings(tumour, EDGES), strict=True):
        assert is_cupy(each.mask.voxels)
        assert (each.mask.name, each.mask.grid) == (other.mask.name, other.mask.grid)
        assert (each.kept_fraction, each.reason) == (other.kept_fraction, other.reason)
        np.testing.assert_array_equal(each.mask.voxels.get(), other.mask.voxels)


def test_a_ring_on_a_device_stays_in_an_organ_of_the_host_and_out_of_other_lesions(device):
    tumour = sphere(6.0, spacing=(2.0, 1.0, 1.0))
    organ, other = np.ones(tumour.grid.shape, dtype=bool), np.zeros_like(tumour.voxels)
    organ[: tumour.grid.shape[0] // 2] = False
    other[:, :, : tumour.grid.shape[2] // 2] = True
    beside = {
        "organ": replace(tumour, voxels=organ, name="organ"),
        "others": (replace(tumour, voxels=other, name="other"),),
    }
    expected = peritumoral_ring(tumour, outer_mm=4.0, **beside)
    found = peritumoral_ring(on(device, tumour), outer_mm=4.0, **beside)
    assert 0 < found.kept_fraction == expected.kept_fraction < 0.5
    np.testing.assert_array_equal(found.mask.voxels.get(), expected.mask.voxels)


def test_a_thin_part_that_the_smoothing_loses_is_put_back_on_a_device(device):
    tumour = sphere(6.0, spacing=(2.0, 1.0, 1.0))
    voxels = tumour.voxels.copy()
    voxels[tumour.grid.shape[0] // 2, 2, 2] = True
    tumour = replace(tumour, voxels=voxels)
    found = peritumoral_ring(on(device, tumour), outer_mm=2.0).mask
    np.testing.assert_array_equal(
        found.voxels.get(), peritumoral_ring(tumour, outer_mm=2.0).mask.voxels
    )


def test_drawing_rings_fetches_no_voxel(device):
    tumour = on(device, sphere(9.0, spacing=(2.5, 0.8, 0.9)))
    device.forget()
    peritumoral_rings(tumour, EDGES)
    assert max(device.down) <= 2 * NUMBER


def test_an_empty_mask_on_a_device_has_no_ring(device):
    tumour = sphere(4.0, spacing=(1.0, 1.0, 1.0))
    nothing = replace(tumour, voxels=device.put(np.zeros_like(tumour.voxels)))
    with pytest.raises(RegionError, match="no voxels") as raised:
        peritumoral_ring(nothing, outer_mm=2.0)
    assert raised.value.code == "empty_mask"


def test_rims_and_the_core_of_a_device_are_those_of_the_host(device):
    tumour = sphere(9.0, spacing=(2.5, 0.8, 0.9))
    found, expected = (inner_rims(mask, EDGES) for mask in (on(device, tumour), tumour))
    for each, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(each.mask.voxels.get(), other.mask.voxels)
        assert (each.kept_fraction, each.reason) == (other.kept_fraction, other.reason)
    core = core_of(on(device, tumour), found)
    np.testing.assert_array_equal(core.mask.voxels.get(), core_of(tumour, expected).mask.voxels)


def test_a_tumour_with_its_ring_is_that_of_the_host(device):
    tumour = sphere(6.0)
    found = tumour_with_ring(
        on(device, tumour), peritumoral_rings(on(device, tumour), EDGES), outer_mm=6.0
    )
    expected = tumour_with_ring(tumour, peritumoral_rings(tumour, EDGES), outer_mm=6.0)
    np.testing.assert_array_equal(found.mask.voxels.get(), expected.mask.voxels)


@pytest.mark.parametrize("control", [mirrored_control, distant_control])
def test_a_control_of_a_device_is_that_of_the_host(control, device):
    tumour = sphere(4.0, spacing=(2.0, 1.0, 1.0), margin_mm=24.0)
    tumour = replace(tumour, voxels=np.roll(tumour.voxels, 14, axis=2))
    image = Image(
        voxels=np.arange(tumour.voxels.size).reshape(tumour.voxels.shape) % 90, grid=tumour.grid
    )
    there = replace(image, voxels=device.put(image.voxels))
    expected = control(tumour, tissue=usable_tissue(image, window=(0, 80)), distance_mm=5.0)
    tissue = usable_tissue(there, window=(0, 80))
    found = control(on(device, tumour), tissue=tissue, distance_mm=5.0)
    assert 0.8 < found.kept_fraction == expected.kept_fraction < 1
    np.testing.assert_array_equal(found.mask.voxels.get(), expected.mask.voxels)
