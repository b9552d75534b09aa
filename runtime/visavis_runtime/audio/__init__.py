"""PCM in, features out: files, levels, log-mel, prosody."""
