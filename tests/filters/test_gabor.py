"""Gabor's filter is the formula of IBSI 2, in slices and around the circle."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from radpred.filters import GaborWave, gabor, gabor_name
from radpred.image import Grid, Image


def made(voxels, spacing=(1.0, 1.0, 1.0)):
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def modulus(plane, wave, theta_deg, spacing):
    """Return the response of one slice to IBSI 2's formula, far from the border."""
    theta, places = np.deg2rad(theta_deg), np.arange(-40, 41)
    y, x = np.meshgrid(places * spacing[0], places * spacing[1], indexing="ij")
    along = x * np.cos(theta) + y * np.sin(theta)
    across = -x * np.sin(theta) + y * np.cos(theta)
    width = 2 * wave.sigma_mm**2
    weights = np.exp(
        -(along**2 + wave.gamma**2 * across**2) / width + 2j * np.pi * along / wave.lambda_mm
    )
    return np.abs(signal.fftconvolve(plane, weights, mode="same"))


@pytest.mark.parametrize("theta_deg", [0.0, 60.0, 225.0, -10.0])
@pytest.mark.parametrize("gamma", [0.5, 2.5])
def test_a_wave_runs_from_x_towards_y_in_axial_slices(rng, theta_deg, gamma):
    voxels, spacing = rng.normal(size=(3, 30, 40)), (5.0, 1.0, 1.5)
    wave = GaborWave(sigma_mm=3.0, lambda_mm=4.0, gamma=gamma, theta_deg=theta_deg)
    found = gabor(made(voxels, spacing), wave=wave, beyond="zero").voxels
    for number in range(3):
        expected = modulus(voxels[number], wave, theta_deg, spacing[1:])
        np.testing.assert_allclose(found[number], expected, rtol=0, atol=1e-6 * expected.max())


@pytest.mark.parametrize(("pooling", "pool"), [("mean", np.mean), ("max", np.max)])
def test_responses_around_the_circle_are_pooled_and_those_of_planes_averaged(rng, pooling, pool):
    voxels = rng.normal(size=(11, 12, 13))
    wave = GaborWave(sigma_mm=2.0, lambda_mm=3.0, gamma=0.7, theta_step_deg=30.0)
    planes = []
    for axis in range(3):
        slices = [
            pool([modulus(plane, wave, theta, (1.0, 1.0)) for theta in range(0, 360, 30)], axis=0)
            for plane in np.moveaxis(voxels, axis, 0)
        ]
        planes.append(np.moveaxis(np.array(slices), 0, axis))
        found = gabor(made(voxels), wave=wave, pooling=pooling, beyond="zero", flat_axis=axis)
        np.testing.assert_allclose(found.voxels, planes[-1], rtol=1e-5)
    found = gabor(made(voxels), wave=wave, pooling=pooling, beyond="zero")
    np.testing.assert_allclose(found.voxels, np.mean(planes, axis=0), rtol=1e-5)


def test_a_wave_as_long_as_that_of_the_image_responds_most():
    x = np.arange(60.0)
    voxels = np.broadcast_to(np.cos(2 * np.pi * x / 6), (1, 60, 60))
    responses = [
        gabor(made(voxels), wave=GaborWave(sigma_mm=6, lambda_mm=length)).voxels[0, 30, 30]
        for length in (4, 5, 6, 7, 8)
    ]
    assert int(np.argmax(responses)) == 2


@pytest.mark.parametrize("step", [120.0, 72.0, 40.0])
def test_steps_that_meet_no_opposite_direction_all_count(step):
    wave = GaborWave(sigma_mm=1, lambda_mm=1, theta_step_deg=step)
    assert len(wave.thetas_deg) == round(360 / step)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"theta_deg": 225.0}, "gabor-sigma-5-lambda-2-gamma-1-5-theta-45"),
        ({"theta_step_deg": 22.5}, "gabor-sigma-5-lambda-2-gamma-1-5-step-22-5-mean"),
        (
            {"theta_deg": 10.0, "theta_step_deg": 45.0},
            "gabor-sigma-5-lambda-2-gamma-1-5-theta-10-step-45-mean",
        ),
    ],
)
def test_the_name_tells_waves_apart(options, name):
    assert gabor_name(GaborWave(sigma_mm=5.0, lambda_mm=2.0, gamma=1.5, **options)) == name
