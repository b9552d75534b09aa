"""Small networks without their frameworks: a .tflite file is fetched, read, run by torch; devices and CUDA graphs."""
