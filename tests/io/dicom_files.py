"""Made DICOM files for tests: series of any orientation, enhanced multi-frame files, dose grids.

Voxels are given as stored numbers in array order (z, y, x) and placed by a Grid; what a file says
beyond that is changed by `tags`, one dict for all files, or a function of the slice's number that
returns a dict. Keys are DICOM keywords; a value of None removes the tag, "" leaves it empty.

    write_series(folder, voxels, grid=GRID)                       # CT, one file a slice
    write_series(folder, voxels, grid=GRID, modality="MR", tags={"SeriesDescription": "T1"})
    write_series(folder, voxels, grid=GRID, tags=lambda k: {"InstanceNumber": 99 - k})
    write_pet(folder, voxels, grid=GRID)                          # with everything that SUV needs
    write_multiframe(path, voxels, grid=GRID)                     # enhanced CT or MR
    write_dose(path, voxels, grid=GRID)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid
from pydicom.valuerep import format_number_as_ds

from radpred.image import Grid

Tags = Mapping[str, Any]
GRID = Grid(shape=(12, 10, 9), spacing=(3.0, 0.8, 0.7), origin=(-30.0, 12.0, -101.5))

CT, MR, PET = "CT", "MR", "PT"
SOP_CLASSES = {
    CT: UID("1.2.840.10008.5.1.4.1.1.2"),
    MR: UID("1.2.840.10008.5.1.4.1.1.4"),
    PET: UID("1.2.840.10008.5.1.4.1.1.128"),
}
ENHANCED = {
    CT: UID("1.2.840.10008.5.1.4.1.1.2.1"),
    MR: UID("1.2.840.10008.5.1.4.1.1.4.1"),
    PET: UID("1.2.840.10008.5.1.4.1.1.130"),
}
DOSE = UID("1.2.840.10008.5.1.4.1.1.481.2")


def made_uid(*names: str) -> str:
    """Return the UID that always goes with these names."""
    return str(generate_uid(entropy_srcs=["radpred tests", *names]))


def ramp(grid: Grid = GRID, *, first: int = 1000, step: int = 10) -> np.ndarray:
    """Return stored numbers that tell each slice, row and column apart (int16)."""
    z, y, x = np.indices(grid.shape)
    return (first + step * z + 2 * (y % 4) + x % 2).astype(np.int16)


def numbers(values: Sequence[float]) -> list[str]:
    """Return lengths and cosines as decimal strings of at most 16 characters."""
    return [format_number_as_ds(float(value)) for value in values]


def orientation(grid: Grid) -> list[str]:
    """Return the direction of a row, then of a column, as ImageOrientationPatient says them."""
    along = np.reshape(grid.direction, (3, 3)).T
    return numbers([*along[0], *along[1]])


def position(grid: Grid, index: int) -> list[str]:
    """Return where the first voxel of a slice lies."""
    return numbers(grid.to_world((index, 0, 0)))


def new_file(sop_class: UID, *, series: str = "series", instance: str = "0") -> FileDataset:
    """Return a file with its identity and nothing else, explicit little endian."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID = sop_class
    file.SOPInstanceUID = made_uid(series, instance)
    file.SeriesInstanceUID = made_uid(series)
    file.StudyInstanceUID = made_uid("study")
    file.FrameOfReferenceUID = made_uid("frame of reference")
    file.PatientID, file.PatientName = "P001", "Made^Up"
    file.StudyDate, file.StudyTime = "20240101", "101010"
    file.SeriesDate, file.SeriesTime = "20240101", "101010"
    return file


def put_pixels(file: Dataset, pixels: np.ndarray) -> None:
    """Put stored numbers into a file: (rows, columns) or (frames, rows, columns)."""
    *_, file.Rows, file.Columns = pixels.shape
    if pixels.ndim == 3:
        file.NumberOfFrames = len(pixels)
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8 * pixels.itemsize
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(pixels.dtype.kind == "i")
    content = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("<")).tobytes()
    file.PixelData = content + b"\0" * (len(content) % 2)
    file["PixelData"].VR = "OW" if pixels.itemsize > 1 else "OB"


def put_tags(file: Dataset, tags: Tags | Callable[[int], Tags] | None, index: int = 0) -> None:
    """Change tags of a file: None removes one."""
    for keyword, value in (tags(index) if callable(tags) else tags or {}).items():
        if value is None:
            if keyword in file:
                delattr(file, keyword)
        else:
            setattr(file, keyword, value)


def save(file: Dataset, path: Path) -> Path:
    """Write a file with the transfer syntax of its meta information."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save_as(path, enforce_file_format=True)
    return path


def slice_of(
    voxels: np.ndarray,
    index: int,
    *,
    grid: Grid,
    modality: str = CT,
    series: str = "series",
    rescale: tuple[float, float] | None = (1.0, 0.0),
) -> FileDataset:
    """Return one slice of a volume as a file that is yet to be written.

    Parameters
    ----------
    voxels : array, shape (z, y, x)
        Stored numbers.
    index : int
        Which slice.
    grid : Grid
        Where the voxels lie.
    modality : str
        CT, MR or PT.
    series : str
        Files of one name carry one SeriesInstanceUID.
    rescale : tuple of float, optional
        Slope and intercept, none where the tags shall be absent.
    """
    file = new_file(SOP_CLASSES[modality], series=series, instance=str(index))
    file.Modality = modality
    file.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    file.InstanceNumber = index + 1
    file.ImagePositionPatient = position(grid, index)
    file.ImageOrientationPatient = orientation(grid)
    file.PixelSpacing = numbers(grid.spacing[1:])
    file.SliceThickness = numbers([grid.spacing[0]])[0]
    if rescale is not None:
        file.RescaleSlope, file.RescaleIntercept = numbers(rescale)
    if modality == CT:
        file.RescaleType = "HU"
    put_pixels(file, voxels[index])
    return file


def write_series(
    folder: Path,
    voxels: np.ndarray,
    *,
    grid: Grid = GRID,
    tags: Tags | Callable[[int], Tags] | None = None,
    names: Sequence[str] | None = None,
    **told: Any,
) -> list[Path]:
    """Write one file a slice, and return their paths in the order of the slices.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    voxels : array, shape (z, y, x)
        Stored numbers.
    grid : Grid
        Where the voxels lie.
    tags : dict or callable, optional
        What to change, for all slices or by the number of each.
    names : sequence of str, optional
        A file name for each slice; by default they are shuffled.
    **told
        As for `slice_of`: modality, series, rescale.
    """
    if names is None:
        order = np.random.default_rng(7).permutation(len(voxels))
        names = [f"{told.get('series', 'series')}_{number:04d}.dcm" for number in order]
    paths = []
    for index, name in enumerate(names):
        file = slice_of(voxels, index, grid=grid, **told)
        put_tags(file, tags, index)
        paths.append(save(file, folder / name))
    return paths


def pet_tags(**changes: Any) -> dict[str, Any]:
    """Return the tags that SUV needs: 70 kg, 350 MBq of F-18 an hour before the scan.

    Parameters
    ----------
    **changes
        By keyword; those of the radiopharmaceutical go into its sequence.
    """
    drug = Dataset()
    drug.RadiopharmaceuticalStartTime = "091010"
    drug.RadionuclideTotalDose = "350000000"
    drug.RadionuclideHalfLife = "6586.2"
    of_drug = {"RadiopharmaceuticalStartDateTime", "RadiopharmaceuticalStartTime"}
    of_drug |= {"RadionuclideTotalDose", "RadionuclideHalfLife"}
    put_tags(drug, {key: value for key, value in changes.items() if key in of_drug})
    return {
        "RadiopharmaceuticalInformationSequence": Items([drug]),
        "Units": "BQML",
        "DecayCorrection": "START",
        "CorrectedImage": ["DECY", "ATTN"],
        "PatientWeight": "70",
        "AcquisitionDate": "20240101",
        "AcquisitionTime": "101010",
    } | {key: value for key, value in changes.items() if key not in of_drug}


def write_pet(
    folder: Path,
    voxels: np.ndarray,
    *,
    grid: Grid = GRID,
    names: Sequence[str] | None = None,
    rescale: tuple[float, float] = (1.0, 0.0),
    **changes: Any,
) -> list[Path]:
    """Write a PET series that SUV can be made from, but for what is changed."""
    tags = pet_tags(**changes)
    told: dict[str, Any] = {"modality": PET, "rescale": rescale}
    return write_series(folder, voxels, grid=grid, tags=tags, names=names, **told)


def frame_groups(
    grid: Grid, index: int, *, rescale: tuple[float, float] | None = (1.0, 0.0)
) -> Dataset:
    """Return the functional groups of one frame: position, orientation, measures, rescale."""
    groups, place, plane, measures = Dataset(), Dataset(), Dataset(), Dataset()
    place.ImagePositionPatient = position(grid, index)
    plane.ImageOrientationPatient = orientation(grid)
    measures.PixelSpacing = numbers(grid.spacing[1:])
    measures.SliceThickness = numbers([grid.spacing[0]])[0]
    groups.PlanePositionSequence = Items([place])
    groups.PlaneOrientationSequence = Items([plane])
    groups.PixelMeasuresSequence = Items([measures])
    if rescale is not None:
        values = Dataset()
        values.RescaleSlope, values.RescaleIntercept = numbers(rescale)
        values.RescaleType = "US"
        groups.PixelValueTransformationSequence = Items([values])
    return groups


def write_multiframe(
    path: Path,
    voxels: np.ndarray,
    *,
    grid: Grid = GRID,
    modality: str = CT,
    order: Sequence[int] | None = None,
    shared: Sequence[str] = ("PlaneOrientationSequence", "PixelMeasuresSequence"),
    rescale: Callable[[int], tuple[float, float]] | None = None,
    frame_tags: Callable[[int], Tags] | None = None,
    tags: Tags | None = None,
) -> Path:
    """Write an enhanced multi-frame file.

    Parameters
    ----------
    path : Path
        The file.
    voxels : array, shape (z, y, x)
        Stored numbers.
    grid : Grid
        Where the voxels lie.
    modality : str
        CT, MR or PT.
    order : sequence of int, optional
        Which slice each frame holds.
    shared : sequence of str
        Functional groups that all frames share; the others stand in each frame.
    rescale : callable, optional
        Slope and intercept of a slice.
    frame_tags : callable, optional
        Further sequences for a frame, by the number of its slice.
    tags : dict, optional
        What to change in the file.
    """
    order = range(len(voxels)) if order is None else order
    file = new_file(ENHANCED[modality], series="enhanced")
    file.Modality, file.InstanceNumber = modality, 1
    frames = []
    for index in order:
        groups = frame_groups(grid, index, rescale=rescale(index) if rescale else (1.0, 0.0))
        put_tags(groups, frame_tags, index)
        frames.append(groups)
    common = Dataset()
    for keyword in shared:
        setattr(common, keyword, getattr(frames[0], keyword))
        for groups in frames:
            delattr(groups, keyword)
    file.SharedFunctionalGroupsSequence = Items([common])
    file.PerFrameFunctionalGroupsSequence = Items(frames)
    put_pixels(file, voxels[list(order)])
    put_tags(file, tags)
    return save(file, path)


def write_dose(
    path: Path,
    voxels: np.ndarray,
    *,
    grid: Grid = GRID,
    scaling: float = 0.001,
    is_absolute: bool = False,
    tags: Tags | None = None,
) -> Path:
    """Write a dose grid; its planes stand as offsets from the first, or as patient z.

    Parameters
    ----------
    path : Path
        The file.
    voxels : array, shape (z, y, x)
        Stored numbers.
    grid : Grid
        Where the voxels lie.
    scaling : float
        Dose of one stored unit.
    is_absolute : bool
        Whether the offsets are positions along patient z.
    tags : dict, optional
        What to change.
    """
    file = new_file(DOSE, series="dose")
    file.Modality, file.DoseUnits, file.DoseType = "RTDOSE", "GY", "PHYSICAL"
    file.DoseSummationType = "PLAN"
    file.DoseGridScaling = numbers([scaling])[0]
    file.ImagePositionPatient = position(grid, 0)
    file.ImageOrientationPatient = orientation(grid)
    file.PixelSpacing = numbers(grid.spacing[1:])
    start = grid.to_world((0, 0, 0))[2] if is_absolute else 0.0
    file.GridFrameOffsetVector = numbers(start + grid.spacing[0] * np.arange(len(voxels)))
    file.FrameIncrementPointer = 0x3004000C
    put_pixels(file, voxels)
    put_tags(file, tags)
    return save(file, path)
