"""Settings say what is done where a DICOM series leaves a choice."""

from __future__ import annotations

import numpy as np
import pytest
from dicom_files import GRID, ramp, write_pet, write_series

from radpred.errors import InputError
from radpred.pipeline.measuring.extract import Extractor

MIDDLE = np.zeros(GRID.shape, dtype=bool)
MIDDLE[2:8, 3:7, 3:7] = True


def mean(folder, **dicom):
    """Return the mean of the middle of a series."""
    settings = {"families": ["firstorder"], "dicom": dicom}
    return Extractor(settings).extract(folder, MIDDLE)["tumour__original_firstorder_Mean"]


def test_a_gap_between_slices_is_filled_only_if_settings_say_so(tmp_path):
    write_series(tmp_path / "whole", ramp())
    paths = write_series(tmp_path / "gap", ramp())
    paths[5].unlink()
    with pytest.raises(InputError) as caught:
        mean(tmp_path / "gap")
    assert caught.value.code == "slice_missing"
    filled = mean(tmp_path / "gap", missing_slices="interpolate")
    assert filled == pytest.approx(mean(tmp_path / "whole"))


def test_pet_is_suv_unless_settings_say_otherwise(tmp_path):
    write_pet(tmp_path, ramp())
    stored = mean(tmp_path, pet="stored")
    assert stored == pytest.approx(ramp()[MIDDLE].mean())
    # Decay over an hour, 70 kg and 350 MBq.
    assert mean(tmp_path) == pytest.approx(stored * 70000 / (350e6 * 2 ** (-3600 / 6586.2)))
