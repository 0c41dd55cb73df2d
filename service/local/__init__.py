"""The embedded default: servers of one folder, the demo world, the simulator, replay."""
