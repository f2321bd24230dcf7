"""Lesions with a truth to hold a mask against: nodules as readers drew them, and made ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from radpred.datasets import cohort_cases, plan_cohort
from radpred.image import Image, Mask
from radpred.io import place_on, read_image, read_mask
from radpred.segment import majority

N_MADE, MADE_SEED = 40, 3


@dataclass(frozen=True)
class Lesion:
    """A lesion: its scan, what most readers marked of it, and what each of them did."""

    name: str
    image: Image
    truth: Mask
    readers: tuple[Mask, ...] = ()

    @property
    def pairs(self) -> list[tuple[Mask, Mask]]:
        """Return every two readers."""
        return list(combinations(self.readers, 2))

    @property
    def left_out(self) -> list[tuple[Mask, Mask]]:
        """Return each reader beside the consensus of the others, where those are two or more."""
        if len(self.readers) < 3:
            return []
        others = [tuple(o for o in self.readers if o is not reader) for reader in self.readers]
        return [(reader, majority(rest)) for reader, rest in zip(self.readers, others, strict=True)]


def nodules(data: Path) -> Iterator[Lesion]:
    """Yield the nodules of `lidc_ct_nodules` that two readers or more outlined."""
    for folder in sorted((data / "lidc_ct_nodules" / "images").iterdir()):
        image = read_image(folder / "CT.nii.gz")
        paths = sorted(folder.glob("mask_reader*.nii.gz"))
        readers = tuple(place_on(read_mask(path), image.grid) for path in paths)
        if len(readers) > 1:
            yield Lesion(folder.name, image, majority(readers), readers)


def made() -> Iterator[Lesion]:
    """Yield lesions of a made cohort, whose voxels are known."""
    for case in cohort_cases(plan_cohort(n_patients=N_MADE, seed=MADE_SEED)):
        yield Lesion(case.case_id, case.image, case.mask)


def halves(names: list[str]) -> tuple[list[str], list[str]]:
    """Return the half on which constants were chosen, and the half that had no say."""
    rng = np.random.default_rng(20240607)
    chosen = sorted(rng.permutation(sorted(names))[: len(names) // 2].tolist())
    return chosen, [name for name in names if name not in chosen]
