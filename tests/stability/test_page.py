"""The page on stability is written from measurements, of a few lesions here."""

import pytest

from radpred.segment.perturb import Perturbation
from stability import document, measure


@pytest.fixture(scope="module")
def found(shared_data):
    """Return what four nodules bear, drawn twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "N_NODULES", 4)
        patch.setattr(measure, "DRAWS", 2)
        patch.setattr(measure, "BY_SIZE", {"growth to 1 mm": Perturbation(growth_mm=1.0)})
        return measure.nodules(shared_data)


def test_the_page_has_a_row_for_each_family_and_each_kind(found, tmp_path):
    page = document.write([found], tmp_path).read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| ")]
    wanted = [*document.FAMILIES, "all", "growth to 1 mm", "three or four readers"]
    assert {f"| {name}" for name in wanted} <= set(rows)
    assert "{" not in page


def test_a_smaller_dice_leaves_fewer_features_reliable(found):
    medians = [found.reliability[kind]["estimate"].median() for kind in measure.BY_DICE]
    assert medians == sorted(medians, reverse=True)
    assert found.dice["Dice 0.9"] == pytest.approx(0.9, abs=0.01)
