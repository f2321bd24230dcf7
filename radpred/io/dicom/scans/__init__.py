"""A DICOM series as an Image: its slices in order, their pixels, and in which unit they are."""
