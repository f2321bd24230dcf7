"""Segments of DICOM SEG files become masks, and masks become such files."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest
from dicom_files import GRID, made_uid, numbers, ramp, write_multiframe, write_series
from numpy.testing import assert_array_equal
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import RLELossless
from scipy.spatial.transform import Rotation
from structure_files import write_segments

from radpred.errors import GeometryError, InputError, RegionError
from radpred.image import Grid, Mask
from radpred.io import place_on, read_mask
from radpred.io.dicom.drawings.seg import read_segment, segment_names, write_segmentation
from radpred.io.dicom.scans.series import read_series

OBLIQUE = Grid(
    shape=(7, 5, 9),  # 45 pixels a frame: no whole number of bytes
    spacing=(2.5, 0.8, 0.7),
    origin=(-30.0, 12.0, -101.5),
    direction=tuple(Rotation.from_euler("xyz", [20, -35, 10], degrees=True).as_matrix().ravel()),
)


@pytest.fixture
def lesion(rng):
    """Return voxels that leave the first and last slices, and one between, empty."""
    voxels = rng.random(OBLIQUE.shape) > 0.6
    voxels[[0, 3, 6]] = False
    return voxels


def placed(mask, grid=OBLIQUE):
    return place_on(mask, grid).voxels


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
@pytest.mark.parametrize("omit_empty", [True, False])
def test_a_segment_is_read_where_it_lies(tmp_path, lesion, kind, omit_empty):
    path = write_segments(
        tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE, kind=kind, omit_empty=omit_empty
    )
    assert_array_equal(placed(read_segment(path)), lesion)


def test_frames_may_come_in_any_order(tmp_path, lesion, rng):
    segments = {"lesion": lesion, "other": ~lesion}
    path = write_segments(
        tmp_path / "seg.dcm",
        segments,
        grid=OBLIQUE,
        order=lambda pairs: [pairs[i] for i in rng.permutation(len(pairs))],
    )
    for name, expected in segments.items():
        assert_array_equal(placed(read_segment(path, name_or_number=name)), expected)


def test_overlapping_segments_are_each_whole(tmp_path, lesion, rng):
    segments = {f"part {n}": rng.random(OBLIQUE.shape) > 0.5 for n in range(12)}
    path = write_segments(tmp_path / "seg.dcm", segments, grid=OBLIQUE)
    assert segment_names(path) == tuple(segments)
    for number, expected in enumerate(segments.values(), start=1):
        assert_array_equal(placed(read_segment(path, name_or_number=number)), expected)


def test_a_declared_segment_without_frames_is_empty_and_the_others_are_read(tmp_path, lesion):
    segments = {"one": lesion, "two": np.zeros(OBLIQUE.shape, bool), "three": ~lesion}
    path = write_segments(tmp_path / "seg.dcm", segments, grid=OBLIQUE)
    assert_array_equal(placed(read_segment(path, name_or_number="one")), lesion)
    assert_array_equal(placed(read_segment(path, name_or_number="three")), ~lesion)
    with pytest.raises(RegionError, match=r"'two' \(2\) is declared and empty") as caught:
        read_segment(path, name_or_number="two")
    assert caught.value.code == "segment_empty"


def test_a_segment_whose_frames_are_blank_is_empty(tmp_path):
    segments = {"lesion": np.zeros(OBLIQUE.shape, bool)}
    path = write_segments(tmp_path / "seg.dcm", segments, grid=OBLIQUE, omit_empty=False)
    with pytest.raises(RegionError, match="no pixel is set") as caught:
        read_segment(path)
    assert caught.value.code == "segment_empty"


def test_a_segment_that_is_not_there_is_answered_with_those_that_are(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"Lesion": lesion}, grid=OBLIQUE)
    with pytest.raises(RegionError, match=r"found 'Lesion' \(1\); did you mean") as caught:
        read_segment(path, name_or_number="Lesions")
    assert caught.value.code == "segment_missing"


def test_a_fraction_belongs_from_half_of_the_maximum_on(tmp_path):
    fractions = np.zeros(OBLIQUE.shape)
    fractions[2, 1, 1:5] = [0.2, 0.49, 0.5, 1.0]
    path = write_segments(
        tmp_path / "seg.dcm", {"lesion": fractions}, grid=OBLIQUE, kind="FRACTIONAL", most=100
    )
    mask = read_segment(path)
    assert_array_equal(placed(mask), fractions >= 0.5)
    assert mask.steps == ("probability of 0.5 and more belongs to the segment",)


def test_frames_apart_lie_on_the_slices_of_the_image_where_the_file_does_not_say(tmp_path):
    voxels = np.zeros(OBLIQUE.shape, dtype=bool)
    voxels[[1, 5], 2:4, 3:7] = True
    path = write_segments(tmp_path / "seg.dcm", {"lesion": voxels}, grid=OBLIQUE)
    file = dcmread(path)
    del file.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices
    file.save_as(path)
    assert_array_equal(placed(read_segment(path, like=OBLIQUE)), voxels)


def test_a_distance_that_does_not_fit_the_positions_is_passed_over(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE)
    file = dcmread(path)
    file.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = "1.7"
    file.save_as(path)
    assert_array_equal(placed(read_segment(path)), lesion)


def test_one_frame_is_as_thick_as_it_says(tmp_path):
    voxels = np.zeros(OBLIQUE.shape, dtype=bool)
    voxels[4, 2:4, 3:7] = True
    path = write_segments(tmp_path / "seg.dcm", {"lesion": voxels}, grid=OBLIQUE)
    assert_array_equal(placed(read_segment(path)), voxels)


def test_two_frames_at_one_place_are_united_and_said(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"a": lesion, "b": ~lesion}, grid=OBLIQUE)
    file = dcmread(path)
    for groups in file.PerFrameFunctionalGroupsSequence:
        groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber = 1
    file.save_as(path)
    mask = read_segment(path)
    assert mask.voxels.all()
    assert "4 frame(s) lie where another one of the segment does: united" in mask.steps


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ImagePositionPatient": numbers([0.0, 40.0, 9.0])}, "slices_not_parallel"),
        ({"ImagePositionPatient": ["0"]}, "position_missing"),
    ],
)
def test_frames_that_do_not_stack_are_refused(tmp_path, lesion, changed, code):
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE)
    file = dcmread(path)
    for keyword, value in changed.items():
        place = file.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0]
        setattr(place, keyword, value)
    file.save_as(path)
    with pytest.raises(InputError) as caught:
        read_segment(path)
    assert caught.value.code == code


def test_uneven_frames_are_refused(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE)
    file = dcmread(path)
    across = np.reshape(OBLIQUE.direction, (3, 3))[:, 2]
    place = file.PerFrameFunctionalGroupsSequence[1].PlanePositionSequence[0]
    place.ImagePositionPatient = numbers(np.array(place.ImagePositionPatient, float) + across)
    file.save_as(path)
    with pytest.raises(GeometryError, match="multiples of one distance") as caught:
        read_segment(path)
    assert caught.value.code == "slices_uneven"


def test_frames_that_lie_kilometres_apart_take_no_memory(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE)
    file = dcmread(path)
    across = np.reshape(OBLIQUE.direction, (3, 3))[:, 2]
    place = file.PerFrameFunctionalGroupsSequence[3].PlanePositionSequence[0]
    far = np.array(OBLIQUE.origin) + 2.5e8 * across
    place.ImagePositionPatient = numbers(far)
    file.save_as(path)
    with pytest.raises(InputError) as caught:
        read_segment(path)
    assert caught.value.code == "grid_too_large"


@pytest.mark.parametrize(("keyword", "value"), [("Rows", 60000), ("BitsAllocated", 12)])
def test_sizes_that_the_file_does_not_hold_are_refused(tmp_path, lesion, keyword, value):
    tags = {keyword: value}
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE, tags=tags)
    with pytest.raises(InputError) as caught:
        read_segment(path)
    assert caught.value.code == "unreadable_file"


def test_a_compressed_fraction_is_read(tmp_path, lesion):
    path = write_segments(tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE, kind="FRACTIONAL")
    file = dcmread(path)
    file.compress(RLELossless)
    file.save_as(path)
    assert_array_equal(placed(read_segment(path)), lesion)


def test_a_segment_in_another_frame_of_reference_is_refused(tmp_path, lesion):
    write_series(tmp_path / "ct", ramp(OBLIQUE), grid=OBLIQUE)
    tags = {"FrameOfReferenceUID": made_uid("b")}
    path = write_segments(
        tmp_path / "seg.dcm", {"lesion": lesion}, grid=OBLIQUE, series="b", tags=tags
    )
    with pytest.raises(GeometryError) as caught:
        read_segment(path, image_source=tmp_path / "ct")
    assert caught.value.code == "frame_of_reference_differs"


def test_segments_are_masks_like_others(tmp_path, lesion):
    folder = tmp_path / "1.2.3"
    write_segments(folder / "1-1.dcm", {"a": lesion, "b": ~lesion}, grid=OBLIQUE)
    assert_array_equal(placed(read_mask(folder, label="b", name="tumour")), ~lesion)
    assert placed(read_mask(folder, label="all")).all()


def test_the_bits_of_frames_of_no_whole_bytes_follow_each_other(shared_data):
    folder = shared_data / "dicom" / "seg_dicom4qi_5"
    image = read_series(folder / "image")
    mask = place_on(read_mask(folder / "mask", image_source=folder / "image"), image.grid)
    corners = np.zeros(image.grid.shape, dtype=bool)
    corners[:, :: image.grid.shape[1] - 1, :: image.grid.shape[2] - 1] = True
    assert mask.voxels[corners].all()
    bright = image.voxels == image.voxels[mask.voxels & ~corners].max()
    assert_array_equal((mask.voxels & ~corners).any(axis=(1, 2)), [False, True, False])
    assert_array_equal(mask.voxels & ~corners, bright & ~corners)


@pytest.mark.parametrize(
    "name",
    [
        *("ct_binary", "ct_binary_fractional", "ct_binary_overlap", "ct_binary_single_frame"),
        "ct_true_fractional",
    ],
)
def test_files_of_highdicom_are_read_as_highdicom_reads_them(shared_data, name):
    from highdicom.seg import segread

    path = shared_data / "dicom" / "highdicom" / f"seg_image_{name}.dcm"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = segread(path)
        for number in file.segment_numbers:
            volume = file.get_volume(segment_numbers=[number], allow_missing_positions=True)
            places = np.argwhere(volume.array[..., 0] >= 0.5)
            expected = (np.column_stack([places, np.ones(len(places))]) @ volume.affine.T)[:, :3]
            mask = read_segment(path, name_or_number=number)
            found = mask.grid.to_world(np.argwhere(mask.voxels))
            assert_array_equal(*(p[np.lexsort(p.T)] for p in (found, expected)))


def test_a_picture_without_a_place_is_refused(shared_data):
    with pytest.raises(InputError) as caught:
        read_segment(shared_data / "dicom" / "highdicom" / "seg_image_cr_binary.dcm")
    assert caught.value.code == "position_missing"


def test_pixels_of_one_frame_for_three_are_refused():
    with pytest.raises(InputError, match="3 frames") as caught:
        read_segment(get_testdata_file("liver_1frame.dcm"))
    assert caught.value.code == "unreadable_file"


@pytest.fixture(params=["one file a slice", "one file"])
def scan(request, tmp_path):
    """Return where a series is, and its image."""
    if request.param == "one file":
        order = [3, 1, 0, 2, 6, 5, 4]
        source = write_multiframe(tmp_path / "ct.dcm", ramp(OBLIQUE), grid=OBLIQUE, order=order)
    else:
        source = tmp_path / "ct"
        write_series(source, ramp(OBLIQUE), grid=OBLIQUE)
    return source, read_series(source)


def test_a_written_mask_reads_back_to_the_voxel(tmp_path, scan, lesion):
    source, image = scan
    mask = Mask(voxels=lesion, grid=image.grid, name="tumour")
    write_segmentation(mask, source, tmp_path / "out" / "seg.dcm")
    back = read_mask(tmp_path / "out" / "seg.dcm", label="tumour", image_source=source)
    assert_array_equal(placed(back, image.grid), lesion)


def test_highdicom_and_pydicom_read_a_written_mask(tmp_path, scan, lesion):
    from highdicom.seg import segread

    source, image = scan
    path = tmp_path / "seg.dcm"
    write_segmentation(Mask(voxels=lesion, grid=image.grid), source, path, method="gmm")
    file = dcmread(path)
    assert file.SegmentSequence[0].SegmentAlgorithmName == "radpred gmm"
    assert int(file.pixel_array.sum()) == lesion.sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        volume = segread(path).get_volume(segment_numbers=[1], allow_missing_positions=True)
    assert int(volume.array.sum()) == lesion.sum()


def test_a_mask_on_another_grid_than_the_series_is_refused(tmp_path, lesion):
    write_series(tmp_path / "ct", ramp(GRID), grid=GRID)
    with pytest.raises(GeometryError, match="place the mask on the image") as caught:
        write_segmentation(Mask(voxels=lesion, grid=OBLIQUE), tmp_path / "ct", tmp_path / "seg.dcm")
    assert caught.value.code == "mask_displaced"
    assert not (tmp_path / "seg.dcm").exists()


def test_an_empty_mask_is_not_written(tmp_path):
    empty = Mask(voxels=np.zeros(OBLIQUE.shape, dtype=bool), grid=OBLIQUE)
    with pytest.raises(RegionError) as caught:
        write_segmentation(empty, tmp_path, tmp_path / "seg.dcm")
    assert caught.value.code == "empty_mask"


def test_damaged_files_give_a_mask_or_an_input_error(tmp_path, lesion):
    segments = {"a": lesion, "b": ~lesion}
    whole = write_segments(tmp_path / "whole.dcm", segments, grid=OBLIQUE).read_bytes()
    path, chance = tmp_path / "seg.dcm", random.Random(3)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
        try:
            read_segment(path, name_or_number=1)
        except InputError:
            continue
