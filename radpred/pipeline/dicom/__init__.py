"""DICOM headers to a table of cases."""
