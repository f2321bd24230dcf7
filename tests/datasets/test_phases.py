"""Made tumours of several phases have the shares and intensities that were asked for."""

import numpy as np
import pytest

from radpred.datasets import phased_tumour
from radpred.errors import SettingsError


def test_phases_have_their_shares_and_intensities(rng):
    made = phased_tumour(rng, shares=(0.2, 0.8), intensities=(10.0, 50.0), noise=1.0)
    for number, share, intensity in ((1, 0.2, 10.0), (2, 0.8, 50.0)):
        own = made.phases == number
        assert own.sum() / made.tumour.n_voxels == pytest.approx(share, abs=0.001)
        assert made.image.voxels[own].mean() == pytest.approx(intensity, abs=0.3)
    assert np.array_equal(made.phases > 0, made.tumour.voxels)


def test_shares_that_do_not_fit_are_refused(rng):
    with pytest.raises(SettingsError, match="1 in all"):
        phased_tumour(rng, shares=(0.5, 0.6), intensities=(1.0, 2.0))
