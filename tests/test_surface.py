"""The surface between the voxels, held against a sphere's."""

import numpy as np
import pytest

from radpred.datasets.phantom import sphere
from radpred.surface import Lattice, distance_to_faces, distances_to, level_of, surface_points


@pytest.fixture(params=[(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (5.0, 0.7, 0.7)])
def found(request):
    """Return points and normals of a sphere of 12 mm, its lattice, and where its centre lies."""
    spacing = request.param
    voxels = sphere(12.0, spacing=spacing, margin_mm=4 * max(spacing)).voxels
    lattice = Lattice.within(spacing)
    points, normals = surface_points(level_of(voxels, lattice), lattice.spacing)
    centre = (np.array(voxels.shape) * lattice.factors - 1) / 2 * lattice.spacing
    return points, normals, lattice, centre


def test_points_lie_on_the_sphere_and_normals_point_outwards(found):
    points, normals, _, centre = found
    out = points - centre
    assert np.linalg.norm(out, axis=1).mean() == pytest.approx(12, rel=0.01)
    assert (out * normals).sum(axis=1).min() > 0


@pytest.mark.parametrize("radius", [6.0, 11.0, 13.0, 17.0])
def test_distances_are_to_the_sphere_and_negative_inside(found, radius, rng):
    points, normals, lattice, centre = found
    ways = rng.normal(size=(200, 3))
    places = centre + radius * ways / np.linalg.norm(ways, axis=1, keepdims=True)
    distances = distances_to(places, points, normals, spacing=lattice.spacing)
    assert distances.mean() == pytest.approx(radius - 12, abs=0.3)


def test_distances_to_the_faces_of_a_box_are_counted_from_between_the_voxels():
    voxels = np.zeros((9, 9, 9), dtype=bool)
    voxels[3:6, 3:6, 3:6] = True
    line = distance_to_faces(voxels, (2.0, 2.0, 2.0))[4, 4]
    assert line.tolist() == [5, 3, 1, -1, -3, -1, 1, 3, 5]
