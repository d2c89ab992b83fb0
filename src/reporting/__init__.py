"""Figures, the run report, and the comparison of runs."""

from src.reporting.compare import compare_runs
from src.reporting.report import write_report

__all__ = ["compare_runs", "write_report"]
