"""The bridge: carries the motion and the pictures of a runtime into engines and apps on the local network."""
