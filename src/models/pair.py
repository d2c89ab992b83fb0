"""The marked-pair cross-encoder: one pass a directed pair, actor and target marked in the text.

Source: typed entity markers, Baldini Soares et al. 2019 (ACL) and Zhou and Chen 2022. It is the reference that the
one-pass model is held against.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from src.errors import ModelError
from src.models.base import PairScores, TrainingData
from src.models.encoders import load_encoder, load_tokenizer, plain_quotes
from src.models.training import History, TrainingSettings, seed_everything, token_batches, train
from src.records import STANCES, LabelledPair, Pair, Span

if TYPE_CHECKING:
    import numpy as np
    import torch

#: Words put around the mentions; plain words, so that any vocabulary has them.
_MARKS = {"actor": ("<", ">"), "target": ("[", "]")}


@dataclass(frozen=True)
class _Row:
    ids: tuple[int, ...]
    actor: int
    target: int
    stance: int = -1
    bias: int = -1


def mark(pair: Pair) -> tuple[str, int, int]:
    """The text with both mentions marked, and where the marks open; -1 for an unstated actor.

    >>> mark(Pair("Chad thanked Togo.", Span(0, 4), Span(13, 17)))
    ('< Chad > thanked [ Togo ].', 0, 17)
    """
    cuts: list[tuple[int, int, str, Literal["actor", "target"]]] = []
    sides: tuple[tuple[Literal["actor", "target"], Span | None], ...] = (("actor", pair.actor), ("target", pair.target))
    for role, span in sides:
        if span is not None:
            cuts.append((span.start, 1, _MARKS[role][0] + " ", role))
            cuts.append((span.end, 0, " " + _MARKS[role][1], role))
    text, opened, at = "", {"actor": -1, "target": -1}, 0
    for offset, opens, words, role in sorted(cuts, key=lambda cut: cut[:2]):
        text += pair.text[at:offset]
        if opens:
            opened[role] = len(text)
        text += words
        at = offset
    return text + pair.text[at:], opened["actor"], opened["target"]


def exchange(pair: Pair) -> Pair:
    """The same text with the two parties' names exchanged; the position stays with its role.

    >>> exchange(Pair("Chad thanked Togo.", Span(0, 4), Span(13, 17))).text
    'Togo thanked Chad.'
    """
    if pair.actor is None or max(pair.actor.start, pair.target.start) < min(pair.actor.end, pair.target.end):
        return pair
    first, second = sorted((pair.actor, pair.target), key=lambda span: span.start)
    a, b = pair.text[first.start : first.end], pair.text[second.start : second.end]
    text = pair.text[: first.start] + b + pair.text[first.end : second.start] + a + pair.text[second.end :]
    early = Span(first.start, first.start + len(b))
    late_start = second.start + len(b) - len(a)
    late = Span(late_start, late_start + len(a))
    return Pair(text, early, late) if pair.actor == first else Pair(text, late, early)


class PairModel:
    """A transformer fine-tuned with the actor and the target marked.

    Args:
        encoder: `minilm`, a folder, or a hub id.
        swap: probability that the two names change places in a training example.
        balance: exponent of the inverse class frequency in the loss.
    """

    learns = True

    def __init__(
        self,
        *,
        encoder: str = "minilm",
        max_length: int = 160,
        dropout: float = 0.1,
        swap: float = 0.3,
        balance: float = 0.5,
        settings: TrainingSettings | None = None,
    ) -> None:
        self.encoder_name = encoder
        self.max_length, self.dropout, self.swap, self.balance = max_length, dropout, swap, balance
        self.settings = settings or TrainingSettings()
        self._network: Any = None
        self._tokenizer: Any = None
        self._knows_bias = True

    def _build(self) -> None:
        if self._network is None:
            self._tokenizer = load_tokenizer(self.encoder_name)
            self._network = _network(load_encoder(self.encoder_name), self.dropout)

    def fit(self, train_data: TrainingData, valid: TrainingData, *, seed: int, checkpoint: Path | None = None) -> History:
        """Fine-tune on labelled pairs; macro-F1 of stance on `valid` decides when to stop."""
        rows = [e for e in train_data.pairs if e.stance is not None]
        if not rows:
            raise ModelError("the pair model has no labelled pair to learn from")
        seed_everything(seed)
        self._build()
        self._knows_bias = any(e.alleges_bias is not None for e in rows)
        counts = [sum(e.stance == name for e in rows) for name in STANCES]
        raw = [(len(rows) / c) ** self.balance if c else 0.0 for c in counts]
        mean = sum(r * c for r, c in zip(raw, counts, strict=True)) / len(rows)
        weights = [r / mean for r in raw]
        rng = random.Random(seed)
        lengths = [len(row.ids) for row in self._rows([e.pair for e in rows])]

        def loss(batch: list[LabelledPair]) -> torch.Tensor:
            import torch
            from torch.nn import functional

            pairs = [exchange(e.pair) if rng.random() < self.swap else e.pair for e in batch]
            stance, bias = self._network(*self._collate(self._rows(pairs)))
            gold = torch.tensor([STANCES.index(e.stance) for e in batch if e.stance is not None])
            value = functional.cross_entropy(stance.float(), gold, weight=torch.tensor(weights), label_smoothing=0.05)
            flags = torch.tensor([-1.0 if e.alleges_bias is None else float(e.alleges_bias) for e in batch])
            if (flags >= 0).any():
                value = value + functional.binary_cross_entropy_with_logits(bias.float()[flags >= 0], flags[flags >= 0])
            return value

        return train(
            self._network,
            rows,
            lengths,
            loss,
            (lambda: self._score(valid.pairs)) if valid.pairs else None,
            self.settings,
            seed=seed,
            checkpoint=checkpoint,
        )

    def _score(self, examples: Sequence[LabelledPair]) -> float:
        from sklearn.metrics import f1_score

        rows = [e for e in examples if e.stance is not None]
        gold = [STANCES.index(e.stance) for e in rows if e.stance is not None]
        guess = self.predict([e.pair for e in rows]).stance.argmax(1)
        return float(f1_score(gold, guess, average="macro", labels=sorted(set(gold))))

    def _rows(self, pairs: Sequence[Pair]) -> list[_Row]:
        marked = [mark(pair) for pair in pairs]
        if not marked:
            return []
        encoded = self._tokenizer([plain_quotes(text) for text, _, _ in marked], add_special_tokens=False, return_offsets_mapping=True)
        out, limit = [], self.max_length - 2
        for ids, offsets, (_, actor, target) in zip(encoded["input_ids"], encoded["offset_mapping"], marked, strict=True):
            at = {opened: i for i, (opened, _) in enumerate(offsets)}
            first, second = at.get(actor, -1), at.get(target, -1)
            low = max(0, min((min(x for x in (first, second) if x >= 0) + max(first, second) - limit) // 2, len(ids) - limit))
            keep = ids[low : low + limit]
            places = [p - low + 1 if low <= p < low + limit else 0 for p in (first, second)]
            out.append(_Row((self._tokenizer.cls_token_id, *keep, self._tokenizer.sep_token_id), *places))
        return out

    def _collate(self, rows: Sequence[_Row]) -> tuple[torch.Tensor, ...]:
        import torch

        length = max(len(row.ids) for row in rows)
        ids = torch.full((len(rows), length), self._tokenizer.pad_token_id or 0)
        mask = torch.zeros(len(rows), length, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row.ids)] = torch.tensor(row.ids)
            mask[i, : len(row.ids)] = 1
        return ids, mask, torch.tensor([row.actor for row in rows]), torch.tensor([row.target for row in rows])

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """See `StanceModel.predict`; the model answers by the conventions of whatever it was trained on."""
        import numpy as np
        import torch

        self._build()
        self._network.eval()
        rows = self._rows(pairs)
        stance = np.zeros((len(pairs), len(STANCES)), dtype=np.float32)
        bias = np.full(len(pairs), np.nan, dtype=np.float32)
        with torch.inference_mode():
            for indices in token_batches([len(row.ids) for row in rows], batch_tokens=4096):
                logits, biased = self._network(*self._collate([rows[i] for i in indices]))
                stance[indices] = logits.float().softmax(-1).numpy()
                if self._knows_bias:
                    bias[indices] = biased.float().sigmoid().numpy()
        return PairScores(stance, bias)

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """NaN: a marked pair says nothing of the sentence."""
        import numpy as np

        return np.full(len(sentences), np.nan, dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Weights in half precision, tokenizer, settings."""
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        state = self._network.state_dict()
        save_file(
            {k: v.to(torch.float16).contiguous() for k, v in state.items() if v.is_floating_point()},
            folder / "model.safetensors",
        )
        self._tokenizer.save_pretrained(folder)
        self._network.encoder.config.save_pretrained(folder)
        card = {"kind": "pair", "max_length": self.max_length, "knows_bias": self._knows_bias}
        (folder / "stancelab.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> PairModel:
        """Read what `save` wrote."""
        from safetensors.torch import load_file
        from transformers import AutoConfig, AutoModel

        card = json.loads((folder / "stancelab.json").read_text(encoding="utf-8"))
        model = cls(encoder=str(folder), max_length=card["max_length"], dropout=0.0)
        model._knows_bias = card["knows_bias"]
        model._tokenizer = load_tokenizer(str(folder))
        encoder = AutoModel.from_config(AutoConfig.from_pretrained(folder, trust_remote_code=False))
        if hasattr(encoder, "pooler"):
            encoder.pooler = None
        model._network = _network(encoder, 0.0)
        state = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
        model._network.load_state_dict(state, strict=False)
        model._network.eval()
        return model


def _network(encoder: Any, dropout: float) -> Any:
    """The torch module, built lazily so that importing this file does not import torch."""
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            size = encoder.config.hidden_size
            self.encoder = encoder
            self.head_pair = nn.Sequential(nn.Linear(3 * size, size), nn.GELU(), nn.Dropout(dropout))
            self.head_stance = nn.Linear(size, len(STANCES))
            self.head_bias = nn.Linear(size, 1)

        def forward(
            self, ids: torch.Tensor, mask: torch.Tensor, actor: torch.Tensor, target: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            row = torch.arange(len(ids))
            pair = self.head_pair(torch.cat([states[:, 0], states[row, actor], states[row, target]], dim=-1))
            return self.head_stance(pair), self.head_bias(pair).squeeze(-1)

    return Network()
