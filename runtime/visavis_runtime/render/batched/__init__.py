"""The torch back end: many faces and frames as one batch, on a CPU or a GPU."""
