"""`visavis bench bridge`: what comes to an engine, how late, at what cost, measured from outside on real processes."""
