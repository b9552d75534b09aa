"""Results to files: mp4, csv, npz, contact sheets."""
