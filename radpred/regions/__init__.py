"""Mask to named masks: the regions in and around a tumour that are measured too."""

from radpred.regions.control import distant_control, mirrored_control
from radpred.regions.region import Region, usable_tissue
from radpred.regions.rim import core_of, inner_rim, inner_rims
from radpred.regions.ring import peritumoral_ring, peritumoral_rings, tumour_with_ring
from radpred.regions.surroundings import Surroundings

__all__ = [
    "Region",
    "Surroundings",
    "core_of",
    "distant_control",
    "inner_rim",
    "inner_rims",
    "mirrored_control",
    "peritumoral_ring",
    "peritumoral_rings",
    "tumour_with_ring",
    "usable_tissue",
]
