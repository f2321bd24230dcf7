"""The array says which library runs."""

from __future__ import annotations

import sys
from types import ModuleType

import array_api_strict
import numpy as np
import pytest
import scipy.fft
import scipy.ndimage

from radpred.backends import array_namespace, fft_of, ndimage_of


class OnDevice:
    """Stands for an array that CuPy holds."""

    __module__ = "cupy._core.core"


@pytest.fixture
def cupy(monkeypatch):
    """Put empty modules in the place of CuPy's."""
    for name in ("cupy", "cupyx", "cupyx.scipy", "cupyx.scipy.fft", "cupyx.scipy.ndimage"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["cupyx"].scipy = sys.modules["cupyx.scipy"]
    sys.modules["cupyx.scipy"].fft = sys.modules["cupyx.scipy.fft"]
    sys.modules["cupyx.scipy"].ndimage = sys.modules["cupyx.scipy.ndimage"]
    return sys.modules


def test_a_numpy_array_goes_with_numpy():
    assert array_namespace(np.zeros(2)) is np
    assert ndimage_of(np.zeros(2)) is scipy.ndimage
    assert fft_of(np.zeros(2)) is scipy.fft


def test_an_array_on_a_gpu_goes_with_cupy(cupy):
    assert array_namespace(OnDevice()) is cupy["cupy"]
    assert ndimage_of(OnDevice()) is cupy["cupyx.scipy.ndimage"]
    assert fft_of(OnDevice()) is cupy["cupyx.scipy.fft"]


def test_an_array_that_names_its_library_goes_with_it():
    assert array_namespace(array_api_strict.zeros(2)) is array_api_strict


@pytest.mark.parametrize("function", [array_namespace, fft_of, ndimage_of])
def test_what_is_no_array_is_refused(function):
    with pytest.raises(TypeError, match="got list, wanted a NumPy or CuPy array"):
        function([1.0, 2.0])
