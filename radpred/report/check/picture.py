"""A scan from three sides with the outlines of regions, small enough for a page of a thousand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image
from scipy import ndimage

from radpred.backends import to_host
from radpred.image import Array, Image, Mask
from radpred.report.check.planes import Cut, cuts, lies_beside
from radpred.report.slices import COLOURS
from radpred.report.words.numbers import counted, grouped, number

OUTLINES = (*COLOURS, "#ff8a80", "#fff176")
N_VIEW = 200  # pixels along a side
_GAP = 4
_BEYOND = (226, 230, 233)  # where the scan ends
_QUALITY = 80
_SHOWN_PERCENT = (1.0, 99.5)
_AIR_HU, _BONE_HU = -900, 200
_LUNG_HU, _SOFT_HU = (-1350.0, 150.0), (-160.0, 240.0)
_MOST_LUNG_HU = -400  # on average inside a region


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A scan from three sides, and what to say of it.

    Parameters
    ----------
    webp : bytes
        The cuts side by side.
    size : (int, int)
        Width and height in pixels.
    cuts : tuple of str
        What each cut is, from the left.
    regions : tuple of (str, str)
        Name and colour of each outline.
    facts : tuple of str
        The region's size, the scan's voxels, and which intensities are shown.
    modality : str
        Of which image column it is, "" where there is one.
    remark : str
        What to know, as where nothing could be outlined.
    """

    webp: bytes
    size: tuple[int, int]
    cuts: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    modality: str = ""
    remark: str = ""


def picture(
    image: Image,
    regions: Sequence[Mask],
    *,
    modality: str = "",
    remark: str = "",
    n_view: int = N_VIEW,
) -> Picture:
    """Return a scan from three sides with the outlines of regions.

    Parameters
    ----------
    image : Image
        The scan.
    regions : sequence of Mask
        Each on a grid of its own, at most as many as `OUTLINES`; the cuts go through the first.
    modality, remark : str
        As in `Picture`.
    n_view : int
        Pixels along a side of each cut.
    """
    found = cuts(image, regions, n_view=n_view)
    low, high = _window(image, regions, found)
    views = [_drawn(cut, low, high, n_view) for cut in found]
    gap = np.full((n_view, _GAP, 3), 255, dtype=np.uint8)
    strip = np.hstack([part for view in views for part in (view, gap)][:-1])
    file = io.BytesIO()
    PIL.Image.fromarray(strip).save(file, format="WEBP", quality=_QUALITY, method=2)
    return Picture(
        webp=file.getvalue(),
        size=(strip.shape[1], strip.shape[0]),
        cuts=tuple(cut.name for cut in found),
        regions=tuple((mask.name, colour) for mask, colour in zip(regions, OUTLINES, strict=False)),
        facts=(*_sizes(image, regions), _voxels(image), *_shown(low, high)),
        modality=modality,
        remark=remark or _remark(image, regions),
    )


def _window(image: Image, regions: Sequence[Mask], found: Sequence[Cut]) -> tuple[float, float]:
    """Return the intensities that are black and white: a window of CT, or percentiles."""
    seen = [np.asarray(cut.pixels, dtype=float).ravel() for cut in found]
    pixels = np.concatenate([p[np.isfinite(p)] for p in seen])
    if not pixels.size:
        return 0.0, 0.0
    if pixels.min() <= _AIR_HU and pixels.max() >= _BONE_HU and _are_whole(pixels):
        inside = [to_host(image.voxels)[m.voxels] for m in regions if m.grid == image.grid]
        mean = np.concatenate(inside).mean() if sum(map(len, inside)) else 0.0
        return _LUNG_HU if mean < _MOST_LUNG_HU else _SOFT_HU
    low, high = np.percentile(pixels, _SHOWN_PERCENT)
    return float(low), float(high)


def _are_whole(pixels: Array) -> bool:
    """Tell whether intensities are whole numbers, as those of CT are before anyone resamples."""
    return bool((pixels == np.round(pixels)).all())


def _drawn(cut: Cut, low: float, high: float, n_view: int) -> Array:
    """Return a cut with outlines as red, green and blue bytes, shape (n_view, n_view, 3)."""
    canvas = np.empty((n_view, n_view, 3), dtype=np.uint8)
    canvas[:] = _BEYOND
    top, left, bottom, right = (round(end * n_view) for end in cut.frame)
    if cut.pixels.size and bottom > top and right > left:
        known = np.nan_to_num(np.asarray(cut.pixels, dtype=float), nan=low)
        share = (known - low) / (high - low if high > low else 1.0)
        grey = PIL.Image.fromarray((255 * np.clip(share, 0, 1)).astype(np.uint8))
        fitted = grey.resize((right - left, bottom - top), PIL.Image.Resampling.BILINEAR)
        shown = np.asarray(fitted)[max(-top, 0) :, max(-left, 0) :, None]
        place = canvas[max(top, 0) : bottom, max(left, 0) : right]
        place[:] = shown[: place.shape[0], : place.shape[1]]
    for inside, colour in reversed(list(zip(cut.regions, OUTLINES, strict=False))):
        line = ndimage.binary_dilation(inside, iterations=max(1, n_view // 100)) & ~inside
        around = ndimage.binary_dilation(line) & ~line & ~inside
        canvas[around] = canvas[around] // 2
        canvas[line] = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return canvas


def _sizes(image: Image, regions: Sequence[Mask]) -> tuple[str, ...]:
    """Return the size of the first region in words, nothing where there is none."""
    if not regions:
        return ()
    if _is_flat(image):
        return (counted(regions[0].n_voxels, "pixel"),)
    volume_ml = regions[0].volume_mm3 / 1000
    digits = max(0, 2 - int(np.floor(np.log10(volume_ml)))) if volume_ml > 0 else 0
    volume = number(volume_ml, digits=digits) if digits else grouped(round(volume_ml))
    return (f"{volume} ml in {counted(regions[0].n_voxels, 'voxel')}",)


def _is_flat(image: Image) -> bool:
    """Tell whether an image is one slice."""
    return 1 in image.grid.shape


def _remark(image: Image, regions: Sequence[Mask]) -> str:
    """Return a warning where the first region lies beside the scan."""
    is_beside = bool(regions) and lies_beside(image, regions[0])
    return "the outline lies beside the scan" if is_beside else ""


def _voxels(image: Image) -> str:
    """Return the size of a scan in words."""
    sides = list(zip(image.grid.shape, image.grid.spacing, strict=True))[::-1]
    if _is_flat(image):
        sides = [side for side in sides if side[0] > 1]
    shape = " \u00d7 ".join(str(n) for n, _ in sides)
    spacing = " \u00d7 ".join(f"{step:.3g}" for _, step in sides)
    size = f"scan {shape} {'pixels' if _is_flat(image) else 'voxels'}"
    return f"{size} of {spacing} mm" if image.grid.is_placed else size


def _shown(low: float, high: float) -> tuple[str, ...]:
    """Return which intensities are black and white, nothing where all are equal."""
    if high <= low:
        return ()
    digits = 2 - int(np.floor(np.log10(high - low)))  # of what the range leaves visible
    black, white = (_short(round(value, digits)) for value in (low, high))
    return (f"shown from {black}\u00a0to\u00a0{white}",)


def _short(value: float) -> str:
    """Return an intensity in three digits, with a true minus sign."""
    text = f"{value + 0.0:.0f}" if abs(value) >= 100 else f"{value + 0.0:.3g}"
    return text.replace("-", "\u2212")
