"""Settings of a study: what `radpred init` writes and `radpred run` reads, section by section."""

from radpred.config.study.habitats import HabitatSettings
from radpred.config.study.learning import PRESETS, LearningSettings, ModelName
from radpred.config.study.outcome import OutcomeSettings
from radpred.config.study.perturbation import PerturbationSettings, StabilitySettings
from radpred.config.study.readers import ReaderSettings
from radpred.config.study.regions import RegionSettings
from radpred.config.study.report import ReportSettings
from radpred.config.study.segmentation import SegmentationSettings
from radpred.config.study.study import Lesions, RejectedCases, StudySettings, read_study

__all__ = [
    "PRESETS",
    "HabitatSettings",
    "LearningSettings",
    "Lesions",
    "ModelName",
    "OutcomeSettings",
    "PerturbationSettings",
    "ReaderSettings",
    "RegionSettings",
    "RejectedCases",
    "ReportSettings",
    "SegmentationSettings",
    "StabilitySettings",
    "StudySettings",
    "read_study",
]
