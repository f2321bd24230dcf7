"""Habitats in numbers, by closed forms."""

import numpy as np
import pytest

from radpred.image import Grid, Image, Mask
from radpred.model.preparation.composition import composition, composition_names, entropy_bits
from radpred.segment.items import items_of
from radpred.table.bags import Bag

NZ, NY, NX = 4, 6, 8
SPACING = (3.0, 2.0, 1.0)


def bag_of(voxels, inside, spacing=SPACING):
    """Return the voxels of a region as a bag."""
    grid = Grid(shape=voxels.shape, spacing=spacing)
    items = items_of([Image(voxels=voxels, grid=grid)], Mask(voxels=inside, grid=grid))
    arrays = {name: getattr(items, name) for name in vars(items) if name != "labels"}
    return Bag(**arrays, voxel_mm3=grid.voxel_volume_mm3)


def numbers(bag, kinds, *, n=2):
    """Return the composition of a bag by column, without region and family."""
    names = composition_names(n, ["original"])
    short = [name.replace("original_habitat_", "") for name in names]
    return dict(zip(short, composition(bag, kinds, n=n), strict=True))


@pytest.fixture(scope="module")
def halves():
    """Return a box of two halves that meet in one flat border across x."""
    voxels = np.where(np.arange(NX) < NX // 2, 10.0, 30.0) * np.ones((NZ, NY, NX))
    padded = np.pad(voxels, 1)
    bag = bag_of(padded, padded > 0)
    return numbers(bag, (bag.values[:, 0] > 20).astype(int))


def test_halves_have_half_of_volume_each(halves):
    for number in (1, 2):
        assert halves[f"habitat_{number}__Fraction"] == 0.5
        assert halves[f"habitat_{number}__Volume"] == NZ * NY * NX * 6.0 / 2
        assert halves[f"habitat_{number}__NumberOfParts"] == 1
        assert halves[f"habitat_{number}__LargestPart"] == 1
        assert halves[f"habitat_{number}__SurfaceFraction"] == 0.5
    assert halves["habitats__Entropy"] == 1.0


def test_one_flat_border_has_its_share_of_all_faces(halves):
    z, y, x = SPACING
    faces = (NZ - 1) * NY * NX * y * x + NZ * (NY - 1) * NX * z * x + NZ * NY * (NX - 1) * z * y
    border = NZ * NY * z * y
    assert halves["habitat_1__BorderWith2"] == pytest.approx(border / faces, rel=1e-12)
    assert halves["habitats__BorderFraction"] == halves["habitat_1__BorderWith2"]
    assert halves["habitats__BorderEntropy"] == 0.0


def test_means_are_those_of_the_map(halves):
    assert halves["habitat_1__Mean"] == 10.0
    assert halves["habitat_2__Mean"] == 30.0


def test_a_core_in_a_shell_has_no_surface():
    voxels = np.ones((5, 5, 5))
    voxels[1:4, 1:4, 1:4] = 9.0
    bag = bag_of(np.pad(voxels, 1), np.pad(voxels, 1) > 0, (1.0, 1.0, 1.0))
    found = numbers(bag, (bag.values[:, 0] > 5).astype(int))
    assert found["habitat_2__SurfaceFraction"] == 0
    assert found["habitat_1__SurfaceFraction"] == 1
    assert found["habitat_1__BorderWith2"] == pytest.approx(54 / 300)
    assert found["habitat_2__Fraction"] == pytest.approx(27 / 125)


def test_parts_are_counted_through_faces_only():
    inside = np.zeros((3, 4, 4), dtype=bool)
    inside[1, 1, 1] = inside[1, 2, 2] = inside[1, 1, 2] = True
    bag = bag_of(np.zeros(inside.shape) + np.eye(4), inside)
    on_diagonal = (bag.values[:, 0] > 0).astype(int)
    found = numbers(bag, on_diagonal)
    assert found["habitat_2__NumberOfParts"] == 2
    assert found["habitat_2__LargestPart"] == 0.5


def test_a_habitat_that_is_not_there_has_zeros_and_no_mean():
    bag = bag_of(np.ones((3, 3, 3)), np.ones((3, 3, 3), dtype=bool))
    found = numbers(bag, np.zeros(27, dtype=int))
    for name in ("Fraction", "Volume", "NumberOfParts", "SurfaceFraction"):
        assert found[f"habitat_2__{name}"] == 0
    assert np.isnan([found["habitat_2__Mean"], found["habitat_2__LargestPart"]]).all()
    assert found["habitat_1__Fraction"] == 1
    assert found["habitats__Entropy"] == 0
    assert np.isnan(found["habitats__BorderEntropy"])


def test_one_voxel_has_no_borders():
    inside = np.zeros((3, 3, 3), dtype=bool)
    inside[1, 1, 1] = True
    found = numbers(bag_of(np.ones((3, 3, 3)), inside), np.array([1]))
    assert found["habitat_1__Fraction"] == 0
    assert found["habitat_2__Fraction"] == 1
    assert found["habitat_2__SurfaceFraction"] == 1
    assert np.isnan([found["habitat_1__BorderWith2"], found["habitats__BorderFraction"]]).all()


def test_borders_of_several_habitats_are_told_apart():
    voxels = np.repeat([1.0, 2.0, 3.0], 2) * np.ones((2, 2, 6))
    bag = bag_of(voxels, np.ones(voxels.shape, dtype=bool), (1.0, 1.0, 1.0))
    found = numbers(bag, bag.values[:, 0].astype(int) - 1, n=3)
    faces = 12 + 12 + 20
    assert found["habitat_1__BorderWith2"] == pytest.approx(4 / faces)
    assert found["habitat_1__BorderWith3"] == 0
    assert found["habitat_2__BorderWith3"] == pytest.approx(4 / faces)
    assert found["habitats__BorderEntropy"] == 1.0


def test_the_entropy_of_nothing_is_no_number():
    assert np.isnan(entropy_bits(np.zeros(3)))
