"""Stance by natural language inference: does the sentence entail "X opposes Y"?

Source: zero-shot classification by entailment, Yin et al. 2019 (EMNLP); a codebook of hypotheses for political
relations, Hu et al. 2024 (ACL).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import ModelError
from src.models.base import PairScores, TrainingData
from src.models.encoders import quiet, resolve_checkpoint
from src.models.training import History, TrainingSettings, token_batches, train
from src.records import STANCES, NliExample, Pair

if TYPE_CHECKING:
    import numpy as np
    import torch

log = logging.getLogger(__name__)
NLI_LABELS = ("entailment", "neutral", "contradiction")

#: Hypotheses for each label; `{actor}` and `{target}` are filled with the mentions. The probability of a label is the
#: mean over its templates, so every label may have as many as it likes.
DEFAULT_TEMPLATES: dict[str, tuple[str, ...]] = {
    "favor": ("{actor} supports {target}.", "{actor} praises {target}.", "{actor} helps {target}."),
    "against": ("{actor} opposes {target}.", "{actor} criticizes {target}.", "{actor} acts against {target}."),
    "neutral": ("{actor} takes no position on {target}.",),
    "alleges_bias": ("{actor} says that {target} is biased.", "{actor} accuses {target} of taking sides."),
    "media_bias": ("This sentence is slanted.",),
}


class NliModel:
    """Zero-shot stance with any NLI checkpoint, or a checkpoint trained here from an encoder and NLI data.

    Args:
        checkpoint: a local folder, a hub id, or, with `train_encoder`, the encoder to start from.
        templates: hypotheses a label; see `DEFAULT_TEMPLATES`.
        neutral_weight: how much of the neutral score comes from "neither is entailed" rather than from the neutral hypotheses.
        train_encoder: fit a new NLI classifier on `TrainingData.nli` before use.
        max_length: tokens of premise and hypothesis together.
    """

    def __init__(
        self,
        *,
        checkpoint: str,
        templates: dict[str, tuple[str, ...]] | None = None,
        neutral_weight: float = 1.0,
        train_encoder: bool = False,
        max_length: int = 160,
        settings: TrainingSettings | None = None,
    ) -> None:
        self.checkpoint = checkpoint
        self.templates = DEFAULT_TEMPLATES | {k: tuple(v) for k, v in (templates or {}).items()}
        for label, hypotheses in self.templates.items():
            if not hypotheses:
                raise ModelError(f"the NLI label {label!r} has no hypothesis; give at least one template")
        self.neutral_weight = neutral_weight
        self.learns = train_encoder
        self.max_length = max_length
        self.settings = settings or TrainingSettings(learning_rate=1.2e-4, head_learning_rate=1e-3, epochs=1)
        self._model: Any = None
        self._tokenizer: Any = None
        self._columns: dict[str, int] = {}

    def _load(self) -> None:
        if self._model is not None:
            return
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        quiet()
        source = resolve_checkpoint(self.checkpoint)
        options: dict[str, Any] = {"trust_remote_code": False, "use_safetensors": True, "dtype": torch.float32}
        if self.learns:
            options |= {
                "num_labels": len(NLI_LABELS),
                "id2label": dict(enumerate(NLI_LABELS)),
                "label2id": {name: i for i, name in enumerate(NLI_LABELS)},
            }
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            model = AutoModelForSequenceClassification.from_pretrained(source, **options)
        except (OSError, ValueError) as error:
            first = str(error).splitlines()[0]
            raise ModelError(f"the NLI checkpoint {self.checkpoint!r} cannot be loaded: {first}") from error
        self._columns = label_columns(model.config.label2id, self.checkpoint)
        self._model = model.eval()

    def fit(self, train_data: TrainingData, valid: TrainingData, *, seed: int, checkpoint: Path | None = None) -> History | None:
        """Train the NLI classifier on `nli` examples; a zero-shot model learns nothing."""
        if not self.learns:
            return None
        if not train_data.nli:
            raise ModelError("an NLI classifier needs NLI examples: set data=nli")
        from src.models.training import seed_everything

        seed_everything(seed)
        self._load()
        rows = self._encode([(e.premise, e.hypothesis) for e in train_data.nli])
        gold = [NLI_LABELS.index(e.label) for e in train_data.nli]
        items = list(zip(rows, gold, strict=True))

        def loss(batch: list[tuple[dict[str, list[int]], int]]) -> torch.Tensor:
            import torch

            logits = self._forward([row for row, _ in batch]).float()
            return torch.nn.functional.cross_entropy(logits, torch.tensor([label for _, label in batch]), label_smoothing=0.05)

        return train(
            self._model,
            items,
            [len(row["input_ids"]) for row in rows],
            loss,
            (lambda: self.accuracy(valid.nli)) if valid.nli else None,
            self.settings,
            seed=seed,
            checkpoint=checkpoint,
            head_names=("classifier", "bert.pooler"),
        )

    def accuracy(self, examples: Sequence[NliExample]) -> float:
        """Share of NLI examples answered rightly."""
        probs = self.entailment([(e.premise, e.hypothesis) for e in examples])
        gold = [NLI_LABELS.index(e.label) for e in examples]
        return float((probs.argmax(1) == gold).mean())

    def _encode(self, texts: Sequence[tuple[str, str]]) -> list[dict[str, list[int]]]:
        encoded = self._tokenizer(
            [premise for premise, _ in texts],
            [hypothesis for _, hypothesis in texts],
            truncation="longest_first",
            max_length=self.max_length,
        )
        return [{key: encoded[key][i] for key in encoded} for i in range(len(texts))]

    def _forward(self, rows: Sequence[dict[str, list[int]]]) -> torch.Tensor:
        batch = self._tokenizer.pad(list(rows), return_tensors="pt")
        logits: torch.Tensor = self._model(**batch).logits
        return logits

    def entailment(self, texts: Sequence[tuple[str, str]]) -> np.ndarray:
        """Probabilities (n, 3) of entailment, neutral, contradiction for (premise, hypothesis) texts."""
        import numpy as np
        import torch

        self._load()
        distinct = list(dict.fromkeys(texts))
        out = np.zeros((len(distinct), len(NLI_LABELS)), dtype=np.float32)
        if distinct:
            rows = self._encode(distinct)
            order = [self._columns[name] for name in NLI_LABELS]
            with torch.inference_mode():
                for indices in token_batches([len(r["input_ids"]) for r in rows], batch_tokens=8192):
                    logits = self._forward([rows[i] for i in indices]).float()
                    # a two-class checkpoint has no neutral column: order then names the other class twice
                    probs = logits.softmax(-1).numpy()
                    out[indices] = probs[:, order]
        where = {text: i for i, text in enumerate(distinct)}
        return out[[where[text] for text in texts]]

    def predict(self, pairs: Sequence[Pair], *, scheme: str = "positions") -> PairScores:
        """Entailment of each label's hypotheses, averaged over templates and normalised over the three stances."""
        import numpy as np

        scores = {label: self._score(pairs, label) for label in (*STANCES, "alleges_bias")}
        neither = 1 - np.maximum(scores["favor"], scores["against"])
        weight = self.neutral_weight
        neutral = weight * neither + (1 - weight) * scores["neutral"]
        stance = np.stack([scores["favor"], scores["against"], neutral], axis=1) + 1e-6
        return PairScores(stance / stance.sum(1, keepdims=True), scores["alleges_bias"])

    def _score(self, pairs: Sequence[Pair], label: str) -> np.ndarray:
        import numpy as np

        hypotheses = self.templates[label]
        texts = [
            (pair.text, template.format(actor=pair.mention("actor") or "The author", target=pair.mention("target")))
            for template in hypotheses
            for pair in pairs
        ]
        if not texts:
            return np.zeros(0, dtype=np.float32)
        return self.entailment(texts)[:, 0].reshape(len(hypotheses), len(pairs)).mean(0)

    def media_bias(self, sentences: Sequence[str]) -> np.ndarray:
        """Entailment of the slant hypotheses."""
        hypotheses = self.templates["media_bias"]
        texts = [(sentence, hypothesis) for hypothesis in hypotheses for sentence in sentences]
        return self.entailment(texts)[:, 0].reshape(len(hypotheses), len(sentences)).mean(0)

    def save(self, folder: Path) -> None:
        """The checkpoint in half precision, with its label names."""
        import torch

        folder.mkdir(parents=True, exist_ok=True)
        self._load()
        self._model.to(torch.float16).save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)
        self._model.to(torch.float32)


def label_columns(label2id: dict[str, int] | None, checkpoint: str) -> dict[str, int]:
    """Which column means what, read from the checkpoint and never guessed.

    A two-class checkpoint (entailment, not_entailment) has its second column stand for neutral and contradiction.

    Raises:
        ModelError: the labels do not name entailment.

    >>> label_columns({"CONTRADICTION": 0, "NEUTRAL": 1, "ENTAILMENT": 2}, "x")["entailment"]
    2
    """
    names = {str(name).lower(): int(column) for name, column in (label2id or {}).items()}
    if "entailment" not in names:
        raise ModelError(
            f"{checkpoint}: its label2id names no 'entailment' (it has {', '.join(names) or 'none'}), so its columns"
            " cannot be read; use a checkpoint whose config says entailment, neutral, contradiction"
        )
    other = names.get("not_entailment")
    columns = {name: names.get(name, other) for name in NLI_LABELS}
    absent = [name for name, column in columns.items() if column is None]
    if absent:
        raise ModelError(f"{checkpoint}: its label2id lacks {', '.join(absent)}; it has {', '.join(names)}")
    return {name: column for name, column in columns.items() if column is not None}
