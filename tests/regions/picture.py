"""``python -m regions.picture ../docs/regions.png``, in ``tests/``, draws regions."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from scipy import ndimage

from radpred.config.study import RegionSettings
from radpred.image import Array, Grid, Image, Mask
from radpred.pipeline.measuring.regions import drawn_regions

GRID = Grid(shape=(40, 150, 200), spacing=(2.0, 0.8, 0.8))
SETTINGS = RegionSettings(
    rings_mm=(4, 8),
    rings="disjoint",
    rim_mm=(3,),
    core=True,
    controls=("mirrored", "distant"),
    control_distance_mm=12,
    window=(-150, 250),
)
COLOURS = {
    "rim_0_3mm": "#e05a00",
    "core": "#ffc640",
    "ring_0_4mm": "#2b8cff",
    "ring_4_8mm": "#8fd0ff",
    "control_mirrored": "#b06cf0",
    "control_distant": "#3fc97a",
}


def body(rng: np.random.Generator) -> tuple[Image, Mask]:
    """Return a made cross-section, like a CT, and a lumpy tumour near the edge of the body."""
    z, y, x = (
        (np.arange(n) - (n - 1) / 2) * s for n, s in zip(GRID.shape, GRID.spacing, strict=True)
    )
    z, y, x = z[:, None, None], y[None, :, None], x[None, None, :]
    rough = ndimage.gaussian_filter(rng.normal(size=GRID.shape), 3) * 60
    inside = (x / 74) ** 2 + (y / 54) ** 2 + 0 * z <= 1
    hu = np.where(inside, 40.0 + rough * 5, -1000.0)
    hu[np.broadcast_to((x / 10) ** 2 + ((y - 38) / 9) ** 2 <= 1, GRID.shape)] = 700
    hu[np.broadcast_to(((x - 36) / 3) ** 2 + ((y - 4) / 5) ** 2 <= 1, GRID.shape)] = 650
    distance = np.sqrt((z / 1.1) ** 2 + (y + 10) ** 2 + ((x - 52) / 0.9) ** 2)
    tumour = Mask(voxels=distance + rough < 13, grid=GRID)
    bone = hu > 500
    hu[tumour.voxels & ~bone] += 60
    tumour = replace(tumour, voxels=tumour.voxels & ~bone & inside)
    return Image(voxels=hu + rng.normal(0, 12, GRID.shape), grid=GRID), tumour


def painted(image: Image, regions: dict[str, Mask], z: int) -> Array:
    """Return a slice in colour: greys of the scan under the regions' colours, (y, x, 3)."""
    greys = np.clip((image.voxels[z] + 200) / 500, 0, 1)
    pixels = np.repeat(greys[:, :, None], 3, axis=2)
    for name, mask in regions.items():
        colour = np.array(to_rgba(COLOURS[name])[:3])
        pixels[mask.voxels[z]] = 0.45 * pixels[mask.voxels[z]] + 0.55 * colour
    return pixels


def main() -> None:
    """Draw the slice on which the tumour is largest."""
    image, tumour = body(np.random.default_rng(3))
    drawn = drawn_regions(tumour, image, SETTINGS, window=SETTINGS.window_of(""))
    regions = {region.mask.name: region for region in drawn}
    z = int(tumour.voxels.sum(axis=(1, 2)).argmax())
    figure = Figure(figsize=(9.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    masks = {name: region.mask for name, region in regions.items()}
    axes.imshow(painted(image, masks, z), interpolation="nearest")
    for name, region in regions.items():
        kept = f"{name}  ({region.kept_fraction:.0%} kept)"
        axes.scatter([], [], marker="s", s=70, color=COLOURS[name], label=kept)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
    axes.set_axis_off()
    figure.savefig(sys.argv[1], dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main()
