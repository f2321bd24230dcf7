"""``python -m report.habitat_example ../docs/habitats.png``, in ``tests/``, draws habitats.

Prints, as a table, how well planted phases are found again in tumours that were not fitted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from radpred import fit_habitats
from radpred.datasets import Phased, phased_tumour
from radpred.image import Mask
from radpred.pipeline.measuring.habitats import HabitatMap
from radpred.report.parts.habitats import habitat_colours
from radpred.segment.agreement import dice

N_FITTED, N_JUDGED = 6, 4
WAYS = {
    "k-means, voxels": {"most_voxels": 9000},
    "Gaussian mixture, voxels": {"method": "gmm", "most_voxels": 9000},
    "k-means, 2000 supervoxels": {},
    "k-means, 400 supervoxels": {"supervoxels": 400},
}


def main() -> None:
    """Draw the picture, and print the table."""
    _tell("| noise / step between phases | way | habitat 1 | habitat 2 | habitat 3 |")
    _tell("|---|---|---|---|---|")
    for noise in (6.0, 12.0):
        rng = np.random.default_rng(0)
        made = [phased_tumour(rng, noise=noise) for _ in range(N_FITTED + N_JUDGED)]
        pairs = [(one.image, one.tumour) for one in made]
        for way, settings in WAYS.items():
            fitted = fit_habitats(pairs[:N_FITTED], n=3, **settings)
            found = [fitted.map(*pair) for pair in pairs[N_FITTED:]]
            scores = [_scores(*each) for each in zip(found, made[N_FITTED:], strict=True)]
            cells = " | ".join(f"{score:.2f}" for score in np.mean(scores, axis=0))
            _tell(f"| {noise / 40:.2f} | {way} | {cells} |")
            if noise == 6.0 and not settings:
                _figure(made[N_FITTED], found[0]).savefig(Path(sys.argv[1]), dpi=110)


def _tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def _scores(found: HabitatMap, made: Phased) -> list[float]:
    """Return Dice's coefficient of each habitat with its phase."""
    return [
        dice(mask, Mask(voxels=made.phases == number, grid=mask.grid))
        for number, mask in enumerate(found.masks.values(), start=1)
    ]


def _figure(made: Phased, found: HabitatMap) -> Figure:
    """Return a slice of the scan, of the planted phases and of the habitats."""
    z = made.phases.shape[0] // 2
    figure = Figure(figsize=(7.2, 2.7), layout="constrained")
    colours = ListedColormap(habitat_colours(3))
    kinds = {"planted phases": made.phases[z], "habitats found": found.labels.voxels[z]}
    axes = figure.subplots(1, 3)
    for panel in axes:
        panel.imshow(made.image.voxels[z], cmap="gray")
        panel.set_axis_off()
    axes[0].contour(made.tumour.voxels[z], levels=[0.5], colors=["#ffb000"], linewidths=1.2)
    axes[0].set_title("scan and tumour", fontsize=10)
    for panel, (title, labels) in zip(axes[1:], kinds.items(), strict=True):
        panel.imshow(np.ma.masked_equal(labels, 0), cmap=colours, vmin=0.5, vmax=3.5)
        panel.set_title(title, fontsize=10)
    return figure


if __name__ == "__main__":
    main()
