"""Live talks: sessions, engines that step them in batches, and the gRPC gateway in front."""
