"""The best, the middling and the worst mask of a method, with the truth's outline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from radpred.image import bounding_box
from radpred.segment import segment_prompt
from segmentation.lesions import Lesion
from segmentation.measure import BOX, prompts_of

METHOD = "ellipsoid"
TRUTH, FOUND = "#1b9e77", "#d95f02"
MARGIN = 6


def drawn(chosen: Sequence[tuple[str, Lesion, float]], path: Path) -> Path:
    """Write a picture: of each lesion the slice in which the truth is largest."""
    mpl.use("Agg")
    figure, axes = plt.subplots(1, len(chosen), figsize=(3.2 * len(chosen), 3.6))
    for axis, (title, lesion, dice) in zip(axes, chosen, strict=True):
        rng = np.random.default_rng(0)
        mask = segment_prompt(lesion.image, prompts_of(lesion)[BOX], method=METHOD, rng=rng)
        z = int(lesion.truth.voxels.sum(axis=(1, 2)).argmax())
        both = (lesion.truth.voxels | mask.voxels).any(axis=0)[None]
        _, rows, columns = bounding_box(both, margin=MARGIN)
        place = (z, rows, columns)
        axis.imshow(lesion.image.voxels[place], cmap="gray", interpolation="nearest")
        for voxels, colour in ((lesion.truth.voxels, TRUTH), (mask.voxels, FOUND)):
            if voxels[place].any():
                axis.contour(voxels[place], levels=[0.5], colors=colour, linewidths=1.6)
        axis.set_title(f"{title}: Dice {dice:.2f}", fontsize=10)
        axis.axis("off")
    figure.text(0.3, 0.02, "truth", color=TRUTH, ha="center")
    figure.text(0.7, 0.02, f"{METHOD}, from a box a fifth larger", color=FOUND, ha="center")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90, metadata={"Software": None})
    plt.close(figure)
    return path
