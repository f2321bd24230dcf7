"""IBSI 1: the digital phantom and the configurations A to E of the CT phantom."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.rows import Row, judged
from radpred import Extractor
from radpred.config.conventions import IBSI_FAMILIES
from radpred.features import feature_register
from radpred.features.texture.glcm import SAME_AS
from radpred.image import Image, Mask
from radpred.io import read_image, read_mask
from radpred.pipeline.images.scenes import Scene, prepare

NAME = "IBSI 1"
# What radpred calls IBSI's families, by how their names begin.
FAMILIES = {
    "Morphology": ("shape", "spatial"),
    "Local intensity": ("localIntensity",),
    "Statistics": ("firstorder",),
    "Intensity histogram": ("histogram", "firstorder"),
    "Intensity volume histogram": ("ivh",),
    "Co-occurrence": ("glcm",),
    "Run length": ("glrlm",),
    "Size zone": ("glszm",),
    "Distance zone": ("gldzm",),
    "Neighbourhood grey tone": ("ngtdm",),
    "Neighbouring grey level": ("gldm",),
}
# Codes that two rows share.
IVH = {
    "ivh_v10": "ivh_VolumeFractionAt10PercentIntensity",
    "ivh_v90": "ivh_VolumeFractionAt90PercentIntensity",
    "ivh_i10": "ivh_IntensityAt10PercentVolume",
    "ivh_i90": "ivh_IntensityAt90PercentVolume",
}
_ALONG = {"force_2d": "z"}
AGGREGATIONS: dict[str, dict[str, Any]] = {
    "": {},
    "2D": {**_ALONG, "slices": "averaged"},
    "2D:avg": {**_ALONG, "slices": "averaged"},
    "2D:mrg": {**_ALONG, "slices": "averaged", "aggregation": "merged"},
    "2.5D": _ALONG,
    "2.5D:avg": _ALONG,
    "2.5D:mrg": {**_ALONG, "aggregation": "merged"},
    "3D": {},
    "3D:avg": {},
    "3D:mrg": {"aggregation": "merged"},
}
_TO_2_MM = {"resample_mm": [2, 2, 2], "interpolator": "linear"}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "digital_phantom": {"bin_width": 1},
    "A": {"bin_width": 25, "resegment_range": [-500, 400]},
    "B": {
        "bin_count": 32,
        "resample_mm": [0, 2, 2],
        "interpolator": "linear",
        "resegment_range": [-500, 400],
    },
    "C": {**_TO_2_MM, "bin_width": 25, "resegment_range": [-1000, 400], "ivh_bin_width": 2.5},
    "D": {**_TO_2_MM, "bin_count": 32, "outliers_sd": 3},
    "E": {
        **_TO_2_MM,
        "interpolator": "bspline",
        "bin_count": 32,
        "resegment_range": [-1000, 400],
        "outliers_sd": 3,
        "ivh_bin_count": 1000,
    },
}
# Of IBSI's settings, what PyRadiomics' convention leaves as it is.
_ALWAYS = {"minimum_grey_levels": 2, "families": list(IBSI_FAMILIES), "all_features": True}


def rows(folder: Path, convention: str) -> Iterator[Row]:
    """Yield every row of IBSI 1, measured by a convention."""
    with (folder / "ibsi1_reference_values.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    for part, chosen in CONFIGURATIONS.items():
        settings = {"convention": convention, **_ALWAYS, **chosen}
        image, mask = _phantom(folder, part)
        wanted = [row for row in published if row["config"] == part]
        found = _features(image, mask, settings, {row["aggregation"] for row in wanted})
        found["Diagnostics"] = _diagnostics(image, mask, settings)
        for row in wanted:
            status, note = judged(_value(row, found), row["value"], row["tolerance"])
            yield Row(
                source=NAME,
                part=part.replace("_", " "),
                group=row["family"],
                tag=row["ibsi_tag"],
                convention=convention,
                status=status,
                note=note,
            )


def _phantom(folder: Path, part: str) -> tuple[Image, Mask]:
    """Return the phantom that a configuration is measured on."""
    name = "ibsi_1_digital_phantom" if part == "digital_phantom" else "ibsi_1_ct_radiomics_phantom"
    image, mask = (
        next((folder / name / "nifti" / kind).glob("*.nii.gz")) for kind in ("image", "mask")
    )
    return read_image(image), read_mask(mask)


def _features(
    image: Image, mask: Mask, settings: dict[str, Any], aggregations: set[str]
) -> dict[str, dict[str, float]]:
    """Return aggregation -> feature -> value; what no aggregation concerns is measured once."""
    texture = ["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "gldm"]
    found: dict[str, dict[str, float]] = {}
    for name in aggregations:
        families = [f for f in IBSI_FAMILIES if (f in texture) == bool(name)]
        chosen = {**settings, **AGGREGATIONS[name], "families": families}
        values = Extractor(chosen).extract(image, mask)
        found[name] = {
            str(key).removeprefix("tumour__original_"): float(value)
            for key, value in values.items()
        }
    return found


def _value(row: dict[str, str], found: dict[str, dict[str, float]]) -> float | None:
    """Return radpred's value of a row, if it has one."""
    if row["family"].startswith("Diagnostics"):
        return found["Diagnostics"].get(row["ibsi_tag"])
    values = found[row["aggregation"]]
    if row["base_tag"] in IVH:
        return values[IVH[row["base_tag"]]]
    code = SAME_AS.get(row["ibsi_id"], row["ibsi_id"])
    families = next(ours for theirs, ours in FAMILIES.items() if row["family"].startswith(theirs))
    for feature in feature_register(families, is_complete=True):
        if feature.ibsi == code:
            return values.get(feature.key)
    return None


def _diagnostics(image: Image, mask: Mask, settings: dict[str, Any]) -> dict[str, float]:
    """Return what IBSI's diagnostics say of image and region before and after each step."""
    # A filter that asks for the largest magnitude sees all of an image, so that all is resampled.
    settings = {**settings, "filters": [{"kind": "square"}]}
    chosen = {k: v for k, v in settings.items() if k not in ("resegment_range", "outliers_sd")}
    before = Scene(image=image, regions={"tumour": mask}, outlines={"tumour": mask})
    between, after = (_scene(image, mask, given) for given in (chosen, settings))
    found: dict[str, float] = {}
    for stage, scene in (("init", before), ("interp", between), ("reseg", after)):
        grid, voxels = scene.image.grid, scene.image.voxels
        for axis, size, spacing in zip("zyx", grid.shape, grid.spacing, strict=True):
            found[f"img_dim_{axis}_{stage}_img"] = size
            found[f"vox_dim_{axis}_{stage}_img"] = spacing
        for what, value in (("mean", voxels.mean()), ("min", voxels.min()), ("max", voxels.max())):
            found[f"{what}_int_{stage}_img"] = float(value)
        for kind, region in (("int", scene.regions), ("morph", scene.outlines)):
            of_mask = _of_mask(scene, region["tumour"])
            found |= {f"{kind}_mask_{what}_{stage}_roi": value for what, value in of_mask.items()}
    return found


def _scene(image: Image, mask: Mask, settings: dict[str, Any]) -> Scene:
    """Return image and region after the steps that settings ask for."""
    (scene,) = prepare(image, {mask.name: mask}, Extractor(settings).settings).scenes
    return scene


def _of_mask(scene: Scene, mask: Mask) -> dict[str, float]:
    """Return what diagnostics say of a mask."""
    inside = scene.image.voxels[mask.voxels]
    assert mask.box is not None
    found = {
        "vox_count": float(mask.n_voxels),
        "mean_int": float(inside.mean()),
        "min_int": float(inside.min()),
        "max_int": float(inside.max()),
    }
    for axis, size, part in zip("zyx", mask.grid.shape, mask.box, strict=True):
        found |= {f"dim_{axis}": float(size), f"bb_dim_{axis}": float(part.stop - part.start)}
    return found
