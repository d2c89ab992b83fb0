"""Articles in: files, cleaning, sentences. `CorpusReader` is the whole of it."""

from src.corpus.reader import CorpusReader, ReadArticle, Skipped
from src.corpus.readers import find_inputs, read_articles
from src.corpus.segmentation import segment

__all__ = ["CorpusReader", "ReadArticle", "Skipped", "find_inputs", "read_articles", "segment"]
