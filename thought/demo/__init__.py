"""The two-minute lesson: train on the microworld, measure, and show what came out."""
