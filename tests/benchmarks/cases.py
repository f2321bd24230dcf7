"""The images and regions that are measured: whole scans of PyRadiomics' release, and made ones.

Release 3.0.1 of PyRadiomics ships its sample images; later releases do not. The made ones come from
a seed, so that they are the same everywhere.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from benchmarks.plan import CASES, COST_VOXELS, N_MAPPED_VOXELS

SHIPPED = ("lung1", "brain1", "lung2")
RELEASE = "pyradiomics==3.0.1"
# Its build script, which pip asks for the name and version, speaks of what Python 3.12 took out.
OLD_WORDS = """
import configparser
if not hasattr(configparser, "SafeConfigParser"):
    configparser.SafeConfigParser = configparser.ConfigParser
    configparser.ConfigParser.readfp = configparser.ConfigParser.read_file
"""
BODY = "body"
SHAPE = (160, 256, 256)
SPACING_XYZ_MM = (0.9, 0.9, 1.5)
SIZES = {"medium": 30_000, "large": 300_000} | {f"voxels_{n}": n for n in COST_VOXELS}


def paths(folder: Path, case: str) -> tuple[Path, Path]:
    """Return the files of a case: image and label."""
    image = BODY if case in SIZES else case
    return folder / f"{image}_image.nrrd", folder / f"{case}_label.nrrd"


def make(folder: Path, python: list[str], wanted: tuple[str, ...] = CASES) -> dict[str, str]:
    """Make or fetch what is not there yet, and return why for cases that could not be had.

    Parameters
    ----------
    folder : path
        Where images lie.
    python : list of str
        The command of a Python that has pip and what PyRadiomics' build script imports.
    wanted : tuple of str
        Of the cases that are shipped, those that are needed; made ones are always made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not all(path.is_file() for size in SIZES for path in paths(folder, size)):
        _make_bodies(folder)
    if not all(path.is_file() for path in paths(folder, "maps")):
        _make_small(folder)
    missing = [c for c in SHIPPED if c in wanted and not paths(folder, c)[1].is_file()]
    try:
        if missing:
            _fetch(folder, python)
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", "") or str(error)
        return {case: f"{RELEASE} could not be fetched: {_last_line(why)}" for case in missing}
    return {}


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], sigma: float) -> np.ndarray:
    """Return a smooth random field of unit variance."""
    white = rng.standard_normal(shape, dtype=np.float32)
    field = ndimage.gaussian_filter(white, sigma, mode="wrap")
    return field / field.std()


def body(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return something like a CT: soft tissue at three scales, and air."""
    tissue = 40 + 60 * smooth_noise(rng, shape, 10) + 35 * smooth_noise(rng, shape, 3)
    tissue += 25 * smooth_noise(rng, shape, 0.7)
    tissue[smooth_noise(rng, shape, 14) > 1.9] -= 700
    return np.clip(np.rint(tissue), -1024, 3071).astype(np.int16)


def rough_ball(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a field that grows from the middle: what lies below a level is a rough ball."""
    spacing = np.array(SPACING_XYZ_MM[::-1])[:, None, None, None]
    middle = (np.array(shape) // 2)[:, None, None, None]
    distance = np.sqrt((((np.indices(shape, dtype=np.float32) - middle) * spacing) ** 2).sum(0))
    roughness = 0.15 * smooth_noise(rng, shape, 8) + 0.08 * smooth_noise(rng, shape, 2)
    return distance * (1 + roughness)


def region(field: np.ndarray, n_voxels: int) -> np.ndarray:
    """Return the largest connected part of the ``n_voxels`` where a field is lowest."""
    level = np.partition(field.ravel(), n_voxels)[n_voxels]
    labels, _ = ndimage.label(field < level)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return labels == sizes.argmax()


def _make_bodies(folder: Path) -> None:
    """Write one image and regions of every size in it, each inside the next."""
    rng = np.random.default_rng(4)
    _write(folder / f"{BODY}_image.nrrd", body(rng, SHAPE))
    field = rough_ball(rng, SHAPE)
    for case, n_voxels in SIZES.items():
        _write(folder / f"{case}_label.nrrd", region(field, n_voxels).astype(np.uint8))


def _make_small(folder: Path) -> None:
    """Write the image and the region that maps are made of."""
    rng = np.random.default_rng(5)
    shape = (64, 64, 64)
    image, label = paths(folder, "maps")
    _write(image, body(rng, shape))
    _write(label, region(rough_ball(rng, shape), N_MAPPED_VOXELS).astype(np.uint8))


def _write(path: Path, voxels: np.ndarray) -> None:
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(SPACING_XYZ_MM)
    sitk.WriteImage(image, str(path), useCompression=False)


def _fetch(folder: Path, python: list[str]) -> None:
    """Download the release's source and take its images out."""
    options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
    with tempfile.TemporaryDirectory() as words:
        (Path(words) / "sitecustomize.py").write_text(OLD_WORDS, encoding="utf-8")
        subprocess.run(
            [*python, "-m", "pip", "download", *options, "--dest", str(folder), RELEASE],
            check=True,
            env=os.environ | {"PYTHONPATH": words},
            stderr=subprocess.PIPE,
            stdout=sys.stderr,
            text=True,
        )
    (archive,) = folder.glob("pyradiomics-*.tar.gz")
    with tarfile.open(archive) as source:
        for member in source.getmembers():
            name = Path(member.name).name
            if any(name in [p.name for p in paths(folder, case)] for case in SHIPPED):
                content = source.extractfile(member) or io.BytesIO()
                (folder / name).write_bytes(content.read())


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text.strip() else "no reason given"
