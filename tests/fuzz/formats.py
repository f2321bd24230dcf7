"""Every reader with valid files for it: what is changed, and what reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mutations
import numpy as np
import SimpleITK as sitk
from dicom_files import PET, ramp, write_dose, write_multiframe, write_series
from structure_files import circle, write_segments, write_structures

from radpred.cohort import check_cases, link_outcome
from radpred.config import extraction_settings, read_study
from radpred.deploy import read_bundle
from radpred.image import Grid, Image
from radpred.io import mask_labels, read_image, read_image_header, read_mask, to_sitk, write_image
from radpred.io.dicom.scans.rtdose import read_dose
from radpred.stages.work.files import read_text_table

GRID = Grid(shape=(3, 8, 7), spacing=(3.0, 0.8, 0.7), origin=(-30.0, 12.0, -101.5))
STUDY = """\
name: made
outcome: {file: outcome.csv, column: y, positive: "1", clinical: [age]}
regions: {rings_mm: [2.5, 5]}
extraction: &all
  bin_width: 25
  spacing_mm: [1.0, 1.0, 1.0]
  filters:
    - {kind: laplacian_of_gaussian, sigma_mm: 2.0}
    - {kind: wavelet}
modalities: {pet: {bin_count: 32}}
learning: {models: [svm], outer_folds: 3, seed: 7}
"""
PARAMETERS = """\
setting: {binWidth: 25, resampledPixelSpacing: [1, 1, 1], interpolator: sitkBSpline, label: 1}
imageType: {Original: {}, LoG: {sigma: [1.0, 3.0]}, Wavelet: {}}
featureClass: {shape: , firstorder: [Mean, Energy], glcm: []}
"""
SETTINGS = STUDY[STUDY.index("  bin_width") : STUDY.index("modalities")].replace("\n  ", "\n")[2:]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One kind of file.

    Parameters
    ----------
    make : callable
        Writes valid files into a folder and returns them.
    read : callable
        Every way in that such a file has.
    changes : tuple of callable
        How it is made hostile.
    """

    make: Callable[[Path], list[Path]]
    read: Callable[[Path], object]
    changes: tuple[mutations.Change, ...]


def _volumes(*endings: str) -> Callable[[Path], list[Path]]:
    """Return what writes images of several types with these endings."""

    def make(folder: Path) -> list[Path]:
        paths = []
        for kind in (np.int16, np.float32, np.uint8):
            image = Image(voxels=(ramp(GRID) % 3).astype(kind), grid=GRID)
            for ending in endings:
                paths.append(folder / f"{np.dtype(kind).name}{ending}")
                write_image(image, paths[-1])
        return paths

    return make


def _itk(path: Path) -> None:
    """Read a volume as an image, its header, and as a mask."""
    for reader in (read_image, read_image_header, mask_labels, read_mask):
        _tried(reader, path)


def _tried(reader: Callable[[Path], object], path: Path) -> None:
    """Call a reader; what it refuses, another may still read."""
    from radpred.errors import RadpredError

    try:
        reader(path)
    except RadpredError as error:
        FOUND.append(error)


FOUND: list[Exception] = []


def _segment(path: Path) -> None:
    """Read a file of segments by number, by name and by guess."""
    for label in ("auto", 1, "lesion"):
        _tried(lambda p, label=label: read_mask(p, label=label), path)
    _tried(mask_labels, path)


def _structure(path: Path) -> None:
    """Read a file of structures by number, by name and by guess."""
    grid = Grid(shape=(12, 40, 40), spacing=(3.0, 1.0, 1.0), origin=(-20.0, -20.0, -9.0))
    for label in ("auto", 1, "GTV"):
        _tried(lambda p, label=label: read_mask(p, label=label, on=grid), path)
    _tried(mask_labels, path)


def _written(name: str, content: str | bytes) -> Callable[[Path], list[Path]]:
    """Return what writes one file."""

    def make(folder: Path) -> list[Path]:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return [path]

    return make


def _table(header: list[str], rows: int) -> str:
    """Return a CSV table of text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for n in range(rows):
        known = {"y": n % 2, "age": 40 + n, "mask_label": 1, "box": "0 0 0 9 9 9"}
        writer.writerow([known.get(column, f"{column}_{n}.nii") for column in header])
    return out.getvalue()


CASES = _table(["case_id", "patient_id", "image_ct", "image_pet", "mask", "mask_label", "site"], 5)
BOXES = _table(["case_id", "patient_id", "image", "box"], 5)
OUTCOME = _table(["patient_id", "y", "age"], 5)


def _cases(path: Path) -> None:
    """Judge a table of cases, with masks given and with boxes."""
    frame = read_text_table(path)
    for method in ("given", "otsu"):
        _tried(lambda p, m=method: check_cases(frame, folder=p.parent, method=m), path)


def _outcome(path: Path) -> None:
    """Link outcomes to cases."""
    frame = read_text_table(path)
    cases, _ = check_cases(_frame_of(OUTCOME_CASES), folder=path.parent, method="given")
    link_outcome(cases, frame, column="y", positive="1", clinical=["age"])


OUTCOME_CASES = "case_id,patient_id,mask\n" + "".join(
    f"c{n},patient_id_{n}.nii,m.nii\n" for n in range(5)
)


def _frame_of(text: str) -> object:
    """Return a table in memory."""
    import pandas as pd

    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def _arrays(folder: Path) -> list[Path]:
    """Write arrays, one alone and one packed."""
    voxels = ramp(GRID).astype(np.float32)
    np.savez_compressed(folder / "a.npz", image=voxels, mask=voxels > 1010, spacing=[3, 0.8, 0.7])
    np.savez(folder / "b.npz", image=voxels)
    np.save(folder / "c.npy", voxels)
    return [folder / "a.npz", folder / "b.npz", folder / "c.npy"]


def _pictures(folder: Path) -> list[Path]:
    """Write a grey and a coloured picture."""
    grey = sitk.GetImageFromArray((ramp(GRID)[0] % 251).astype(np.uint8))
    colours = sitk.GetImageFromArray(np.zeros((9, 8, 3), np.uint8), isVector=True)
    paths = [folder / "grey.png", folder / "colours.png"]
    for picture, path in zip((grey, colours), paths, strict=True):
        sitk.WriteImage(picture, str(path))
    return paths


def _pairs(folder: Path) -> list[Path]:
    """Write headers beside voxels that stay as they are, and voxels beside such headers."""
    paths = []
    for part, chosen in (("head", (0, 2, 4, 6)), ("body", (1, 3, 5, 7))):
        (folder / part).mkdir()
        for name in ("a.mhd", "b.nhdr", "c.mhd", "d.hdr"):
            volume = to_sitk(Image(voxels=(ramp(GRID) % 3).astype(np.int16), grid=GRID))
            sitk.WriteImage(volume, str(folder / part / name), name.startswith(("b", "c")))
        names = ("a.mhd", "a.raw", "b.nhdr", "b.raw.gz", "c.mhd", "c.zraw", "d.hdr", "d.img")
        paths += [folder / part / names[n] for n in chosen]
    return paths


def _pair(path: Path) -> None:
    """Read an image by its header, whichever half was changed."""
    name = {"a": "a.mhd", "b": "b.nhdr", "c": "c.mhd", "d": "d.hdr"}[path.name[0]]
    _itk(path.with_name(name))


def _bundle(folder: Path) -> list[Path]:
    """Write a zip that has a bundle's members and no model."""
    import hashlib
    import json
    import zipfile

    members = {"study.json": b"{}", "fitted.json": b'{"folds": []}', "record.json": b"{}"}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    manifest = {"format": 2, "radpred": "1", "modalities": [""], "columns": [], "sha256": digests}
    path = folder / "model.radpred"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"manifest.json": json.dumps(manifest).encode(), **members}.items():
            archive.writestr(name, data)
    return [path]


def _slices(folder: Path) -> list[Path]:
    """Write a CT slice, an MR slice, a PET slice, and an enhanced file."""
    one = Grid(shape=(1, 8, 7), spacing=GRID.spacing)
    paths = [
        write_series(folder / kind, ramp(one), grid=one, modality=kind)[0]
        for kind in ("CT", "MR", PET)
    ]
    return [*paths, write_multiframe(folder / "enhanced.dcm", ramp(GRID), grid=GRID)]


def _doses(folder: Path) -> list[Path]:
    """Write a dose grid."""
    return [write_dose(folder / "dose.dcm", ramp(GRID).astype(np.uint16), grid=GRID)]


def _segments(folder: Path) -> list[Path]:
    """Write segments of every type."""
    lesion = ramp(GRID) > 1010
    return [
        write_segments(folder / f"{kind}.dcm", {"lesion": lesion}, grid=GRID, kind=kind)
        for kind in ("BINARY", "FRACTIONAL", "LABELMAP")
    ]


def _structures(folder: Path) -> list[Path]:
    """Write structures."""
    drawn = {"GTV": [circle(6, centre=(0, 0, z), n=24) for z in (0, 3, 6)], "empty": []}
    return [write_structures(folder / "structures.dcm", drawn)]


def _dose(path: Path) -> None:
    """Read a dose grid as such, and as any image."""
    _tried(read_dose, path)
    _tried(read_image, path)


FORMATS = {
    "nifti": Format(make=_volumes(".nii"), read=_itk, changes=mutations.BYTES),
    "nifti_gz": Format(make=_volumes(".nii.gz"), read=_itk, changes=mutations.GZIP),
    "nrrd": Format(make=_volumes(".nrrd"), read=_itk, changes=mutations.TEXT_HEADER),
    "metaimage": Format(make=_volumes(".mha"), read=_itk, changes=mutations.TEXT_HEADER),
    "detached": Format(make=_pairs, read=_pair, changes=mutations.TEXT_HEADER),
    "png": Format(make=_pictures, read=_itk, changes=mutations.PNG),
    "numpy": Format(make=_arrays, read=_itk, changes=mutations.ZIP),
    "dicom": Format(make=_slices, read=_itk, changes=mutations.DICOM),
    "seg": Format(make=_segments, read=_segment, changes=mutations.DICOM),
    "rtstruct": Format(make=_structures, read=_structure, changes=mutations.DICOM),
    "dose": Format(make=_doses, read=_dose, changes=mutations.DICOM),
    "cases": Format(make=_written("cases.csv", CASES), read=_cases, changes=mutations.TEXT),
    "boxes": Format(make=_written("cases.csv", BOXES), read=_cases, changes=mutations.TEXT),
    "outcome": Format(make=_written("outcome.csv", OUTCOME), read=_outcome, changes=mutations.TEXT),
    "study": Format(make=_written("study.yaml", STUDY), read=read_study, changes=mutations.YAML),
    "settings": Format(
        make=_written("settings.yaml", SETTINGS), read=extraction_settings, changes=mutations.YAML
    ),
    "pyradiomics": Format(
        make=_written("p.yaml", PARAMETERS), read=extraction_settings, changes=mutations.YAML
    ),
    "bundle": Format(make=_bundle, read=read_bundle, changes=mutations.ZIP),
}
