"""Figures, the run report, the comparison of runs, and the index of all."""

from src.reporting.compare import compare_runs
from src.reporting.index import write_index
from src.reporting.report import write_report

__all__ = ["compare_runs", "write_index", "write_report"]
