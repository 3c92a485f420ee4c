"""The measurements of DESIGN §8: ratios in one run, never timed tests. `python -m bench` runs them all."""
