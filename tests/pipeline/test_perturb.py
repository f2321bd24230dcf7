"""A case on other masks: seeded by its name, alone in what fails, read like the case itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from radpred.cohort import check_cases, siblings
from radpred.config import StudySettings
from radpred.errors import RegionError
from radpred.io import read_image, read_mask, write_image, write_mask
from radpred.pipeline.demo import make_cohort
from radpred.pipeline.measuring.measure import measure
from radpred.pipeline.variants import perturb as module
from radpred.pipeline.variants.perturb import (
    from_plain,
    how_of,
    measure_variants,
    plain,
    variant_rng,
)
from radpred.segment.perturb import perturbed
from radpred.stages.work.files import read_text_table

MOVED = {"variants": 3, "translation_mm": 2, "growth_mm": 1}
VOLUME = "tumour__original_shape_VoxelVolume"


def study_of(**changes):
    """Return a study that measures a little, and perturbs."""
    return StudySettings.model_validate(
        {
            "name": "s",
            "outcome": {"column": "event"},
            "regions": {"rings_mm": [4]},
            "extraction": {"families": ["shape", "firstorder"], "bin_width": 10},
            "perturbation": MOVED,
            **changes,
        }
    )


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Return the cases of a few made patients."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=4, seed=3)
    table = read_text_table(folder / "cases.csv")
    return check_cases(table, folder=folder, method="given")[0]


@pytest.fixture(scope="module")
def variants(cases):
    """Return the variants of the first case."""
    return measure_variants(cases[0], study_of(), others=siblings(cases[0], cases))


def values_of(variants):
    """Return the values of variants by number."""
    return {v.variant: v.values for v in variants}


def test_variants_are_numbered_from_one_and_have_the_columns_of_the_case(cases, variants):
    assert [(v.kind, v.variant) for v in variants] == [("perturbation", n) for n in (1, 2, 3)]
    assert all(list(v.values) == list(measure(cases[0], study_of()).values) for v in variants)


def test_a_variant_is_what_measuring_its_mask_gives(cases, variants, tmp_path):
    case, study = cases[0], study_of()
    image = read_image(case.images[""])
    drawn = read_mask(case.masks[""], name="tumour")
    rng = variant_rng(case.case_id, seed=0, variant=2)
    _, mask = perturbed(image, drawn, how_of(study), rng=rng)
    write_mask(mask, tmp_path / "moved.nii.gz")
    moved = replace(case, masks={"": str(tmp_path / "moved.nii.gz")})
    expected = measure(moved, study, others=siblings(case, cases)).values
    assert variants[1].values == expected


def test_a_variant_depends_on_no_other_variant(cases, variants):
    more = study_of(perturbation={**MOVED, "variants": 5})
    others = siblings(cases[0], cases)
    found = values_of(measure_variants(cases[0], more, others=others))
    assert {n: found[n] for n in (1, 2, 3)} == values_of(variants)


def test_another_seed_or_another_name_draws_other_masks(cases, variants):
    other = measure_variants(cases[0], study_of(perturbation={**MOVED, "seed": 1}))
    named = measure_variants(replace(cases[0], case_id="other"), study_of())
    volumes = {v.values[VOLUME] for v in (*variants, *other, *named)}
    assert len(volumes) > 6


def test_dice_and_volume_of_each_mask_are_told(variants):
    for one in variants:
        facts = one.masks[0]
        assert 0.5 < facts["dice"] < 1
        assert facts["volume_mm3"] == pytest.approx(one.values[VOLUME])
        assert "moved by" in facts["steps"]


def test_a_wanted_dice_is_reached(cases):
    study = study_of(perturbation={"variants": 2, "wanted_dice": 0.8})
    for one in measure_variants(cases[1], study):
        assert one.masks[0]["dice"] == pytest.approx(0.8, abs=0.03)


def test_noise_alone_leaves_the_mask_and_changes_intensities(cases):
    study = study_of(perturbation={"variants": 1, "noise": 1})
    (one,) = measure_variants(cases[1], study)
    given = measure(cases[1], study).values
    assert one.masks[0]["dice"] == 1
    assert one.values[VOLUME] == given[VOLUME]
    mean = "tumour__original_firstorder_Mean"
    assert one.values[mean] != given[mean]
    assert one.values[mean] == pytest.approx(given[mean], abs=5)


def test_a_variant_that_fails_has_a_reason_and_the_others_their_values(cases, monkeypatch):
    calls = []

    def failing(*given, **named):
        calls.append(1)
        if len(calls) == 2:
            raise RegionError("gone; draw it elsewhere", code="perturbed_away")
        return perturbed(*given, **named)

    monkeypatch.setattr(module, "perturbed", failing)
    found = measure_variants(cases[0], study_of())
    assert [v.reason for v in found] == ["", "perturbed_away", ""]
    assert [bool(v.values) for v in found] == [True, False, True]


def test_readers_are_measured_one_by_one_on_the_image_that_is_read_once(cases, monkeypatch):
    case = cases[0]
    readers = {name: {"": other.masks[""]} for name, other in (("B", case), ("A", case))}
    study = study_of(
        perturbation=None, stability={"over": "readers"}, readers={"consensus": "majority"}
    )
    read = []
    monkeypatch.setattr(
        module, "image_of", lambda *given: read.append(1) or read_image(case.images[""])
    )
    found = measure_variants(replace(case, readers=readers), study)
    assert [(v.kind, v.name) for v in found] == [("reader", "A"), ("reader", "B")]
    assert len(read) == 1
    assert found[0].values == measure(case, study_of()).values


def test_a_second_scan_is_a_variant_with_its_own_image(cases, tmp_path):
    case = cases[2]
    image = read_image(case.images[""])
    brighter = str(tmp_path / "again.nii.gz")
    write_image(replace(image, voxels=image.voxels + 10), brighter)
    again = replace(case, case_id="again", images={"": brighter}, retest_of=case.case_id)
    study = study_of(perturbation=None, stability={"over": "retest"})
    (one,) = measure_variants(case, study, retests=[again])
    mean = "tumour__original_firstorder_Mean"
    assert (one.kind, one.name) == ("retest", "again")
    assert one.values[mean] == pytest.approx(measure(case, study).values[mean] + 10)


def test_a_second_scan_that_cannot_be_read_is_a_reason(cases, tmp_path):
    lost = replace(cases[0], images={"": str(tmp_path / "none.nii.gz")}, retest_of="x")
    study = study_of(perturbation=None, stability={"over": "retest"})
    (one,) = measure_variants(cases[0], study, retests=[lost])
    assert one.reason in {"missing_file", "unreadable_file"}


def test_variants_come_back_from_json_as_they_were(variants):
    gap = replace(variants[0], values={**variants[0].values, VOLUME: math.nan})
    (found,) = from_plain(plain([gap]))
    assert math.isnan(found.values[VOLUME])
    assert found.masks == gap.masks
    kept = {k: v for k, v in found.values.items() if k != VOLUME}
    assert kept == {k: v for k, v in gap.values.items() if k != VOLUME}


def test_a_seed_is_the_case_s_own_whatever_the_order():
    first = variant_rng("P1", seed=0, variant=1).random()
    assert variant_rng("P1", seed=0, variant=1).random() == first
    others = [variant_rng("P2", seed=0, variant=1), variant_rng("P1", seed=1, variant=1),
              variant_rng("P1", seed=0, variant=2)]  # fmt: skip
    assert np.all([rng.random() != first for rng in others])
