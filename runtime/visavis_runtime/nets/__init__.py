"""Small networks without their frameworks: a .tflite graph is read once and run by torch; devices and CUDA graphs."""
