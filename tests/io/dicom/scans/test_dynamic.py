"""Several pictures at each position: told apart by the right tag, and one chosen on request."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.dataset import Dataset

from radpred.errors import InputError
from radpred.image import Grid
from radpred.io import DicomReading, read_image
from tests.io.dicom_files import MR, ramp, write_multiframe, write_pet, write_series

GRID = Grid(shape=(8, 10, 9), spacing=(3.0, 0.8, 0.7))
CURVE = (100, 400, 300, 250, 200)  # what each phase adds
INSTANCE = np.random.default_rng(3).permutation(40)


def write_phases(folder, tags, *, n=5, **told):
    """Write ``n`` phases of eight slices; ``tags`` takes the phase and the slice."""
    for phase in range(n):
        write_series(
            folder / str(phase),
            ramp(GRID) + CURVE[phase],
            grid=GRID,
            tags=lambda k, phase=phase: {
                "SOPInstanceUID": f"1.2.{phase}.{k}",
                "InstanceNumber": int(INSTANCE[8 * phase + k]),
                "AcquisitionTime": "101010",
                **tags(phase, k),
            },
            **{"modality": MR, **told},
        )


def curve(folder, n=5):
    """Return what each time point adds, as read."""
    return [at(folder, point).voxels.mean() - ramp(GRID).mean() for point in range(n)]


def at(folder, timepoint):
    return read_image(folder, wanted=DicomReading(timepoint=timepoint))


def refused(folder, timepoint=None):
    with pytest.raises(InputError) as caught:
        at(folder, timepoint)
    return caught.value


def test_trigger_time_gives_the_curve_back_where_acquisition_times_are_equal(tmp_path):
    write_phases(tmp_path, lambda phase, k: {"TriggerTime": 30.0 * phase})
    assert_allclose(curve(tmp_path), CURVE)


def test_a_dynamic_series_is_refused_with_its_time_points(tmp_path):
    write_phases(tmp_path, lambda phase, k: {"TriggerTime": 30.0 * phase})
    error = refused(tmp_path)
    assert error.code == "dynamic_series"
    assert "5 pictures at each of 8 positions, told apart by TriggerTime" in str(error)
    assert "0: 0 ms, 1: 30 ms, 2: 60 ms, 3: 90 ms, 4: 120 ms" in str(error)
    assert "timepoint=0 to 4" in str(error)


def test_the_chosen_time_point_is_recorded(tmp_path):
    write_phases(tmp_path, lambda phase, k: {"TriggerTime": 30.0 * phase})
    (step,) = at(tmp_path, 2).steps
    assert step.startswith("took number 2 of 5 by TriggerTime")


@pytest.mark.parametrize("timepoint", [5, -1])
def test_a_time_point_that_is_not_there_is_refused(tmp_path, timepoint):
    write_phases(tmp_path, lambda phase, k: {"TriggerTime": 30.0 * phase})
    error = refused(tmp_path, timepoint)
    assert error.code == "timepoint_missing"
    assert "5 time points" in str(error)


def test_a_static_series_has_one_time_point(tmp_path):
    write_series(tmp_path, ramp())
    assert_array_equal(at(tmp_path, 0).voxels, ramp())
    assert refused(tmp_path, 1).code == "timepoint_missing"


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("TemporalPositionIdentifier", lambda p, k: {"TemporalPositionIdentifier": p + 1}),
        ("DiffusionBValue", lambda p, k: {"DiffusionBValue": 200.0 * p}),
        ("EchoTime", lambda p, k: {"EchoTime": 4.6 * (p + 1)}),
        ("FrameReferenceTime", lambda p, k: {"FrameReferenceTime": 60000 * p}),
        ("AcquisitionTime", lambda p, k: {"AcquisitionTime": f"1010{10 * p + k:02d}"}),
        ("ContentTime", lambda p, k: {"ContentTime": f"1010{10 * p + k:02d}"}),
        ("AcquisitionNumber", lambda p, k: {"AcquisitionNumber": p + 1}),
        ("FlipAngle", lambda p, k: {"FlipAngle": 5 * p + 2}),
    ],
)
def test_the_tag_that_tells_phases_apart_is_named(tmp_path, name, tags):
    write_phases(tmp_path, tags)
    assert f"told apart by {name} (" in str(refused(tmp_path))
    assert_allclose(curve(tmp_path), CURVE)


def test_acquisition_times_across_midnight_go_by_their_dates(tmp_path):
    times = [("20240101", "235900"), ("20240102", "000100"), ("20240102", "000300")]
    write_phases(
        tmp_path,
        lambda p, k: dict(zip(("AcquisitionDate", "AcquisitionTime"), times[p], strict=True)),
        n=3,
    )
    assert_allclose(curve(tmp_path, 3), CURVE[:3])


def test_a_tag_that_mixes_phases_is_passed_over(tmp_path):
    # Trigger times that run through all pictures say when, not which phase.
    write_phases(
        tmp_path,
        lambda p, k: {"TriggerTime": 10.0 * (p + 5 * k), "AcquisitionNumber": 9 - p},
    )
    assert "told apart by AcquisitionNumber (" in str(refused(tmp_path))


def test_trigger_times_of_a_beating_heart_order_each_position_by_itself(tmp_path):
    write_phases(tmp_path, lambda p, k: {"TriggerTime": (30.0 + 12 * k) * p})
    assert "told apart by TriggerTime within each position (" in str(refused(tmp_path))
    assert_allclose(curve(tmp_path), CURVE)


def test_echo_times_count_before_the_times_of_day_that_come_with_them(tmp_path):
    write_phases(
        tmp_path,
        lambda p, k: {"EchoTime": 4.6 * (5 - p), "AcquisitionTime": f"10101{p}"},
    )
    assert "told apart by EchoTime (" in str(refused(tmp_path))


def test_magnitude_and_phase_are_told_apart_by_their_kind(tmp_path):
    write_phases(tmp_path, lambda p, k: {"ImageType": ["ORIGINAL", "PRIMARY", "MP"[p]]}, n=2)
    assert "told apart by ImageType (0: ORIGINAL" in str(refused(tmp_path))


def test_pictures_that_no_tag_tells_apart_are_refused(tmp_path):
    write_phases(tmp_path, lambda p, k: {})
    error = refused(tmp_path, 0)
    assert error.code == "slice_doubled"
    assert "no tag tells them apart" in str(error)


def test_a_slice_that_one_phase_lacks_is_refused(tmp_path):
    write_phases(tmp_path, lambda phase, k: {"TriggerTime": 30.0 * phase})
    next((tmp_path / "3").iterdir()).unlink()
    error = refused(tmp_path, 0)
    assert error.code == "slice_missing"
    assert "fewer at 1 of 8" in str(error)


def test_frames_of_an_enhanced_file_go_by_their_temporal_index(tmp_path, rng):
    grid = Grid(shape=(10, 10, 9), spacing=GRID.spacing)
    values = np.concatenate([ramp(GRID)[:5], ramp(GRID)[:5] + 100])

    def groups(index):
        item = Dataset()
        item.TemporalPositionIndex = int(2 - index // 5)
        place = Dataset()
        place.ImagePositionPatient = [0, 0, int(3 * (index % 5))]
        return {"FrameContentSequence": [item], "PlanePositionSequence": [place]}

    path = write_multiframe(
        tmp_path / "e.dcm",
        values,
        grid=grid,
        modality=MR,
        frame_tags=groups,
        order=rng.permutation(10),
    )
    assert "told apart by TemporalPositionIdentifier" in str(refused(path))
    assert_array_equal(at(path, 0).voxels, values[5:])
    assert_array_equal(at(path, 1).voxels, values[:5])


def test_a_dynamic_pet_is_one_scan_with_one_start(tmp_path):
    for frame, time in enumerate(("101010", "102010")):
        write_pet(
            tmp_path / str(frame),
            ramp(),
            AcquisitionTime=time,
            FrameReferenceTime=600000.0 * frame,
            SOPInstanceUID=f"1.2.{frame}",
        )
    first, second = at(tmp_path, 0), at(tmp_path, 1)
    assert_array_equal(first.voxels, second.voxels)
    assert "SUV" in first.steps[-1]
