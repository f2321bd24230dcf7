"""What a reader should know of how regions were measured: one sentence a region and matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from radpred.backends import array_namespace
from radpred.features import FeatureValues
from radpred.image import Array, Mask
from radpred.pipeline.images.responses import ORIGINAL, Response
from radpred.preprocess import MANY_GREY_LEVELS, discretise, fitting_width, predicted_levels

# Fewer grey levels than this on the image as it came leave little texture to measure.
_FEW_GREY_LEVELS = 8
_USUAL_GREY_LEVELS = 32

_SENTENCES = {
    "few": "few grey levels, hence little or no texture, on {images}",
    "many": "more grey levels than texture can use on {images}",
    "spoilt": "not finite everywhere: {images}, whose filters reach voxels that are not",
}


def sentences(remarks: Iterable[tuple[str, Mapping[str, str]]]) -> list[str]:
    """Return one sentence for each region and kind of remark, naming the images.

    Parameters
    ----------
    remarks : iterable of (str, dict)
        A region, and kind -> image with what is to be said of it.
    """
    images: dict[tuple[str, str], list[str]] = {}
    for region, kinds in remarks:
        for kind, image in kinds.items():
            images.setdefault((region, kind), []).append(image)
    return [
        f"{region}: {_SENTENCES[kind].format(images=', '.join(named))}"
        for (region, kind), named in images.items()
    ]


def on_levels(response: Response, mask: Mask, found: FeatureValues, wanted: int) -> dict[str, str]:
    """Return remarks on a region that has few or very many grey levels on an image.

    Parameters
    ----------
    response : Response
        The image, and how its grey levels are made.
    mask : Mask
        The region.
    found : FeatureValues
        What it gave; without grey levels there is nothing to say.
    wanted : int
        Fewer than this are few.
    """
    name = response.image.name
    lowest, highest = found.limits
    if found.n_grey_levels == 0 or lowest == highest:
        return {}
    if name == ORIGINAL:
        wanted = max(wanted, _FEW_GREY_LEVELS)
    if found.n_grey_levels < wanted:
        cure = _with_more(response.image.voxels[mask.voxels], response, wanted)
        return {"few": f"{name} ({found.n_grey_levels}{cure})"}
    if response.bin_width is None:
        return {}
    n_levels = predicted_levels(lowest, highest, bin_width=response.bin_width)
    if n_levels <= MANY_GREY_LEVELS:
        return {}
    width = fitting_width(lowest, highest, n_levels=MANY_GREY_LEVELS)
    return {"many": f"{name} ({n_levels:.0f}; bin_width={width:g} gives {MANY_GREY_LEVELS})"}


def _with_more(values: Array, response: Response, wanted: int) -> str:
    """Return a setting that gives a region as many grey levels as are wanted, if one does."""
    bins: dict[str, Any] = {"bin_count": _USUAL_GREY_LEVELS}
    if response.bin_width is not None:
        width = fitting_width(values.min(), values.max(), n_levels=_USUAL_GREY_LEVELS)
        bins = {"bin_width": width}
    n_levels = array_namespace(values).unique(discretise(values, **bins)).size
    setting, value = next(iter(bins.items()))
    return f"; {setting}={value:g} gives {n_levels}" if n_levels >= wanted else ""
