"""A scan and its regions to named values, maps and habitats."""
