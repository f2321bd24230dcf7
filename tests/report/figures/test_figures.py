"""Each figure draws what it was given, and stands what is missing."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from radpred.report import figures
from radpred.report.figures.swarm import _stacked, _tones


@pytest.fixture(scope="module")
def drawings(study):
    """Return every figure of the made study."""
    evaluation, explanation = study.evaluation, study.explanation
    return {
        "forest": figures.forest(evaluation["models"]),
        "roc": figures.roc_curves(evaluation["roc"]),
        "pr": figures.pr_curves(evaluation["pr"], prevalence=0.3),
        "calibration": figures.calibration_plot(evaluation["calibration_curve"]),
        "decision": figures.decision_curve(evaluation["decision_curve"]),
        "coverage": figures.coverage_plot(evaluation["conformal"]),
        "shares": figures.set_shares(evaluation["conformal"]),
        "swarm": figures.beeswarm(explanation),
        "groups": figures.group_bars(explanation["groups"]["family"], kind="family"),
        "abstention": figures.abstention_plot(evaluation["abstention"]["by_share"]),
        "certainty": figures.certainty_plot(evaluation["abstention"]["by_certainty"]),
        "waterfall": figures.waterfall(
            explanation["cases"][0], base_value=explanation["base_value"]
        ),
    }


def test_every_figure_is_a_matplotlib_figure_without_a_window(drawings):
    assert all(isinstance(figure, Figure) for figure in drawings.values())
    assert all(figure.canvas.manager is None for figure in drawings.values())


def test_the_forest_shows_each_model_with_its_interval(study, drawings):
    texts = [text.get_text() for text in drawings["forest"].axes[0].texts]
    assert "Selected model" in texts
    assert sum(" to " in text for text in texts) == len(study.evaluation["models"])


def test_the_roc_figure_names_the_selected_model_first(drawings):
    legend = drawings["roc"].axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [
        "Model", "Volume alone", "Clinical alone",
    ]  # fmt: skip


def test_the_curve_of_certainty_shows_how_many_are_answered(study, drawings):
    answered = study.evaluation["abstention"]["by_certainty"]["answered"]
    axes = drawings["certainty"].axes[0]
    dashed = next(line for line in axes.lines if line.get_label() == "Answered")
    assert np.array_equal(dashed.get_ydata(), answered)


def test_curves_of_abstention_stand_what_is_missing():
    assert isinstance(figures.abstention_plot({"at": [0.5, 1.0]}), Figure)
    assert isinstance(figures.certainty_plot({}), Figure)


def test_a_waterfall_of_scores_tells_no_risks(study):
    case, base = study.explanation["cases"][0], study.explanation["base_value"]
    figure = figures.waterfall(case, base_value=base, is_log_odds=False)
    assert figure.axes[0].get_xlabel() == "Score before calibration"
    assert not any("%" in text.get_text() for text in figure.axes[0].texts[-1:])


def test_a_waterfall_arrives_at_the_log_odds_of_its_case(study, drawings):
    case = study.explanation["cases"][0]
    ends = [line.get_xdata()[0] for line in drawings["waterfall"].axes[0].lines]
    assert np.min(np.abs(np.array(ends) - case["log_odds"])) < 1e-9


def test_a_waterfall_keeps_the_value_of_a_feature_with_a_long_name():
    name = "pet__ring_0_8mm__log-sigma-3-0-mm-3D_gldm_LargeDependenceHighGrayLevelEmphasis"
    case = {"contributions": [{"name": name, "value": 12.5, "shap": 0.4}]}
    texts = [t.get_text() for t in figures.waterfall(case, base_value=0.0).axes[0].texts]
    assert any(text.endswith("= 12.5") for text in texts)


def test_bars_of_groups_add_up_to_the_whole_even_where_small_ones_are_summed():
    groups = [{"name": f"g{i}", "share": 0.1, "mean_abs": 1.0} for i in range(10)]
    texts = [t.get_text() for t in figures.group_bars(groups, kind="other", limit=4).axes[0].texts]
    assert "7 others" in texts
    assert "70\u00a0%" in texts


@pytest.mark.parametrize("missing", [None, np.nan])
def test_a_forest_stands_a_model_without_numbers(missing):
    model = {"name": "svm", "label": "SVM", "kind": "candidate"}
    given = {"auroc": {"value": missing, "low": missing, "high": missing}}
    figure = figures.forest([{**model, "metrics": given}, {**model, "metrics": {}}])
    assert [t.get_text() for t in figure.axes[0].texts].count("not available") == 2


def test_curves_with_gaps_are_drawn_without_a_warning():
    gaps = [None] * 3
    figures.roc_curves({"selected": {"fpr": [0, 0.5, 1], "tpr": gaps, "low": gaps, "high": gaps}})
    figures.decision_curve({"threshold": [0.1, 0.2, 0.3], "selected": gaps, "treat_all": gaps})


def test_a_swarm_of_words_and_gaps_is_grey():
    assert set(_tones(np.full(5, np.nan))) == {-1}
    assert set(_tones(np.full(5, 3.0))) == {-1}


def test_tones_follow_the_rank_of_the_value():
    tones = _tones(np.array([5.0, 1.0, 1000.0, np.nan]))
    assert tones[1] < tones[0] < tones[2]
    assert tones[3] == -1


def test_points_at_one_place_step_aside_and_others_do_not():
    aside = _stacked(np.array([0.0, 0.0, 0.0, 0.9]))
    assert len(set(aside[:3])) == 3
    assert aside[3] == 0


def test_figures_do_not_depend_on_the_caller_s_settings(study):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 40}):
        figure = figures.roc_curves(study.evaluation["roc"])
    assert figure.axes[0].xaxis.label.get_fontsize() == 12
    assert mpl.rcParams["font.size"] != 12
