"""What a design lets one say, and the external set that is opened once."""
