"""Mask to named masks: the regions around a tumour that are measured too."""

from radpred.regions.ring import Ring, peritumoral_ring, peritumoral_rings
from radpred.regions.surroundings import Surroundings

__all__ = ["Ring", "Surroundings", "peritumoral_ring", "peritumoral_rings"]
