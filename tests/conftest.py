"""Shared pieces: a tiny deterministic checkpoint written on the spot, labelled pairs, and commands run as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from src.records import LabelledPair, Pair, Span, Stance

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

WORDS = [
    "chad",
    "togo",
    "oslo",
    "lima",
    "mali",
    "peru",
    "kenya",
    "thanked",
    "condemned",
    "praised",
    "accused",
    "met",
    "the",
    "of",
    "for",
    "in",
    "and",
    "said",
    "was",
    "by",
    "a",
    "bias",
    "biased",
    "one",
    "-",
    "sided",
    "one-sided",
    "supports",
    "opposes",
    "praises",
    "criticizes",
    "helps",
    "acts",
    "against",
    "takes",
    "no",
    "position",
    "on",
    "says",
    "that",
    "is",
    "taking",
    "sides",
    "envoy",
    "aid",
    "sanctions",
    "court",
    "this",
    "sentence",
    "slanted",
    "author",
    "##s",
    "##ed",
    "<",
    ">",
    "[",
    "]",
    ".",
    ",",
    "'",
    "s",
    "not",
]


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with random weights and a small vocabulary, as a local checkpoint."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    vocabulary = {w: i for i, w in enumerate(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]))}
    inner = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(lowercase=True)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=256,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_nli(tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[str]], Path]:
    """Writes an NLI checkpoint on the tiny encoder whose labels are named as asked."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    def write(labels: list[str]) -> Path:
        folder = tmp_path_factory.mktemp("nli")
        torch.manual_seed(1)
        config = BertConfig.from_pretrained(
            tiny_encoder, num_labels=len(labels), id2label=dict(enumerate(labels)), label2id={x: i for i, x in enumerate(labels)}
        )
        BertForSequenceClassification(config).save_pretrained(folder)
        AutoTokenizer.from_pretrained(tiny_encoder).save_pretrained(folder)
        return folder

    return write


def pair(text: str, actor: str, target: str) -> Pair:
    """A pair from the words of its two sides (their first occurrence)."""
    a, t = text.index(actor), text.index(target)
    return Pair(text, Span(a, a + len(actor)), Span(t, t + len(target)))


def examples() -> list[LabelledPair]:
    """Sixty small labelled pairs in which the verb tells the stance."""
    verbs: dict[str, Stance] = {"thanked": "favor", "praised": "favor", "condemned": "against", "accused": "against", "met": "neutral"}
    names = ["Chad", "Togo", "Oslo", "Lima"]
    out = []
    for verb, stance in verbs.items():
        for a in names:
            for b in names:
                if a != b:
                    text = f"{a} {verb} {b}."
                    out.append(
                        LabelledPair(
                            f"{a}-{verb}-{b}",
                            pair(text, a, b),
                            stance,
                            alleges_bias=verb == "accused",
                            attribution="writer",
                            article_id=f"{a}-{verb}",
                            group=f"{a}-{verb}",
                            actor_id=a,
                            target_id=b,
                        )
                    )
    return out


def write_pairs(path: Path, rows: list[LabelledPair]) -> Path:
    """Rows in the project's own format."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            actor, target = row.pair.actor, row.pair.target
            assert actor is not None
            file.write(
                json.dumps(
                    {
                        "id": row.id,
                        "text": row.pair.text,
                        "stance": row.stance,
                        "alleges_bias": row.alleges_bias,
                        "actor": {"start": actor.start, "end": actor.end, "id": row.actor_id},
                        "target": {"start": target.start, "end": target.end, "id": row.target_id},
                        "article_id": row.article_id,
                        "attribution": row.attribution,
                    }
                )
                + "\n"
            )
    return path


def command(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m WORDS` from the checkout, as a user would type it."""
    told = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **environment}
    told.pop("HYDRA_FULL_ERROR", None) if "HYDRA_FULL_ERROR" not in environment else None
    return subprocess.run([sys.executable, "-m", *words], cwd=cwd, env=told, capture_output=True, text=True, timeout=300, check=False)
