"""The subcommands of `visavis` that this package adds."""
