"""Families that look at how grey levels lie beside each other."""
