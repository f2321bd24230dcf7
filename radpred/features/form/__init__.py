"""Families that look at a region's form and at no intensity."""
