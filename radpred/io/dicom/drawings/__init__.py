"""What DICOM files draw on scans: structures and segments, as masks, and back."""
