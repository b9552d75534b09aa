"""From nothing to the speech network: synthesised speech, training, export."""
