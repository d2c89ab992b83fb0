"""Metrics, intervals and paired tests, calibration, scoring of whole sets."""
