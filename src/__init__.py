"""stancelab: who takes which position toward whom in the news, and whom each side accuses of bias."""

__version__ = "0.6.0"
