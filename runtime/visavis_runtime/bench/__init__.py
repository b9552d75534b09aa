"""What visavis bench measures: CPU time, medians, ratios in one run."""
