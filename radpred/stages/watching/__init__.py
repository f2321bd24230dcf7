"""What a run says of itself while it works and afterwards; all but the journal only reads."""
