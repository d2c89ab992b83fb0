"""The one-pass model: a sentence is encoded once, whatever the number of directed pairs asked of it.

Each pair adds two *levitated markers* to the token sequence, one for the actor and one for the target. A marker shares the
position of the first token of its mention, sees the sentence and its partner, and is seen by nothing else, so that the
sentence's own states, and every pair's answer, are the same however many pairs ride along.

Source: packed levitated markers, Ye et al. 2022 (ACL), "Packed Levitated Marker for Entity and Relation Extraction";
here with directed roles and with the mention's word embeddings added to its marker.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ModelError, unknown_value
from src.inference.runtimes import Runtime, torch_runtime
from src.models.augmentation import hide_names, join, rename
from src.models.base import PairScores, TrainingData
from src.models.encoders import encode, load_encoder, load_tokenizer, plain_quotes
from src.models.items import Gold, Item
from src.models.training import History, TrainingSettings, mean_state, token_batches, train
from src.records import ATTRIBUTIONS, STANCES, LabelledPair, Pair, Span

if TYPE_CHECKING:
    import numpy as np
    import torch


#: Label conventions the stance head can answer by; the first is that of this project.
SCHEMES = ("positions", "dse", "seesaw", "plv", "newsmtsc")
_PRONOUNS = frozenset({"it", "its", "he", "she", "they", "them", "their", "we", "both", "neither", "either", "each"})
_CHUNK = 48  # pairs a sequence at most; a sentence with more is encoded again


def _window(offsets: Sequence[tuple[int, int]], limit: int, spans: Sequence[Span]) -> tuple[int, int]:
    """The range of tokens to keep when a sentence is longer than the encoder takes: around the mentions."""
    if len(offsets) <= limit:
        return 0, len(offsets)
    low = min((i for i, (_, end) in enumerate(offsets) for s in spans if end > s.start), default=0)
    high = max((i for i, (start, _) in enumerate(offsets) for s in spans if start < s.end), default=0)
    start = max(0, min((low + high + 1 - limit) // 2, len(offsets) - limit))
    return start, start + limit


class OnePassNetwork:
    """Builds the torch module lazily, so that importing this file does not import torch."""

    def __new__(cls, encoder: Any, *, dropout: float) -> Any:
        import torch
        from torch import nn

        class Network(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                size = encoder.config.hidden_size
                self.encoder = encoder
                self.head_markers = nn.Parameter(torch.randn(2, size) * 0.02)
                self.head_pair = nn.Sequential(nn.Linear(4 * size, size), nn.GELU(), nn.Dropout(dropout))
                self.head_stance = nn.Linear(size, len(STANCES))
                self.head_scheme = nn.ModuleList(nn.Linear(size, len(STANCES)) for _ in SCHEMES)
                for layer in self.head_scheme:
                    assert isinstance(layer, nn.Linear)
                    nn.init.zeros_(layer.weight)
                    nn.init.zeros_(layer.bias)
                self.head_bias = nn.Linear(size, 1)
                self.head_attribution = nn.Linear(size, len(ATTRIBUTIONS))
                self.head_evidence = nn.Linear(size, size)
                self.head_media = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * size, 1))

            def forward(
                self,
                ids: torch.Tensor,
                pool: torch.Tensor,
                positions: torch.Tensor,
                mask: torch.Tensor,
                text: torch.Tensor,
            ) -> dict[str, torch.Tensor]:
                """Encode `ids` (b, l) with markers for (b, p) pairs.

                `pool` (b, 2p, l) averages the tokens of each mention, actor and target in turn; `positions` (b, l + 2p);
                `mask` (b, l + 2p, l + 2p) true where attention is allowed; `text` (b, l) true on real tokens.
                """
                words = self.encoder.get_input_embeddings()(ids)
                batch, length = ids.shape
                count = pool.shape[1] // 2
                roles = self.head_markers.repeat(count, 1).unsqueeze(0)
                markers = pool.to(words.dtype) @ words + roles
                states = encode(self.encoder, torch.cat([words, markers.to(words.dtype)], dim=1), positions, mask)
                tokens, marked = states[:, :length], states[:, length:]
                spans = pool.to(tokens.dtype) @ tokens
                joined = torch.cat([marked, spans], dim=-1).reshape(batch, count, -1)
                pair = self.head_pair(joined)
                shared = self.head_stance(pair)
                weights = text.to(tokens.dtype).unsqueeze(-1)
                mean = (tokens * weights).sum(1) / weights.sum(1)
                return {
                    "stance": torch.stack([shared + layer(pair) for layer in self.head_scheme], dim=2),
                    "bias": self.head_bias(pair).squeeze(-1),
                    "attribution": self.head_attribution(pair),
                    "evidence": self.head_evidence(pair) @ tokens.transpose(1, 2) / tokens.shape[-1] ** 0.5,
                    "media": self.head_media(torch.cat([tokens[:, 0], mean], dim=-1)).squeeze(-1),
                }

        return Network()


def collate(items: Sequence[Item], pad: int) -> tuple[torch.Tensor, ...]:
    """Padded tensors for `forward`; an item without pairs gets markers that nothing reads."""
    import torch

    length = max(len(item.ids) for item in items)
    count = max(1, *(len(item.spans) for item in items))
    batch, total = len(items), length + 2 * count
    ids = torch.full((batch, length), pad)
    pool = torch.zeros(batch, 2 * count, length)
    positions = torch.zeros(batch, total, dtype=torch.long)
    positions[:, :length] = torch.arange(length)
    mask = torch.zeros(batch, total, total, dtype=torch.bool)
    text = torch.zeros(batch, length, dtype=torch.bool)
    mask[:, range(length, total), range(length, total)] = True
    for row, item in enumerate(items):
        size = len(item.ids)
        ids[row, :size] = torch.tensor(item.ids)
        text[row, :size] = True
        mask[row, :, :size] = True
        pool[row, :, 0] = 1.0
        for number, (a0, a1, t0, t1) in enumerate(item.spans):
            at = 2 * number
            for offset, (low, high) in enumerate(((a0, a1), (t0, t1))):
                pool[row, at + offset] = 0.0
                pool[row, at + offset, low:high] = 1.0 / (high - low)
                positions[row, length + at + offset] = low
            mask[row, length + at : length + at + 2, length + at : length + at + 2] = True
    return ids, pool, positions, mask, text


class OnePassModel:
    """Stance, alleged bias, attribution and evidence of every directed pair, and the sentence's own slant, in one pass.

    Args:
        encoder: `minilm` (the packaged MiniLM-L6), a folder, or a hub id, to start from; a folder with a one-pass model
            gives its heads as well, and `FOLDER+FOLDER` the mean of their weights (model soups, Wortsman et al. 2022).
        max_length: tokens of a sentence that are read; a longer one is cut to a window around its mentions.
        task_weights: loss weight of each part: the schemes of `SCHEMES`, `bias`, `attribution`, `evidence`, `media`.
        balance: exponent of the inverse class frequency in the stance loss (0: plain, 1: fully balanced).
        mask_names: probability that the words of a mention are hidden in training, so that positions are read from the
            sentence and not from who the parties are.
        swap_names: probability that they are replaced by those of another party of the training data instead.
        joins: sentences of our own joined by two into one in an epoch, as a share of their number; a position does not
            reach from one half into the other.
        repeats: how often an epoch shows the labelled sentences of a scheme (default once), for small sets that matter.
        teacher: folder of a one-pass model, usually larger, whose probabilities are learned beside the gold labels.
        adapter_rank: if not 0, only what was learned beyond the packaged `encoder` is saved, as matrices of this rank; its
            embeddings stay as they are.
        threshold, bias_threshold: saved with the model; the probabilities from which `src.label` writes a position, and calls it an
            allegation.
    """

    learns = True

    def __init__(
        self,
        *,
        encoder: str = "minilm",
        max_length: int = 160,
        dropout: float = 0.1,
        label_smoothing: float = 0.05,
        balance: float = 0.4,
        mask_names: float = 0.15,
        swap_names: float = 0.0,
        joins: float = 0.0,
        task_weights: dict[str, float] | None = None,
        repeats: dict[str, int] | None = None,
        teacher: str = "",
        adapter_rank: int = 0,
        threshold: float = 0.5,
        bias_threshold: float = 0.5,
        settings: TrainingSettings | None = None,
    ) -> None:
        self.encoder_name = encoder
        self.max_length = max_length
        self.dropout = dropout
        self.label_smoothing = label_smoothing
        self.balance = balance
        self.mask_names = mask_names
        self.swap_names = swap_names
        self.joins = joins
        self.task_weights = {"attribution": 0.3, "evidence": 0.5, "media": 0.5, "newsmtsc": 0.5} | (task_weights or {})
        self.settings = settings or TrainingSettings()
        self.repeats = dict(repeats or {})
        self.teacher = teacher
        self.adapter_rank = adapter_rank
        self._network: Any = None
        self._tokenizer: Any = None
        self._runtime: Runtime | None = None
        self.base = ""  # the encoder that an adapter builds on
        self.origin = ""  # the encoder that training began from
        self.threshold, self.bias_threshold = threshold, bias_threshold

    # -- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        if self._network is None:
            parts = [Path(name) for name in self.encoder_name.split("+")]
            self._tokenizer = load_tokenizer(str(parts[0]))
            if all((part / "stancelab.json").is_file() for part in parts):  # go on from one-pass models, heads and all
                earlier = [OnePassModel.load(part, dropout=self.dropout) for part in parts]
                self._network, self.base, self.origin = earlier[0]._network, earlier[0].base, earlier[0].origin
                if any((e.base, e.origin) != (self.base, self.origin) for e in earlier):
                    raise ModelError(f"model.encoder={self.encoder_name}: these models are built on different encoders and have no mean")
                if len(earlier) > 1:
                    self._network.load_state_dict(mean_state([e._network.state_dict() for e in earlier]))
            else:
                self.base = self.encoder_name if self.adapter_rank else ""
                self.origin = Path(self.encoder_name).name  # no path of this machine
                self._network = OnePassNetwork(load_encoder(self.encoder_name), dropout=self.dropout)
            if self.adapter_rank:
                self._network.encoder.embeddings.requires_grad_(False)
            self._network.eval()

    def save(self, folder: Path) -> None:
        """Weights as half-precision safetensors, tokenizer, and settings as JSON."""
        import torch
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        state = {k: v for k, v in self._network.state_dict().items() if v.is_floating_point()}
        if self.adapter_rank:
            state = to_adapter(state, _encoder_state(self.base), self.adapter_rank)
        save_file({k: v.to(torch.float16).contiguous() for k, v in state.items()}, folder / "model.safetensors")
        self._tokenizer.save_pretrained(folder)
        self._network.encoder.config.save_pretrained(folder)
        card = {
            "kind": "onepass",
            "schemes": SCHEMES,
            "max_length": self.max_length,
            "threshold": self.threshold,
            "bias_threshold": self.bias_threshold,
            "encoder": self.origin,
        }
        if self.adapter_rank:
            card |= {"base": self.base, "adapter_rank": self.adapter_rank}
        (folder / "stancelab.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, dropout: float = 0.0) -> OnePassModel:
        """Read a saved model; `dropout` is for training that goes on from it.

        Raises:
            ModelError: the folder holds no one-pass model, or the encoder that it builds on is not at hand.
        """
        from safetensors.torch import load_file
        from transformers import AutoConfig, AutoModel

        card_path = folder / "stancelab.json"
        if not card_path.exists():
            raise ModelError(f"{folder}: no stancelab.json here; a folder written by `python -m src.train` is expected")
        card = json.loads(card_path.read_text(encoding="utf-8"))
        if card.get("kind") != "onepass":
            raise ModelError(f"{folder}: " + unknown_value("model kind", card.get("kind"), ["onepass"]))
        model = cls(encoder=str(folder), max_length=card["max_length"], adapter_rank=card.get("adapter_rank", 0))
        model.threshold, model.bias_threshold = card.get("threshold", 0.5), card["bias_threshold"]
        model.base, model.origin = card.get("base", ""), card.get("encoder", "")
        model._tokenizer = load_tokenizer(str(folder))
        encoder = AutoModel.from_config(AutoConfig.from_pretrained(folder, trust_remote_code=False))
        if hasattr(encoder, "pooler"):
            encoder.pooler = None
        model._network = OnePassNetwork(encoder, dropout=dropout)
        state = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
        if model.base:
            state = from_adapter(state, _encoder_state(model.base))
        missing = [k for k, v in model._network.state_dict().items() if v.is_floating_point() and k not in state]
        if missing:
            raise ModelError(f"{folder}/model.safetensors: weights are missing, first {missing[0]}")
        model._network.load_state_dict(state, strict=False)
        model._network.eval()
        return model

    # -- tokenising -----------------------------------------------------------------------------------------------

    def _items(self, grouped: dict[str, list[int]], pairs: Sequence[Pair] | None, golds: Sequence[Gold] | None) -> list[Item]:
        """Tokenised texts with the rows of `pairs` that belong to each; without `pairs` the texts alone."""
        texts = list(grouped)
        items: list[Item] = []
        if not texts:
            return items
        encoded = self._tokenizer([plain_quotes(text) for text in texts], add_special_tokens=False, return_offsets_mapping=True)
        cls, sep = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        for text, ids, offsets in zip(texts, encoded["input_ids"], encoded["offset_mapping"], strict=True):
            limit = self.max_length - 2
            long = len(ids) > limit
            chunk = 1 if long else _CHUNK  # a long sentence is cut around one pair at a time
            rows = grouped[text]
            for low in range(0, max(1, len(rows)), chunk):
                part = tuple(rows[low : low + chunk])
                asked = [pairs[r] for r in part] if pairs is not None else []
                marks = [s for pair in asked for s in (pair.actor, pair.target) if s is not None]
                start, end = _window(offsets, limit, marks)
                kept = tuple(offsets[start:end])
                spans = tuple((*_tokens_of(pair.actor, kept), *_tokens_of(pair.target, kept)) for pair in asked)
                items.append(
                    Item(
                        ids=(cls, *ids[start:end], sep),
                        offsets=((-1, -1), *kept, (-1, -1)),
                        spans=spans,
                        gold=() if golds is None else tuple(golds[r] for r in part),
                        rows=part,
                    )
                )
        return items

    # -- learning -------------------------------------------------------------------------------------------------

    def training_items(self, data: TrainingData, soft: Sequence[tuple[float, ...]] | None = None, *, seed: int = 0) -> list[Item]:
        """Tokenised sentences with their gold labels; pairs of the same text and scheme ride together."""
        self._build()
        grouped: dict[tuple[str, str], list[int]] = {}
        pairs = [example.pair for example in data.pairs]
        golds = [_gold(example, None if soft is None else soft[row]) for row, example in enumerate(data.pairs)]
        for row, example in enumerate(data.pairs):
            grouped.setdefault((example.scheme, example.pair.text), []).append(row)
        items: list[Item] = []
        for scheme in dict.fromkeys(scheme for scheme, _ in grouped):
            texts = {text: rows for (name, text), rows in grouped.items() if name == scheme}
            made = self._items(texts, pairs, golds)
            labelled = [item for item in made if any(g.stance >= 0 for g in item.gold)]
            items += made + labelled * (self.repeats.get(scheme, 1) - 1)
            if scheme == SCHEMES[0] and self.joins:
                count = round(self.joins * len(labelled) * self.repeats.get(scheme, 1))
                items += join(labelled, count, limit=self.max_length, pairs=_CHUNK, rng=random.Random(seed))
        slanted: dict[str, int] = {s.text: int(s.media_bias) for s in data.sentences}
        for item, text in zip(self._items({t: [] for t in slanted}, (), None), slanted, strict=True):
            items.append(Item(item.ids, item.offsets, (), (), slanted[text], ()))
        return items

    def fit(
        self,
        train_data: TrainingData,
        valid: TrainingData,
        *,
        seed: int,
        checkpoint: Path | None = None,
        score: Any = None,
    ) -> History:
        """Joint training on whatever labels the data has; each part of the loss is masked where a label is unknown.

        A `teacher` gives its probabilities of stance and alleged bias for every pair (distillation, Hinton et al. 2015): they are
        mixed with the gold label where there is one and stand in for it where a set has none.
        Validation score: mean over schemes of macro-F1 (stance) and F1 (alleged bias).
        """
        from src.models.training import seed_everything

        seed_everything(seed)
        self._build()
        items = self.training_items(train_data, self._taught(train_data) if self.teacher else None, seed=seed)
        if not items:
            raise ModelError("there is nothing to learn from: no labelled pair and no labelled sentence")
        weights = _class_weights([g for item in items for g in item.gold], self.balance)
        rng = random.Random(seed)
        mask_id = self._tokenizer.mask_token_id
        names = self._names(train_data) if self.swap_names else []

        def loss(batch: list[Item]) -> torch.Tensor:
            changed = [
                rename(hide_names(item, self.mask_names, mask_id, rng), self.swap_names, names, self.max_length, rng) for item in batch
            ]
            return self._loss(changed, weights)

        evaluate = score or (lambda: self._validation_score(valid))
        history = train(
            self._network,
            items,
            [item.length for item in items],
            loss,
            evaluate if (valid.pairs or valid.sentences or score) else None,
            self.settings,
            seed=seed,
            checkpoint=checkpoint,
        )
        if self.adapter_rank:  # what is scored is what is saved
            base = _encoder_state(self.base)
            state = {k: v for k, v in self._network.state_dict().items() if v.is_floating_point()}
            self._network.load_state_dict(from_adapter(to_adapter(state, base, self.adapter_rank), base), strict=False)
        return history

    def _names(self, data: TrainingData) -> list[tuple[int, ...]]:
        """The tokens of the names in our own training pairs, each once."""
        own = [e.pair for e in data.pairs if e.scheme == SCHEMES[0] and e.stance is not None]
        words = {pair.mention(role) for pair in own for role in ("actor", "target")}
        names = sorted(word for word in words if word[:1].isupper() and word.lower() not in _PRONOUNS)
        return [tuple(ids) for ids in self._tokenizer(names, add_special_tokens=False)["input_ids"]]

    def _taught(self, data: TrainingData) -> list[tuple[float, ...]]:
        """The teacher's probabilities for every pair: the stances in their order, then alleged bias."""
        from tqdm import tqdm

        teacher = OnePassModel.load(Path(self.teacher))
        teacher.run_by(torch_runtime(teacher.network, "bf16"))
        answers: list[tuple[float, ...]] = [()] * len(data.pairs)
        with tqdm(total=len(data.pairs), desc="teacher", unit=" pairs", mininterval=2, leave=False) as bar:
            for scheme in dict.fromkeys(e.scheme for e in data.pairs):
                rows = [i for i, e in enumerate(data.pairs) if e.scheme == scheme]
                for part in (rows[low : low + 2048] for low in range(0, len(rows), 2048)):
                    scores = teacher.predict([data.pairs[i].pair for i in part], scheme=scheme)
                    for row, stance, bias in zip(part, scores.stance.tolist(), scores.alleges_bias.tolist(), strict=True):
                        answers[row] = (*stance, bias)
                    bar.update(len(part))
        return answers

    def _loss(self, batch: list[Item], weights: torch.Tensor) -> torch.Tensor:
        import torch
        from torch.nn import functional

        out = self._network(*collate(batch, self._tokenizer.pad_token_id or 0))
        where = [(b, p) for b, item in enumerate(batch) for p in range(len(item.gold))]
        golds = [batch[b].gold[p] for b, p in where]
        losses: list[torch.Tensor] = []
        if golds:
            rows, columns = (torch.tensor(x) for x in zip(*where, strict=True))
            schemes = torch.tensor([g.scheme for g in golds])
            names = [SCHEMES[g.scheme] for g in golds]
            scale = torch.tensor([self.task_weights.get(name, 1.0) for name in names])
            stance = torch.tensor([g.stance for g in golds])
            known = torch.tensor([g.stance >= 0 or g.soft is not None for g in golds])
            if known.any():
                logits = out["stance"][rows, columns, schemes].float()
                per = functional.cross_entropy(logits, stance.clamp(min=0), reduction="none", label_smoothing=self.label_smoothing)
                per = per * weights[schemes, stance.clamp(min=0)] * (stance >= 0)
                soft = [g.soft for g in golds]
                if any(s is not None for s in soft):
                    taught = torch.tensor([s is not None for s in soft])
                    goal = torch.tensor([s[: len(STANCES)] if s is not None else (0.0,) * len(STANCES) for s in soft])
                    distance = -(goal * logits.log_softmax(-1)).sum(-1)
                    per = torch.where(taught, torch.where(stance >= 0, 0.4 * per + 0.6 * distance, distance), per)
                losses.append((per * scale * known).sum() / max(1.0, float((scale * known).sum())))
            unlabelled = [(i, g.soft[-1]) for i, g in enumerate(golds) if g.bias < 0 and g.soft is not None]
            if unlabelled:
                at, said = (torch.tensor(x) for x in zip(*unlabelled, strict=True))
                logits = out["bias"][rows[at], columns[at]].float()
                losses.append(functional.binary_cross_entropy_with_logits(logits, said))
            for name, wanted in (("bias", [g.bias for g in golds]), ("attribution", [g.attribution for g in golds])):
                label = torch.tensor(wanted)
                some = label >= 0
                if some.any():
                    logits = out[name][rows, columns].float()[some]
                    value = (
                        functional.binary_cross_entropy_with_logits(logits, label[some].float(), pos_weight=torch.tensor(2.0))
                        if name == "bias"
                        else functional.cross_entropy(logits, label[some])
                    )
                    losses.append(self.task_weights.get(name, 1.0) * value)
            evident = [i for i, g in enumerate(golds) if g.evidence is not None]
            if evident:
                goal_rows, logit_rows = [], []
                for i in evident:
                    b, p = where[i]
                    offsets = batch[b].offsets
                    goal_rows.append(torch.tensor([float(_inside(o, golds[i].evidence or ())) for o in offsets]))
                    logit_rows.append(out["evidence"][b, p, : len(offsets)].float())
                losses.append(
                    self.task_weights.get("evidence", 1.0)
                    * functional.binary_cross_entropy_with_logits(torch.cat(logit_rows), torch.cat(goal_rows), pos_weight=torch.tensor(2.0))
                )
        slant = torch.tensor([item.media_bias for item in batch])
        if (slant >= 0).any():
            logits = out["media"].float()[slant >= 0]
            share = float((slant >= 0).float().mean())
            losses.append(
                self.task_weights.get("media", 1.0) * share * functional.binary_cross_entropy_with_logits(logits, slant[slant >= 0].float())
            )
        return torch.stack(losses).sum()

    def _validation_score(self, valid: TrainingData) -> float:
        from sklearn.metrics import f1_score

        parts: list[float] = []
        for scheme in dict.fromkeys(e.scheme for e in valid.pairs):
            rows = [e for e in valid.pairs if e.scheme == scheme and e.stance is not None]
            scores = self.predict([e.pair for e in rows], scheme=scheme)
            gold = [STANCES.index(e.stance) for e in rows if e.stance is not None]
            parts.append(float(f1_score(gold, scores.stance.argmax(1), average="macro", labels=sorted(set(gold)))))
            biased = [(i, e.alleges_bias) for i, e in enumerate(rows) if e.alleges_bias is not None]
            if any(flag for _, flag in biased):
                said = [scores.alleges_bias[i] >= self.bias_threshold for i, _ in biased]
                parts.append(float(f1_score([flag for _, flag in biased], said)))
        if valid.sentences:
            probs = self.media_bias([s.text for s in valid.sentences])
            parts.append(float(f1_score([s.media_bias for s in valid.sentences], probs > 0.5, average="macro")))
        return sum(parts) / max(1, len(parts))

    # -- answering ------------------------------------------------------------------------------------------------

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """See `StanceModel.predict`; pairs with the same text share one pass."""
        import numpy as np
        from scipy.special import expit, softmax

        if scheme not in SCHEMES:
            raise ModelError(unknown_value("label scheme", scheme, SCHEMES))
        self._build()
        grouped: dict[str, list[int]] = {}
        for row, pair in enumerate(pairs):
            grouped.setdefault(pair.text, []).append(row)
        items = self._items(grouped, pairs, None)
        stance = np.zeros((len(pairs), len(STANCES)), dtype=np.float32)
        bias = np.zeros(len(pairs), dtype=np.float32)
        attribution = np.zeros((len(pairs), len(ATTRIBUTIONS)), dtype=np.float32)
        slant = np.zeros(len(pairs), dtype=np.float32)
        evidence: list[tuple[Span, ...]] = [()] * len(pairs)
        column = SCHEMES.index(scheme)
        for batch, out in self._answers(items):
            probs, voices = softmax(out["stance"][:, :, column], axis=-1), softmax(out["attribution"], axis=-1)
            biased, marks, slants = expit(out["bias"]), expit(out["evidence"]), expit(out["media"])
            for b, item in enumerate(batch):
                for p, row in enumerate(item.rows):
                    stance[row], bias[row], attribution[row] = probs[b, p], biased[b, p], voices[b, p]
                    slant[row] = slants[b]
                    evidence[row] = _spans_of(marks[b, p, : len(item.offsets)], item.offsets)
        return PairScores(stance, bias, attribution, evidence, slant)

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """See `StanceModel.media_bias`."""
        import numpy as np
        from scipy.special import expit

        self._build()
        distinct = list(dict.fromkeys(sentences))
        found = {
            item.rows[0]: slant
            for batch, out in self._answers(self._items({text: [i] for i, text in enumerate(distinct)}, None, None))
            for item, slant in zip(batch, expit(out["media"]), strict=True)
        }
        place = {text: i for i, text in enumerate(distinct)}
        return np.array([found[place[text]] for text in sentences], dtype=np.float32)

    def _answers(self, items: Sequence[Item]) -> Iterator[tuple[list[Item], dict[str, np.ndarray]]]:
        """Batches of items of similar length with the network's outputs."""
        self._network.eval()
        run = self._runtime or torch_runtime(self._network)
        for indices in token_batches([item.length for item in items], batch_tokens=4096):
            batch = [items[i] for i in indices]
            yield batch, run(collate(batch, self._tokenizer.pad_token_id or 0))

    # -- running --------------------------------------------------------------------------------------------------

    @property
    def network(self) -> Any:
        """The torch module, built where it is not."""
        self._build()
        return self._network

    def example(self) -> tuple[torch.Tensor, ...]:
        """Tensors of two sentences with pairs, to trace the network by."""
        self._build()
        text = "Chad thanked Togo for its help."
        pairs = [Pair(text, Span(0, 4), Span(13, 17)), Pair(text, Span(13, 17), Span(0, 4)), Pair(text[:18], Span(0, 4), Span(13, 17))]
        return collate(self._items({text: [0, 1], text[:18]: [2]}, pairs, None), self._tokenizer.pad_token_id or 0)

    def run_by(self, runtime: Runtime | None) -> None:
        """Answer by another runtime than torch (None: torch)."""
        self._runtime = runtime

    @contextmanager
    def answering(self, runtime: Runtime) -> Iterator[None]:
        """Answer by a runtime for a while."""
        earlier, self._runtime = self._runtime, runtime
        try:
            yield
        finally:
            self._runtime = earlier

    def checksum(self) -> str:
        """sha256 of the weights and of all that decides what is read of a sentence."""
        self._build()
        found = hashlib.sha256(f"{self.max_length} {len(self._tokenizer)}".encode())
        for name, value in sorted(self._network.state_dict().items()):
            found.update(name.encode())
            found.update(value.contiguous().numpy().tobytes())
        return found.hexdigest()


def _encoder_state(name: str) -> dict[str, torch.Tensor]:
    """The weights of an untrained encoder under the names they have inside the network."""
    return {f"encoder.{k}": v for k, v in load_encoder(name).state_dict().items() if v.is_floating_point()}


def to_adapter(state: dict[str, torch.Tensor], base: dict[str, torch.Tensor], rank: int) -> dict[str, torch.Tensor]:
    """What `state` has beyond `base`: each matrix's difference (m, n) as `up` (m, rank) times `down` (rank, n), the rest as it is.

    Weights equal to those of the base in half precision are left out. The best approximation of that rank is the truncated singular value
    decomposition (Eckart and Young 1936); the form is that of LoRA (Hu et al. 2021).
    """
    import torch

    adapter: dict[str, torch.Tensor] = {}
    for name, value in state.items():
        if name not in base:
            adapter[name] = value
            continue
        if torch.equal(value.half(), base[name].half()):
            continue
        difference = value.float() - base[name].float()
        if difference.ndim != 2 or min(difference.shape) <= 2 * rank:
            adapter[f"{name}.difference"] = difference
            continue
        wide = difference.shape[1] > difference.shape[0]  # the smaller Gram matrix has the singular vectors, far cheaper than all of them
        tall = (difference.T if wide else difference).double()
        squares, vectors = torch.linalg.eigh(tall.T @ tall)
        scale = squares[-rank:].clamp(min=1e-20) ** 0.25  # the root of the singular value goes to either factor
        up, down = tall @ vectors[:, -rank:] / scale, scale[:, None] * vectors[:, -rank:].T
        adapter[f"{name}.up"], adapter[f"{name}.down"] = (down.T.float(), up.T.float()) if wide else (up.float(), down.float())
    return adapter


def from_adapter(adapter: dict[str, torch.Tensor], base: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights that `to_adapter` was given, up to its rank."""
    state = dict(base)
    for name, value in adapter.items():
        stem, _, part = name.rpartition(".")
        if part == "difference":
            state[stem] = base[stem] + value
        elif part == "up":
            state[stem] = base[stem] + value @ adapter[f"{stem}.down"]
        elif part != "down" or stem not in base:
            state[name] = value
    return state


def _gold(example: LabelledPair, soft: tuple[float, ...] | None) -> Gold:
    alleges = example.alleges_bias
    if alleges is None and example.stance == "favor":
        alleges = False  # whoever favors does not allege bias: true by definition, in any set
    return Gold(
        stance=-1 if example.stance is None else STANCES.index(example.stance),
        bias=-1 if alleges is None else int(alleges),
        attribution=-1 if example.attribution is None else ATTRIBUTIONS.index(example.attribution),
        evidence=example.evidence or None,
        scheme=SCHEMES.index(example.scheme),
        soft=soft,
    )


def _tokens_of(span: Span | None, offsets: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Token range of a span in the sequence with its leading [CLS]; the [CLS] itself for an unstated actor."""
    if span is None:
        return 0, 1
    inside = [i for i, (start, end) in enumerate(offsets) if start < span.end and end > span.start]
    return (inside[0] + 1, inside[-1] + 2) if inside else (0, 1)


def _inside(offset: tuple[int, int], spans: Sequence[Span]) -> bool:
    return any(offset[0] < s.end and offset[1] > s.start for s in spans)


def _spans_of(probs: Any, offsets: Sequence[tuple[int, int]], threshold: float = 0.5, gap: int = 1) -> tuple[Span, ...]:
    """Runs of tokens above the threshold, joined over short gaps; the single best token if none reaches it."""
    chosen = [i for i, (start, _) in enumerate(offsets) if start >= 0 and probs[i] > threshold]
    if not chosen:
        body = [i for i, (start, _) in enumerate(offsets) if start >= 0]
        if not body:
            return ()
        chosen = [max(body, key=lambda i: probs[i])]
    runs: list[list[int]] = []
    for i in chosen:
        if runs and i - runs[-1][-1] <= gap + 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    best = sorted(runs, key=lambda run: -sum(probs[i] for i in run))[:2]
    return tuple(Span(offsets[run[0]][0], offsets[run[-1]][1]) for run in sorted(best))


def _class_weights(golds: Sequence[Gold], exponent: float) -> torch.Tensor:
    """Weights (schemes, 3), mean 1 over the examples of each scheme."""
    import torch

    weights = torch.ones(len(SCHEMES), len(STANCES))
    for scheme in range(len(SCHEMES)):
        counts = torch.tensor([sum(g.scheme == scheme and g.stance == k for g in golds) for k in range(len(STANCES))])
        if counts.sum():
            raw = torch.where(counts > 0, (counts.sum() / counts.clamp(min=1)) ** exponent, torch.tensor(0.0))
            weights[scheme] = raw * counts.sum() / (raw * counts).sum()
    return weights
