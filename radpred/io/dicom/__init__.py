"""What DICOM headers say, and the pixels behind them, for `radpred.io`'s readers of series."""
