"""How far what a model looks at goes with volume is told, by Spearman's correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from radpred.explain.volume import spearman, volume_record

VOLUME = "tumour__original_shape_MeshVolume"
NOISE, TEXTURE = "tumour__original_glcm_Contrast", "ring_0_8mm__original_glszm_ZoneEntropy"
SURFACE, AGE = "tumour__original_shape_SurfaceArea", "clinical__age"


@pytest.fixture
def table(rng):
    """Return 80 cases with a texture that falls as volume grows, and a surface that grows."""
    size = rng.normal(size=80)
    return pd.DataFrame(
        {
            NOISE: rng.normal(size=80),
            TEXTURE: 0.1 * rng.normal(size=80) - size,
            SURFACE: size**3,
            VOLUME: np.exp(size),
            "tumour__original_shape_VoxelVolume": np.exp(size),
            AGE: size,
        }
    )


def test_the_largest_correlation_with_volume_is_told(table):
    record = volume_record(table, [NOISE, TEXTURE])
    assert record["largest"]["column"] == TEXTURE
    wanted = spearmanr(table[TEXTURE], table[VOLUME]).statistic
    assert record["largest"]["rho"] == pytest.approx(wanted) and wanted < -0.9
    assert (record["volume"], record["n_columns"], record["n_strong"]) == (VOLUME, 2, 1)


def test_of_what_the_model_looks_at_volume_itself_and_what_patients_tell_is_left_out(table):
    used = volume_record(table, [NOISE, AGE, VOLUME, SURFACE, "tumour__original_shape_VoxelVolume"])
    assert [one["column"] for one in used["used"]] == [SURFACE, NOISE]


def test_without_a_volume_nothing_is_told(table):
    assert volume_record(table.drop(columns=VOLUME), [NOISE]) is None


def test_gaps_are_left_out_by_pairs(table, rng):
    other = table[NOISE].where(rng.random(80) < 0.8)
    both = other.notna()
    wanted = spearmanr(other[both], table.loc[both, VOLUME]).statistic
    assert spearman(other.to_numpy(), table[VOLUME].to_numpy()) == pytest.approx(wanted)


@pytest.mark.parametrize("values", [np.full(80, 3.0), np.full(80, np.nan)])
def test_a_flat_or_empty_column_has_no_correlation(table, values):
    assert np.isnan(spearman(values, table[VOLUME].to_numpy()))
    record = volume_record(table.assign(**{NOISE: values}), [NOISE])
    assert record["used"] == [] and record["largest"]["column"] == TEXTURE
