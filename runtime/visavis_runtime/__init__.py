"""The runtime of Visavis: audio -> motion -> face -> render -> write, one folder for each step of the road."""
