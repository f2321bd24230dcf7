"""A sweep as a picture and as text."""

import pytest

from radpred.report.sweep import sweep_figure, sweep_picture, sweep_text


def row(name, area, *, at=None, place=None, **more):
    """Return a variant as sweep.json holds it."""
    ends = {"value": area, "low": area - 0.08, "high": area + 0.06}
    compared = {
        "difference": {"value": 0.04, "low": -0.02, "high": 0.1},
        "p": 0.0421,
        "p_holm": 0.21,
        "n_common": 80,
        "folds_agree": True,
    }
    about = {"n_cases": 80, "n_patients": 80, "n_events": 30, "auroc": ends, "at": at}
    return {"variant": name, **about, "place": place or {}, **compared, **more}


def found(*rows):
    """Return a sweep of rows, the first of them the reference."""
    first = {key: value for key, value in rows[0].items() if key not in ("difference", "p")}
    head = {"title": "Rings", "reference": rows[0]["variant"], "model": "selected"}
    about = {"label": "Ring, mm", "bootstrap_draws": 1000}
    return {**head, **about, "variants": [first, *rows[1:]]}


ALONG = found(row("tumour", 0.7, at=0), row("2", 0.74, at=2), row("8", 0.78, at=8), row("d", 0.6))
GRID = found(
    *(
        row(f"{a}-{b}", 0.6 + 0.05 * i, place={"mask": a, "model": b})
        for i, (a, b) in enumerate([("given", "svm"), ("given", "lr"), ("otsu", "svm")])
    )
)


def test_places_on_an_axis_become_a_line_and_others_lines_across():
    axes = sweep_figure(ALONG).axes[0]
    assert axes.get_xlabel() == "Ring, mm"
    labels = axes.get_legend_handles_labels()[1]
    assert labels == ["variants", "tumour", "d"]


def test_two_axes_become_a_table_with_a_number_in_each_cell():
    axes = sweep_figure(GRID).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["given", "otsu"]
    assert len(axes.texts) == 3
    assert axes.texts[0].get_text().startswith("0.60")


def test_other_variants_stand_one_below_the_other():
    figure = sweep_figure(found(row("a", 0.7), row("b", 0.8)))
    assert any(text.get_text() == "b" for text in figure.axes[0].texts)


@pytest.mark.parametrize("sweep", [ALONG, GRID])
def test_equal_sweeps_give_equal_pictures(sweep):
    assert sweep_picture(sweep) == sweep_picture(sweep)


def test_the_text_holds_every_variant_with_its_interval_and_test():
    text = sweep_text(ALONG, picture="sweep.svg")
    assert "![AUROC of every variant](sweep.svg)" in text
    assert (
        "| 8 | 80 (30) | 0.78 (0.70 to 0.84) | +0.04 (\u22120.02 to 0.10) | 0.042 | 0.21 |" in text
    )
    assert "| tumour | 80 (30) | 0.70 (0.62 to 0.76) | reference |" in text
    assert "3 comparisons together" in text


def test_variants_on_other_patients_say_so():
    other = row("8", 0.78, n_patients=90, folds_agree=False)
    text = sweep_text(found(row("tumour", 0.7), other), picture="sweep.svg")
    assert "on 80 patients" in text
    assert "Other folds than the reference's" in text
