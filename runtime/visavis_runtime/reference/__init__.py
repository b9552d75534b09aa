"""Speech whose phones or lips are known: synthesised lines, aligned recordings, measured lips."""
