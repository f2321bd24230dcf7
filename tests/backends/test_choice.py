"""The way back to the host."""

from __future__ import annotations

import array_api_strict
import numpy as np

from radpred.backends import is_cupy, to_host


class OnDevice:
    """Stands for an array that CuPy holds: it comes back by ``get``."""

    __module__ = "cupy._core.core"

    def get(self):
        return np.arange(3)


def test_a_numpy_array_comes_back_as_itself():
    array = np.arange(3)
    assert to_host(array) is array


def test_an_array_on_a_gpu_is_fetched():
    assert to_host(OnDevice()).tolist() == [0, 1, 2]


def test_an_array_of_another_library_comes_back_by_dlpack():
    assert to_host(array_api_strict.asarray([0.5, 1.5])).tolist() == [0.5, 1.5]


def test_only_an_array_that_cupy_holds_is_on_a_gpu():
    assert is_cupy(OnDevice())
    assert not is_cupy(np.arange(3))
