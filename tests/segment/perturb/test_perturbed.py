"""One case drawn anew, of every kind."""

import numpy as np
import pytest

from radpred.datasets.phantom import sphere
from radpred.errors import GeometryError, RegionError, SettingsError
from radpred.image import AxisOrder, Grid, Image, Mask
from radpred.segment.perturb import Perturbation, perturbed

KINDS = {
    "translation": Perturbation(translation_mm=4.0),
    "rotation": Perturbation(rotation_degrees=40.0),
    "growth": Perturbation(growth_mm=3.0),
    "contour": Perturbation(contour=True),
    "noise": Perturbation(noise=1.0),
    "dice": Perturbation(wanted_dice=0.8),
    "all": Perturbation(
        translation_mm=2.0, rotation_degrees=10.0, growth_mm=1.0, contour=True, noise=0.5
    ),
}


@pytest.fixture
def case(rng):
    """Return an egg in a noisy image, on voxels of 2 x 1 x 1 mm."""
    grid = Grid(shape=(26, 48, 44), spacing=(2.0, 1.0, 1.0), origin=(-20.0, 11.0, 300.0))
    z, y, x = np.moveaxis(grid.to_world(np.moveaxis(np.indices(grid.shape), 0, -1)), -1, 0)[::-1]
    far = ((z - 326) / 13) ** 2 + ((y - 33) / 9) ** 2 + ((x - 1) / (11 + (y - 33) / 6)) ** 2
    voxels = np.where(far < 1, 80.0, 20.0) + rng.normal(0, 5, grid.shape)
    return Image(voxels=voxels, grid=grid), Mask(voxels=far < 1, grid=grid)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_state_gives_the_same_case_and_another_state_another(kind, case):
    one, same, other = (
        perturbed(*case, KINDS[kind], rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert (one[0].voxels == same[0].voxels).all()
    assert (one[1].voxels == same[1].voxels).all()
    differs = (one[0].voxels != other[0].voxels).any() or (one[1].voxels != other[1].voxels).any()
    assert differs


@pytest.mark.parametrize("kind", KINDS)
def test_grids_stay_and_inputs_are_left_alone(kind, case, rng):
    image, mask = case
    before = image.voxels.copy(), mask.voxels.copy()
    new_image, new_mask = perturbed(image, mask, KINDS[kind], rng=rng)
    assert new_image.grid == image.grid
    assert new_mask.grid == mask.grid
    assert (image.voxels == before[0]).all()
    assert (mask.voxels == before[1]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_steps_say_what_was_done(kind, case, rng):
    image, mask = perturbed(*case, KINDS[kind], rng=rng)
    words = {
        "translation": "moved by",
        "rotation": "turned by",
        "growth": "grown by",
        "contour": "supervoxels",
        "noise": "noise of",
        "dice": "Dice",
        "all": "turned by",
    }
    assert words[kind] in " ".join([*image.steps, *mask.steps])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("axes", "flipped"), [((2, 0, 1), (True, False, False)), ((1, 0, 2), (False, True, True))]
)
def test_files_that_store_the_axes_otherwise_give_the_same(kind, axes, flipped, case):
    image, mask = case
    order = AxisOrder(axes=axes, flipped=flipped)
    grid = order.grid(image.grid)
    stored = (
        Image(voxels=order.applied(image.voxels), grid=grid),
        Mask(voxels=order.applied(mask.voxels), grid=grid),
    )
    plain = perturbed(image, mask, KINDS[kind], rng=np.random.default_rng(5))
    other = perturbed(*stored, KINDS[kind], rng=np.random.default_rng(5))
    assert order.undone(other[0].voxels) == pytest.approx(plain[0].voxels)
    n_off = (order.undone(other[1].voxels) != plain[1].voxels).sum()
    assert n_off <= 2  # a place within rounding errors of the cut


def test_only_noise_changes_the_image(case, rng):
    image, mask = case
    assert perturbed(image, mask, KINDS["growth"], rng=rng)[0] is image
    assert perturbed(image, mask, KINDS["noise"], rng=rng)[1] is mask


def test_nothing_asked_for_changes_nothing(case, rng):
    image, mask = perturbed(*case, Perturbation(), rng=rng)
    assert image is case[0]
    assert mask is case[1]


def test_translations_are_as_far_as_asked_and_of_all_directions(case):
    image, mask = case
    here = mask.grid.to_world(np.argwhere(mask.voxels).mean(axis=0))
    moves = []
    for seed in range(30):
        after = perturbed(image, mask, KINDS["translation"], rng=np.random.default_rng(seed))[1]
        moves.append(mask.grid.to_world(np.argwhere(after.voxels).mean(axis=0)) - here)
    lengths = np.linalg.norm(moves, axis=1)
    assert lengths.max() < 4.2
    assert lengths.max() > 3
    assert (np.min(moves, axis=0) < -1).all()
    assert (np.max(moves, axis=0) > 1).all()


def test_growth_goes_both_ways(case):
    image, mask = case
    sizes = [
        perturbed(image, mask, KINDS["growth"], rng=np.random.default_rng(s))[1].n_voxels
        for s in range(12)
    ]
    assert min(sizes) < mask.n_voxels < max(sizes)


def test_a_mask_at_the_edge_is_cut_and_does_not_come_in_again():
    whole = sphere(10.0)
    box = tuple(slice(10, n) for n in whole.grid.shape)
    mask = Mask(voxels=whole.voxels[box], grid=whole.grid.cropped(box))
    image = Image(voxels=np.zeros(mask.grid.shape), grid=mask.grid)
    for seed in range(8):
        after = perturbed(image, mask, KINDS["translation"], rng=np.random.default_rng(seed))[1]
        assert not after.voxels[-2:].any()


def test_a_mask_that_is_shrunk_to_nothing_is_an_error():
    mask = sphere(2.0)
    image = Image(voxels=np.zeros(mask.grid.shape), grid=mask.grid)
    with pytest.raises(RegionError, match="nothing is left") as error:
        for seed in range(20):
            perturbed(image, mask, Perturbation(growth_mm=9.0), rng=np.random.default_rng(seed))
    assert error.value.code == "perturbed_away"


def test_an_empty_mask_is_an_error(case, rng):
    image, mask = case
    empty = Mask(voxels=np.zeros_like(mask.voxels), grid=mask.grid)
    with pytest.raises(RegionError) as error:
        perturbed(image, empty, KINDS["growth"], rng=rng)
    assert error.value.code == "empty"


def test_a_mask_on_another_grid_is_an_error(case, rng):
    with pytest.raises(GeometryError, match="resample the mask"):
        perturbed(case[0], sphere(5.0), KINDS["growth"], rng=rng)


@pytest.mark.parametrize(
    "wrong",
    [
        {"translation_mm": -1.0},
        {"growth_mm": float("nan")},
        {"noise": float("inf")},
        {"wanted_dice": 1.0},
        {"wanted_dice": 0.0},
        {"wanted_dice": 0.9, "growth_mm": 1.0},
        {"wanted_dice": 0.9, "contour": True},
    ],
)
def test_sizes_that_mean_nothing_are_refused(wrong):
    with pytest.raises(SettingsError, match="wanted"):
        Perturbation(**wrong)
