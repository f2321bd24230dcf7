"""What a sweep file may hold, and how its variants become studies."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from radpred.config.sweep import read_sweep
from radpred.errors import SettingsError

STUDY = {
    "name": "made",
    "outcome": {"column": "event"},
    "regions": {"rings_mm": [4, 8]},
    "learning": {"preset": "quick", "seed": 3},
}


@pytest.fixture
def read(tmp_path):
    """Return what reads a sweep of a small study from its settings."""

    def read(**settings):
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
        path = tmp_path / "sweep.yaml"
        path.write_text(yaml.safe_dump({"study": "study.yaml", **settings}, sort_keys=False))
        return read_sweep(path)

    return read


def test_dots_and_nesting_say_the_same(read):
    sweep = read(
        variants={
            "dots": {"learning.regions": ["tumour"], "learning.outer_folds": 3},
            "nested": {"learning": {"regions": ["tumour"], "outer_folds": 3}},
        }
    )
    dots, nested = (variant.study.learning for variant in sweep.variants)
    assert dots == nested
    assert dots.outer_folds == 3


def test_what_a_variant_leaves_alone_stays(read):
    variant = read(variants={"one": {"learning.outer_folds": 3}, "two": None}).variants[0]
    assert variant.study.learning.seed == 3
    assert variant.study.regions.rings_mm == (4, 8)


def test_a_list_is_replaced_as_a_whole(read):
    sweep = read(variants={"one": {"regions.rings_mm": [2]}, "two": {}})
    assert sweep.variants[0].study.regions.rings_mm == (2,)


def test_a_grid_is_every_combination_in_order(read):
    sweep = read(
        grid={
            "segmentation": {"given": {}, "otsu": {"segmentation.method": "otsu"}},
            "learning.models": [["logistic"], ["svm", "xgboost"]],
        }
    )
    assert [variant.name for variant in sweep.variants] == [
        "given-logistic",
        "given-svm+xgboost",
        "otsu-logistic",
        "otsu-svm+xgboost",
    ]
    last = sweep.variants[-1]
    assert last.study.segmentation.method == "otsu"
    assert last.study.learning.models == ("svm", "xgboost")
    assert dict(last.place) == {"segmentation": "otsu", "learning.models": "svm+xgboost"}


def test_paths_start_where_the_files_lie_that_name_them(read, tmp_path):
    sweep = read(variants={"one": {"tables.deep": "deep.csv"}, "two": {}})
    assert sweep.variants[0].study.tables == {"deep": tmp_path / "deep.csv"}
    assert sweep.variants[0].study.cases == tmp_path / "cases.csv"
    assert sweep.variants[0].study.out == tmp_path / "sweep" / "one"


def test_the_first_variant_is_the_reference_unless_one_is_named(read):
    variants = {2: {"regions.rings_mm": [2]}, 4: {"regions.rings_mm": [4]}}
    assert read(variants=variants).reference == "2"
    assert read(variants=variants, reference=4).reference == "4"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"variants": {"a": {"learning.region": ["tumour"]}, "b": {}}}, "near it: learning.regi"),
        ({"variants": {"a": {"region": {"rings_mm": [2]}}, "b": {}}}, "near it: regions"),
        ({"variants": {"a": {"learning.outer_folds": 1}, "b": {}}}, "variant a: 1 setting"),
        ({"variants": {"a": {}}}, "wanted two or more"),
        ({"variants": {"a": {}, "b": {}}, "reference": "c"}, "no variant is called 'c'"),
        ({"variants": {"a": {}, "b": {}}, "axis": {"d": 1}}, "no variant is called 'd'"),
        ({"variants": {"a": {}, "measured": {}}}, "cannot be called 'measured'"),
        ({"variants": {"a": {}, "../b": {}}}, "cannot be called '../b'"),
        ({"variants": {"a": {"learning": {"seed": 1}, "learning.seed": 2}, "b": {}}}, "twice"),
        ({"study": "nowhere.yaml", "variants": {"a": {}, "b": {}}}, "is no file"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(read, settings, said):
    with pytest.raises(SettingsError, match=said):
        read(**settings)


def test_a_missing_file_is_told():
    with pytest.raises(SettingsError, match="no such sweep file"):
        read_sweep(Path("nowhere.yaml"))
