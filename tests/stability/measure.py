"""Features of real lesions on perturbed masks, and on those of several readers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from radpred import Extractor
from radpred.errors import RegionError
from radpred.image import Image, Mask
from radpred.io import read_image, read_mask
from radpred.segment.agreement import dice
from radpred.segment.perturb import Perturbation, perturbed
from radpred.table.reliability import reliability_table

DRAWS = 5  # of each case and kind, beside the mask as given
N_SARCOMAS, N_NODULES = 20, 60
STATISTIC = "icc_1_1"
BY_DICE = {f"Dice {d:g}": Perturbation(wanted_dice=d) for d in (0.95, 0.9, 0.8, 0.7)}
BY_SIZE = {
    **{f"translation to {s:g} mm": Perturbation(translation_mm=s) for s in (1, 2, 3)},
    **{f"rotation to {s:g} degrees": Perturbation(rotation_degrees=s) for s in (10, 30)},
    **{f"growth to {s:g} mm": Perturbation(growth_mm=s) for s in (0.5, 1, 2)},
    "contour": Perturbation(contour=True),
    "noise, as much again": Perturbation(noise=1.0),
}
Case = tuple[str, Image, Mask]


@dataclass
class Measured:
    """What a cohort's features bear.

    Attributes
    ----------
    title : str
        What was measured.
    n_cases : int
        Lesions.
    reliability : dict of str to DataFrame
        Of each perturbation the reliability of each feature.
    dice : dict of str to float
        Of each perturbation the mean Dice coefficient with the mask as given.
    n_failed : int
        Draws of which nothing was left, or for which a lesion was too small.
    """

    title: str
    n_cases: int = 0
    reliability: dict[str, pd.DataFrame] = field(default_factory=dict)
    dice: dict[str, float] = field(default_factory=dict)
    n_failed: int = 0


def sarcomas(data: Path) -> Measured:
    """Return what features of sarcomas on T1 MR bear."""
    folders = sorted((data / "sts" / "images").iterdir())[:N_SARCOMAS]
    cases = [_case(f, "MR_T1_image.nii.gz", "MR_T1_mask.nii.gz") for f in folders]
    measured = Measured(title="Soft-tissue sarcomas, T1 MR, 32 grey levels")
    return _perturbed(measured, cases, BY_DICE, Extractor({"bin_count": 32}))


def nodules(data: Path) -> Measured:
    """Return what features of lung nodules on CT bear, and how they differ between readers."""
    root = data / "lidc_ct_nodules" / "images"
    readers = {f: sorted(f.glob("mask_reader*.nii.gz")) for f in sorted(root.iterdir())}
    folders = [f for f, masks in readers.items() if len(masks) >= 3][:N_NODULES]
    cases = [_case(f, "CT.nii.gz", "mask_reader1.nii.gz") for f in folders]
    extractor = Extractor({"bin_width": 25})
    measured = Measured(title="Lung nodules, CT, 25 HU a grey level")
    _perturbed(measured, cases, {**BY_DICE, **BY_SIZE}, extractor)
    rows, agreed = {}, []
    for name, image, first in cases:
        masks = [read_mask(path) for path in readers[root / name]]
        rows.update({(name, i): _features(extractor, image, mask) for i, mask in enumerate(masks)})
        agreed += [dice(first, mask) for mask in masks[1:]]
    _file(measured, "three or four readers", rows, agreed)
    return measured


def _case(folder: Path, image: str, mask: str) -> Case:
    """Return a lesion by the name of its folder."""
    return folder.name, read_image(folder / image), read_mask(folder / mask)


def _perturbed(
    measured: Measured, cases: list[Case], kinds: dict[str, Perturbation], extractor: Extractor
) -> Measured:
    """Return ``measured`` with what every kind of perturbation gave."""
    measured.n_cases = len(cases)
    given = {(name, 0): _features(extractor, image, mask) for name, image, mask in cases}
    for kind, how in kinds.items():
        rows, agreed = dict(given), []
        for case in cases:
            name, _, mask = case
            for i, draw in enumerate(_draws(case, how), start=1):
                rows[name, i] = _features(extractor, *draw)
                agreed.append(dice(mask, draw[1]))
        measured.n_failed += len(given) + DRAWS * len(cases) - len(rows)
        _file(measured, kind, rows, agreed)
    return measured


def _draws(case: Case, how: Perturbation) -> Iterator[tuple[Image, Mask]]:
    """Yield a case drawn anew, seeded by its name, where something is left of it."""
    name, image, mask = case
    for i in range(DRAWS):
        rng = np.random.default_rng([zlib.crc32(name.encode()), i])
        try:
            yield perturbed(image, mask, how, rng=rng)
        except RegionError:
            continue


def _features(extractor: Extractor, image: Image, mask: Mask) -> pd.Series:
    """Return the features of a region."""
    return extractor.extract(image, mask)


def _file(
    measured: Measured, kind: str, rows: dict[tuple[str, int], pd.Series], agreed: list[float]
) -> None:
    """Keep the reliability that some rows show."""
    frame = pd.DataFrame(rows).T
    frame.index.names = ["case_id", "variant"]
    measured.reliability[kind] = reliability_table(frame.astype(float), STATISTIC)
    measured.dice[kind] = float(np.mean(agreed))
