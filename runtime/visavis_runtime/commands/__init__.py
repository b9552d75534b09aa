"""Subcommands of visavis, found through entry points."""
