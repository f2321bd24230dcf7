"""Classes and numbers."""
