"""Habitats learnt from tumours, and drawn back into the scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from radpred.config import StudySettings
from radpred.config.study import HabitatSettings
from radpred.image import Box, Image, Mask
from radpred.model.preparation import Habitats
from radpred.model.preparation.composition import composition_names, habitat_name
from radpred.pipeline.measuring.extract import Extractor
from radpred.pipeline.measuring.pieces import Pieces, first_modality, pieces_of
from radpred.segment.items import in_place
from radpred.table.bags import HABITATS, Bag, with_column


@dataclass(frozen=True, kw_only=True, eq=False)
class HabitatMap:
    """The habitats of one tumour.

    Parameters
    ----------
    labels : Image
        The number of the habitat of each voxel, from 1; 0 outside the tumour. On the grid of
        the scan, unless the extraction resamples or crops it.
    scan : Image
        The scan on the same grid.
    box : tuple of slice
        The part of both around the tumour.
    masks : dict of str to Mask
        ``habitat_1`` and so on, in order; some may be empty.
    features : dict of str to float
        What they are in numbers, by column.
    """

    labels: Image
    scan: Image
    box: Box
    masks: dict[str, Mask]
    features: dict[str, float]


def habitat_columns(study: StudySettings, modalities: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that habitats add to a study: none where it has no such section."""
    if study.habitats is None or not modalities:
        return ()
    modality = first_modality(modalities)
    return composition_names(study.habitats.n, study.habitats.maps, modality=modality)


def habitats_step(settings: HabitatSettings | None) -> Habitats | None:
    """Return the unfitted step of a chain that finds habitats, None where none are wanted."""
    if settings is None:
        return None
    return Habitats(
        settings.n,
        method=settings.method,
        maps=settings.maps,
        scaling=settings.scaling,
        seed=settings.seed,
    )


def mapped(pieces: Pieces, habitats: Habitats) -> HabitatMap:
    """Return the habitats of a tumour in its scan.

    Parameters
    ----------
    pieces : Pieces
        The tumour.
    habitats : Habitats
        Fitted: the step ``habitats`` of a model's chain, say.
    """
    grid = pieces.scan.grid
    voxels = np.zeros(grid.shape, dtype=np.uint8)
    voxels[pieces.box] = in_place(pieces.items, habitats.kinds(pieces.bag))
    names = {number: habitat_name(number) for number in range(1, habitats.n + 1)}
    return HabitatMap(
        labels=Image(voxels=voxels, grid=grid, name=HABITATS),
        scan=pieces.scan,
        box=pieces.box,
        masks={name: Mask(voxels=voxels == n, grid=grid, name=name) for n, name in names.items()},
        features=habitats.numbers(pieces.bag),
    )


@dataclass(frozen=True, kw_only=True)
class FittedHabitats:
    """Habitats learnt from some tumours, that can be found in any.

    Parameters
    ----------
    step : Habitats
        The fitted step; it knows centres and scale.
    settings : HabitatSettings
        How voxels are described.
    extractor : Extractor
        How scans are read and prepared.
    """

    step: Habitats
    settings: HabitatSettings
    extractor: Extractor

    def map(self, image: Any, mask: Any, *, label: int | str = "auto") -> HabitatMap:
        """Return the habitats of a tumour in its scan.

        Parameters
        ----------
        image, mask
            Paths, arrays, SimpleITK images, or an Image and a Mask.
        label : int, str or "auto"
            The value in the mask that is the tumour.

        Raises
        ------
        InputError
            A file that cannot be read, or an image and a mask that do not belong together.
        RegionError
            The tumour cannot be measured; the code says why.
        """
        scan, region = self.extractor.placed(image, mask, label)
        pieces = pieces_of(scan, region, self.settings, self.extractor.settings)
        return mapped(pieces, self.step)

    def features(self, image: Any, mask: Any, *, label: int | str = "auto") -> pd.Series[float]:
        """Return what habitats a tumour is made of, by column; parameters as in ``map``."""
        return pd.Series(self.map(image, mask, label=label).features, dtype=float)


def fit_habitats(
    cases: Iterable[tuple[Any, Any]],
    *,
    settings: Any = None,
    **habitats: Any,
) -> FittedHabitats:
    """Return the habitats of some tumours: sub-regions that look alike in all of them.

    Give it training cases only: in a study, habitats are learnt inside the folds.

    Parameters
    ----------
    cases : iterable of (image, mask)
        Paths, arrays, SimpleITK images, or Images and Masks.
    settings : path, dict or ExtractionSettings, optional
        How scans are prepared, and the filters whose responses may be maps.
    **habitats
        The settings of ``habitats`` in a study file: ``n``, ``method``, ``maps``, ...

    Raises
    ------
    InputError
        ``no_habitats``: the tumours' voxels take too few values.
    RegionError
        A tumour cannot be measured; the code says why.
    SettingsError
        A setting cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> scan = np.zeros((4, 4, 4)); scan[:2] = 100.0
    >>> found = fit_habitats([(scan, np.ones((4, 4, 4), dtype=np.uint8))], n=2)
    >>> one = found.map(scan, np.ones((4, 4, 4), dtype=np.uint8))
    >>> one.masks["habitat_2"].n_voxels
    32
    """
    chosen = HabitatSettings.model_validate(habitats)
    extractor = Extractor(settings)
    bags: dict[str, Bag] = {}
    for number, (image, mask) in enumerate(cases):
        scan, region = extractor.placed(image, mask, "auto")
        bags[f"{number:06d}"] = pieces_of(scan, region, chosen, extractor.settings).bag
    step = habitats_step(chosen)
    assert step is not None
    table = with_column(pd.DataFrame(index=pd.Index(list(bags), dtype=str)), bags)
    return FittedHabitats(step=step.fit(table), settings=chosen, extractor=extractor)
