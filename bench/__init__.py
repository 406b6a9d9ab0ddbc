"""Measurements on the demo state, in the real processes; started by script/bench."""
