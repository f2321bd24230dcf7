"""The slice of a scan on which a region is largest, with maps of features over it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from radpred.backends import to_host
from radpred.features import feature_register
from radpred.image import Triple
from radpred.pipeline.measuring.maps import FeatureMap
from radpred.report.figures.maps import MapSlice, map_sheet
from radpred.report.slices import window
from radpred.report.words.names import plain_name
from radpred.report.words.numbers import grouped
from radpred.table.columns import feature_name

_REGION = "region"
_MARGINS_MM = (6.0, 15.0)


def maps_figure(maps: Sequence[FeatureMap], *, caption: str = "") -> Figure:
    """Return a picture of maps of one region, over the axial slice on which it is largest.

    Parameters
    ----------
    maps : sequence of FeatureMap
        At least one, all of the same scan and region.
    caption : str
        What to write below.
    """
    first = maps[0]
    inside = to_host(first.region.voxels)
    z = int(np.argmax(inside.sum(axis=(1, 2))))
    z_scan = z + first.box[0].start
    scan = to_host(first.scan.voxels)[z_scan]
    region = _on_scan(inside[z], first, fill=False)
    spacing = first.scan.grid.spacing
    part = window(region, (spacing[1], spacing[2]), margin_mm=_margin_mm(region, spacing))
    return map_sheet(
        scan[part].astype(float),
        region[part],
        [
            MapSlice(
                what=_words(each.name),
                detail=_detail(each),
                values=_on_scan(to_host(each.image.voxels)[z], each, fill=np.nan)[part],
            )
            for each in maps
        ],
        pixel_mm=(spacing[1], spacing[2]),
        captions=(f"slice {z_scan + 1} of {first.scan.grid.shape[0]} along z", caption),
    )


def maps_picture(maps: Sequence[FeatureMap], *, caption: str = "") -> bytes:
    """Return ``maps_figure`` as PNG."""
    file = io.BytesIO()
    maps_figure(maps, caption=caption).savefig(file, format="png", dpi=144, facecolor="white")
    return file.getvalue()


def _margin_mm(region: np.ndarray, spacing: Triple) -> float:
    """Return how much of the scan to show around a region: more around a large one."""
    rows, columns = window(region, (spacing[1], spacing[2]), margin_mm=0)
    size = max((rows.stop - rows.start) * spacing[1], (columns.stop - columns.start) * spacing[2])
    return float(np.clip(0.35 * size, *_MARGINS_MM))


def _on_scan(part: np.ndarray, each: FeatureMap, *, fill: float | bool) -> np.ndarray:
    """Return a slice of a map or region in its place on the scan's slice."""
    whole = np.full(each.scan.grid.shape[1:], fill, dtype=part.dtype)
    whole[each.box[1:]] = part
    return whole


def _words(name: str) -> str:
    """Return what a map shows, with its unit where that is no matter of the scan."""
    image, family, feature = name.split("_", 2)
    plain = plain_name(feature_name(family, feature, image=image, region=_REGION))
    summary = next(f.summary for f in feature_register([family]) if f.name == feature)
    unit = "bits" if "in bits" in summary else ""
    _, _, of_image = plain.where.partition(", ")
    return ", ".join(filter(None, (plain.what, unit, of_image)))


def _detail(each: FeatureMap) -> str:
    """Return the name of a map, and how many of its voxels have no value."""
    return f"{each.name} ({grouped(each.n_missing)} missing)" if each.n_missing else each.name
