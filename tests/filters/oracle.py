"""PyRadiomics' own image types, made live on a whole image."""

from __future__ import annotations

import logging
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import scipy
import SimpleITK as sitk

from radpred.image import Grid, Image


def made(voxels, spacing=(1.0, 1.0, 1.0)):
    """Return an image of voxels."""
    return Image(voxels=voxels, grid=Grid(shape=voxels.shape, spacing=spacing))


def by_pyradiomics(image_type, voxels, spacing=(1.0, 1.0, 1.0), **settings):
    """Return name -> response of the function ``get<image_type>Image``."""
    operations = pytest.importorskip("radiomics.imageoperations", reason="needs PyRadiomics")
    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    image, mask = sitk.GetImageFromArray(voxels), sitk.GetImageFromArray(np.ones(voxels.shape))
    image.SetSpacing(spacing[::-1])
    make = getattr(operations, f"get{image_type}Image")
    found = {
        name: sitk.GetArrayFromImage(response)
        for response, name, _ in make(image, mask, **settings)
    }
    assert found, "PyRadiomics lacks what this image type needs"
    return found


def with_old_scipy(monkeypatch):
    """Give PyRadiomics what it takes from SciPy for LBP3D, and what SciPy 1.17 no longer has."""
    monkeypatch.setattr(scipy.special, "sph_harm", spherical_harmonic, raising=False)
    interpolation = SimpleNamespace(map_coordinates=scipy.ndimage.map_coordinates)
    monkeypatch.setitem(sys.modules, "scipy.ndimage.interpolation", interpolation)


def spherical_harmonic(order, degree, azimuth, polar):
    """Return the spherical harmonic by its definition, with the phase of Condon and Shortley."""
    m = abs(order)
    ratio = math.factorial(degree - m) / math.factorial(degree + m)
    length = math.sqrt((2 * degree + 1) / (4 * math.pi) * ratio)
    legendre = scipy.special.lpmv(m, degree, np.cos(polar))
    harmonic = length * legendre * np.exp(1j * m * azimuth)
    return harmonic if order >= 0 else (-1) ** m * np.conj(harmonic)
