"""From an image and its regions to named values; columns depend on settings alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import SimpleITK as sitk
from threadpoolctl import ThreadpoolController

from radpred.backends import CPU
from radpred.config import ExtractionSettings, extraction_settings
from radpred.config.conventions import Family
from radpred.config.engines import require_engine
from radpred.errors import InputError, SettingsError
from radpred.features import feature_names
from radpred.image import Grid, Image, Mask
from radpred.io import (
    from_sitk,
    image_of_array,
    labels_of_array,
    mask_of_label,
    place_on,
    read_image,
    read_mask,
    slice_first,
)
from radpred.pipeline.images.remarks import sentences
from radpred.pipeline.images.responses import ORIGINAL, response_names
from radpred.pipeline.lesions.reading import reading_of
from radpred.pipeline.measuring.engine import by_engine
from radpred.pipeline.measuring.maps import FeatureMap, feature_maps
from radpred.pipeline.measuring.parts import SHAPES
from radpred.table.columns import feature_name

REGION = "tumour"
Place = tuple[str, str, str]  # region, image, feature as family_Feature


@dataclass(frozen=True, kw_only=True)
class ExtractedFeatures:
    """The features of all regions of one image.

    Parameters
    ----------
    values : dict of str to float
        Column to value, in the order of ``column_names``; NaN where there is none.
    reasons : dict of str to str
        Column to reason code, for exactly the columns that are NaN.
    notes : tuple of str
        What a reader should know of how it was measured.
    volumes_mm3 : dict of str to (float, float)
        Region to its volume before and after resampling and resegmentation.
    sizes : dict of (str, str) to (int, int)
        Region and image to the number of voxels whose intensities are measured, and of grey
        levels among them; 0 levels where none were made.
    device : str
        Where it was measured: ``cpu``, or what the card is called.
    """

    values: dict[str, float]
    reasons: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    volumes_mm3: dict[str, tuple[float, float]] = field(default_factory=dict)
    sizes: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    device: str = CPU


def column_names(
    settings: ExtractionSettings, regions: Sequence[str], *, modality: str = ""
) -> tuple[str, ...]:
    """Return every column that settings give for regions, in order, without an image.

    Raises
    ------
    SettingsError
        A feature that is chosen does not exist, or two filters give the same image.

    Examples
    --------
    >>> names = column_names(ExtractionSettings(families=("shape",)), ["tumour"])
    >>> len(names), names[0]
    (14, 'tumour__original_shape_Elongation')
    """
    return tuple(_columns(settings, regions, modality).values())


def extract_regions(
    image: Image,
    regions: Mapping[str, Mask],
    settings: ExtractionSettings,
    *,
    modality: str = "",
) -> ExtractedFeatures:
    """Return the features of regions of an image, on the image and on its filters' responses.

    Parameters
    ----------
    image : Image
        The scan. Where its voxels lie on a card it is measured there, or, if the card is full,
        on the host after all.
    regions : dict of str to Mask
        Regions by name, on the image's grid; they follow the image to the card.
    settings : ExtractionSettings
        What to measure, and how.
    modality : str
        Put in front of the names where a case has several images.

    Raises
    ------
    GeometryError
        A region lies on another grid than the image.
    InputError
        The image is flat and to be normalised, or the resampled grid would be too large.
    SettingsError
        Two filters give the same image, or a chosen feature does not exist.
    """
    wanted = _wanted(settings)
    columns = _named(tuple(regions), modality, tuple(wanted.items()))
    if image.grid.shape[0] == 1:
        settings = settings.on_slice()
        wanted = _wanted(settings)
    # The matrices are small, and cases run side by side: more threads would only wait.
    with _blas().limit(limits=1, user_api="blas"):
        device, prepared, parts = by_engine(image, regions, settings, wanted)
    notes = list(prepared.notes)
    values: dict[Place, float] = {}
    reasons: dict[Place, str] = {
        place: prepared.refused[place[0]] for place in columns if place[0] in prepared.refused
    }
    for part in parts:
        place = (part.region, part.image)
        values |= {(*place, key): value for key, value in part.values.items()}
        reasons |= {(*place, key): reason for key, reason in part.reasons.items()}
        notes += part.notes
    notes += sentences((part.region, part.remarks) for part in parts)
    levels = {(part.region, part.image): part.n_grey_levels for part in parts}
    return ExtractedFeatures(
        values={name: values.get(place, float("nan")) for place, name in columns.items()},
        reasons={name: reasons[place] for place, name in columns.items() if place in reasons},
        notes=tuple(dict.fromkeys(notes)),
        volumes_mm3=prepared.volumes_mm3,
        sizes={
            (region, image): (prepared.n_voxels[region], levels.get((region, image), 0))
            for region, image in dict.fromkeys(place[:2] for place in columns)
        },
        device=device,
    )


class Extractor:
    """Images and masks to features, by settings that are checked once.

    Parameters
    ----------
    settings : path, dict, ExtractionSettings or None
        In radpred's words, or a PyRadiomics parameter file; PyRadiomics' defaults where None.

    Raises
    ------
    SettingsError
        A setting that radpred does not know, or does not follow; or ``engine: pyradiomics`` where
        PyRadiomics is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from radpred.image import Grid, Image, Mask
    >>> grid = Grid(shape=(4, 4, 4))
    >>> voxels = np.arange(64.0).reshape(4, 4, 4)
    >>> features = Extractor({"families": ["firstorder"]}).extract(
    ...     Image(voxels=voxels, grid=grid), Mask(voxels=voxels > 31, grid=grid)
    ... )
    >>> float(features["tumour__original_firstorder_Mean"])
    47.5
    """

    def __init__(self, settings: Any = None) -> None:
        self.settings = extraction_settings(settings)
        require_engine([self.settings])
        self.columns = column_names(self.settings, [REGION])
        self._index = pd.Index(self.columns)

    def extract(self, image: Any, mask: Any, *, label: int | str = "auto") -> pd.Series[float]:
        """Return the features of one region as name -> value.

        Parameters
        ----------
        image : path, array, SimpleITK image or Image
            The scan; an array (z, y, x) has voxels of 1 mm.
        mask : path, array, SimpleITK image or Mask
            The region; placed on the image's grid where it lies elsewhere. An array must have the
            image's shape.
        label : int, str or "auto"
            The value in the mask that is the region, or the name of a structure or segment; "auto"
            takes that of the settings, and else the only one there is.

        Returns
        -------
        pandas.Series
            Values by column, the same columns for every case. ``attrs["reasons"]`` holds a
            reason code for each NaN, ``attrs["notes"]`` what was done to image and mask,
            ``attrs["sizes"]`` the numbers of voxels and grey levels of each region and image,
            ``attrs["device"]`` where it was measured: ``cpu``, or what the card is called.

        Raises
        ------
        InputError
            A file that cannot be read, or an image and a mask that do not belong together.
        """
        scan, region = self.placed(image, mask, label)
        found = extract_regions(scan, {REGION: region}, self.settings)
        series = pd.Series(list(found.values.values()), index=self._index, dtype=float)
        series.attrs["reasons"] = found.reasons
        series.attrs["notes"] = [*scan.steps, *region.steps, *found.notes]
        series.attrs["sizes"] = found.sizes
        series.attrs["device"] = found.device
        return series

    def maps(self, image: Any, mask: Any, *, label: int | str = "auto") -> Iterator[FeatureMap]:
        """Yield a map for each feature but shape: that of the cube around each voxel.

        Parameters
        ----------
        image, mask
            As in ``extract``.
        label : int, str or "auto"
            As in ``extract``.

        Yields
        ------
        FeatureMap
            ``name`` (``image_family_Feature``), ``image`` (the map, around the region) and
            ``region`` on its grid, ``reasons`` why values are missing, and ``scan``, the whole
            image. The setting ``voxel`` says how large the cubes are.

        Raises
        ------
        InputError
            A file that cannot be read, or an image and a mask that do not belong together.
        RegionError
            The region cannot be measured; the code says why.
        """
        scan, region = self.placed(image, mask, label)
        yield from feature_maps(scan, region, self.settings)

    def placed(self, image: Any, mask: Any, label: int | str) -> tuple[Image, Mask]:
        """Return a scan, and its region on the scan's grid."""
        if label == "auto" and self.settings.mask_label is not None:
            label = self.settings.mask_label
        scan = _as_image(image, self.settings)
        source = image if isinstance(image, str | Path) else None
        channel = self.settings.mask_channel
        region = _as_mask(mask, label, channel, on=scan.grid, image_source=source)
        return scan, place_on(region, scan.grid)

    def fit(self, cases: Any = None, y: Any = None) -> Extractor:
        """Return the extractor: it learns nothing from cases."""
        return self

    def transform(self, cases: Iterable[tuple[Any, Any]]) -> pd.DataFrame:
        """Return one row of features for every (image, mask), in the order they came."""
        rows = [self.extract(image, mask) for image, mask in cases]
        frame = pd.DataFrame([dict(row) for row in rows], columns=list(self.columns), dtype=float)
        frame.attrs["reasons"] = [row.attrs["reasons"] for row in rows]
        return frame

    def fit_transform(self, cases: Iterable[tuple[Any, Any]], y: Any = None) -> pd.DataFrame:
        """Return what ``transform`` returns."""
        return self.transform(cases)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return what a copy is made from, as scikit-learn asks."""
        return {"settings": self.settings}

    def get_feature_names_out(self, input_features: Any = None) -> list[str]:
        """Return the columns of ``transform``."""
        return list(self.columns)


@cache
def _blas() -> ThreadpoolController:
    """Return what sets the threads of linear algebra; to find its libraries takes a millisecond."""
    return ThreadpoolController()


def _as_image(given: Any, settings: ExtractionSettings) -> Image:
    """Return a path, an array, a SimpleITK image or an Image as an Image."""
    channel = settings.image_channel
    if isinstance(given, Image):
        return slice_first(given)
    if isinstance(given, sitk.Image):
        return slice_first(from_sitk(given, name=ORIGINAL, channel=channel, is_lent=True))
    if isinstance(given, np.ndarray):
        return slice_first(image_of_array(given, name=ORIGINAL, channel=channel))
    if isinstance(given, str | Path):
        return read_image(given, **reading_of(settings))
    msg = f"image: got {type(given).__name__}, wanted a path, an array, a SimpleITK image or Image"
    raise InputError(msg)


def _as_mask(
    given: Any, label: int | str, channel: int, *, on: Grid, image_source: str | Path | None
) -> Mask:
    """Return a path, an array, a SimpleITK image or a Mask as a Mask."""
    if isinstance(given, Mask):
        return given
    if isinstance(given, str | Path):
        return read_mask(
            given, label=label, channel=channel, name=REGION, on=on, image_source=image_source
        )
    if isinstance(given, sitk.Image):
        labels = from_sitk(given, name="mask", channel=channel, is_lent=True)
    elif isinstance(given, np.ndarray):
        labels = labels_of_array(given)
    else:
        msg = (
            f"mask: got {type(given).__name__}, wanted a path, an array, a SimpleITK image or Mask"
        )
        raise InputError(msg)
    return mask_of_label(slice_first(labels), label=label, name=REGION)


def _wanted(settings: ExtractionSettings) -> dict[str, tuple[str, ...]]:
    """Return the features (``family_Feature``) wanted on each image; shape on the original one."""
    shape, others = (
        tuple(
            key
            for family in settings.families
            if (family in SHAPES) == of_shape
            for key in _kept(family, settings)
        )
        for of_shape in (True, False)
    )
    wanted = {ORIGINAL: shape} if shape else {}
    for image in response_names(settings):
        wanted[image] = (*wanted.get(image, ()), *others)
    return wanted


@cache
def _keys(family: Family, *, is_complete: bool) -> tuple[str, ...]:
    """Return ``family_Feature`` of every feature of a family, or of PyRadiomics' of it."""
    return feature_names([family], is_complete=is_complete)


def _kept(family: Family, settings: ExtractionSettings) -> tuple[str, ...]:
    """Return the features of a family that settings keep."""
    keys = _keys(family, is_complete=True)
    chosen = {f"{family}_{feature}" for feature in settings.features.get(family, ())}
    unknown = sorted(chosen - set(keys))
    if unknown:
        msg = f"features: there is no {', '.join(unknown)}; {family} has {', '.join(keys)}"
        raise SettingsError(msg)
    if not chosen:
        return _keys(family, is_complete=settings.all_features)
    return tuple(key for key in keys if key in chosen)


def _columns(
    settings: ExtractionSettings, regions: Sequence[str], modality: str
) -> Mapping[Place, str]:
    """Return the name of every column, by region, image and feature, in order."""
    return _named(tuple(regions), modality, tuple(_wanted(settings).items()))


@lru_cache(maxsize=64)  # the same for every case of a cohort
def _named(
    regions: tuple[str, ...], modality: str, wanted: tuple[tuple[str, tuple[str, ...]], ...]
) -> Mapping[Place, str]:
    """Return the name of every column of features wanted on images."""
    columns: dict[Place, str] = {}
    for region in regions:
        for image, keys in wanted:
            for key in keys:
                family, _, feature = key.partition("_")
                columns[region, image, key] = feature_name(
                    family, feature, image=image, region=region, modality=modality
                )
    return MappingProxyType(columns)
