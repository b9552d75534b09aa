"""What clients of NVIDIA ACE (Audio2Face-3D) connect to; see docs/ace.md. `service.add_ace_service` is the way in."""
