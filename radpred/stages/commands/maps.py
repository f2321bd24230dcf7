"""Maps of features around each voxel: of one lesion, or of every row of a table of cases."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from radpred.cohort import Case, Verdict, check_cases, to_frame
from radpred.config import ExtractionSettings
from radpred.errors import InputError, SettingsError
from radpred.io import place_on, read_image, read_mask, write_image
from radpred.pipeline.lesions.reading import reading_of
from radpred.pipeline.measuring.maps import FeatureMap, feature_maps, map_names
from radpred.pipeline.measuring.measure import Measured
from radpred.report.maps import maps_picture
from radpred.stages.work.attempt import attempt, verdict_of
from radpred.stages.work.files import file_name_of, read_text_table, write_bytes

# Looked at first: intensity, and what each family of texture is best known for.
PICTURED = (
    "original_firstorder_Mean",
    "original_glcm_JointEntropy",
    "original_glcm_Correlation",
    "original_glrlm_RunLengthNonUniformity",
    "original_ngtdm_Coarseness",
)
_MOST_PANELS = 5
Told = Callable[[str, int, int], None]


@dataclass(frozen=True)
class MadeMaps:
    """What was written for one lesion.

    Parameters
    ----------
    folder : Path
        Where it lies: a NIfTI file a map, ``maps.csv`` and ``picture.png``.
    summary : DataFrame
        ``map``, ``lowest``, ``median``, ``highest``, ``n_missing`` (voxels of the region without a
        value) and ``reasons`` (reason code and number of voxels).
    notes : tuple of str
        What a reader should know.
    """

    folder: Path
    summary: pd.DataFrame
    notes: tuple[str, ...] = ()


def maps_of_lesion(
    image: Path,
    mask: Path,
    folder: Path,
    *,
    settings: ExtractionSettings,
    label: str = "auto",
    pictured: Collection[str] = (),
    told: Told | None = None,
) -> MadeMaps:
    """Write the maps of one lesion into a folder.

    Parameters
    ----------
    image, mask : Path
        The scan and its mask.
    folder : Path
        Where maps go; made if it is not there.
    settings : ExtractionSettings
        What to map, and how; ``voxel`` says how large the cubes are.
    label : str
        Label of the region in the mask, or its name; "auto" takes the only one.
    pictured : collection of str
        Maps to show in the picture; some that say much by default.
    told : callable, optional
        Gets the name of an image, and how many of how many voxels are done.

    Raises
    ------
    InputError
        A file cannot be read, or the two do not belong together.
    SettingsError
        A map that is to be pictured is not made, or no map is.
    RegionError
        The region cannot be measured.
    """
    shown = _shown(settings, pictured)
    scan = read_image(image, **reading_of(settings))
    wanted = label if label != "auto" else settings.mask_label or "auto"
    channel = settings.mask_channel
    outline = read_mask(mask, label=wanted, channel=channel, on=scan.grid, image_source=image)
    region = place_on(outline, scan.grid)
    rows: list[dict[str, object]] = []
    panels: list[FeatureMap] = []
    notes = [*scan.steps, *region.steps]
    for made in feature_maps(scan, region, settings, told=told):
        write_image(made.image, _made(folder) / f"{made.name}.nii.gz")
        rows.append(_summary(made))
        notes += made.notes
        if made.name in shown:
            panels.append(made)
    panels.sort(key=lambda made: shown.index(made.name))
    write_bytes(folder / "picture.png", maps_picture(panels, caption=_caption(settings)))
    summary = pd.DataFrame(rows)
    write_bytes(folder / "maps.csv", summary.to_csv(index=False).encode())
    return MadeMaps(folder=folder, summary=summary, notes=tuple(dict.fromkeys(notes)))


def maps_of_cases(
    table: Path,
    folder: Path,
    *,
    settings: ExtractionSettings,
    pictured: Collection[str] = (),
    told: Told | None = None,
) -> pd.DataFrame:
    """Write the maps of every usable row of a table of cases, a folder each; return verdicts.

    Raises
    ------
    InputError
        The table lacks a column, or no row can be used.
    SettingsError
        As of ``maps_of_lesion``.
    """
    shown = _shown(settings, pictured)
    cases, verdicts = check_cases(read_text_table(table), folder=table.parent, method="given")
    if not cases:
        msg = f"{table}: no row can be used; maps need image and mask files"
        raise InputError(msg, code="no_cases")
    later: dict[str, Verdict] = {}
    for case in cases:
        work = partial(_of_case, case, folder, settings, shown, told)
        found = attempt(case, work, stage="extract")
        later[case.case_id] = found if isinstance(found, Verdict) else verdict_of(case, found)
    return to_frame([later.get(v.case_id, v) for v in verdicts])


def _of_case(
    case: Case,
    folder: Path,
    settings: ExtractionSettings,
    shown: Collection[str],
    told: Told | None,
) -> Measured:
    """Write the maps of one case, a folder a modality where it has several, and return notes."""
    notes: list[str] = []
    for modality, image in case.images.items():
        made = maps_of_lesion(
            Path(image),
            Path(case.masks.get(modality) or case.masks[""]),
            folder / file_name_of(case.case_id) / modality,
            settings=settings,
            label=case.mask_label or "auto",
            pictured=shown,
            told=told,
        )
        notes += made.notes
    return Measured(values={}, reasons={}, notes=tuple(notes))


def _shown(settings: ExtractionSettings, pictured: Collection[str]) -> tuple[str, ...]:
    """Return which of the maps are pictured.

    Raises
    ------
    SettingsError
        One is asked for that settings do not make.
    """
    names = map_names(settings)
    unknown = sorted(set(pictured) - set(names))
    if unknown:
        near = get_close_matches(unknown[0], names, n=3, cutoff=0.0)
        msg = (
            f"got {', '.join(unknown)} for the picture, which is none of the {len(names)} maps of "
            f"these settings; nearest are {', '.join(near)}"
        )
        raise SettingsError(msg)
    preferred = [name for name in PICTURED if name in names]
    return tuple(pictured) or tuple(dict.fromkeys([*preferred, *names]))[:_MOST_PANELS]


def _caption(settings: ExtractionSettings) -> str:
    """Return what a voxel of a map is, in words."""
    side = 2 * settings.voxel.kernel_radius + 1
    sides = [1 if axis == settings.force_2d else side for axis in "zyx"]
    size = " \u00d7 ".join(map(str, sides))
    where = ", inside the region" if settings.voxel.masked_kernel else ""
    return f"Each voxel: the {size} voxels around it{where}\nColours: 2nd to 98th percentile"


def _made(folder: Path) -> Path:
    """Return a folder that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _summary(made: FeatureMap) -> dict[str, object]:
    """Return a map in a line."""
    values = made.values
    quantiles = np.quantile(values, [0, 0.5, 1]) if values.size else np.full(3, np.nan)
    lowest, median, highest = (float(value) for value in quantiles)
    return {
        "map": made.name,
        "lowest": lowest,
        "median": median,
        "highest": highest,
        "n_missing": made.n_missing,
        "reasons": " ".join(f"{reason}:{n}" for reason, n in made.reasons.items()),
    }
