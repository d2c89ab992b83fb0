"""One training loop for every transformer here: length buckets, bf16 autocast, early stopping, checkpoints, resume.

The loop knows nothing of tasks. It is handed a model, items with their lengths, a function from a list of items to a
loss, and a function that scores the model on validation data.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSettings:
    """Hyperparameters of one fine-tuning.

    `batch_tokens` bounds the padded tokens of a batch; `patience` is the number of validations without improvement after
    which training stops (0: never); `validations` how often a full epoch is interrupted for one;
    `max_minutes` ends training early with the best state so far (0: no bound).
    """

    epochs: int = 4
    learning_rate: float = 5e-5
    head_learning_rate: float = 5e-4
    batch_size: int = 32
    batch_tokens: int = 4096
    warmup: float = 0.06
    weight_decay: float = 0.01
    max_grad_norm: float = 1.0
    precision: str = "bf16"
    patience: int = 0
    validations: int = 1
    checkpoint_minutes: float = 5.0
    max_minutes: float = 0.0
    average: int = 1


@dataclass
class History:
    """What happened: one row a validation, the best score, and how long it took."""

    validations: list[dict[str, float]] = field(default_factory=list)
    best: float = float("-inf")
    best_epoch: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    resumed: bool = False


def length_buckets(lengths: Sequence[int], *, batch_size: int, batch_tokens: int, rng: random.Random) -> list[list[int]]:
    """Batches of indices of similar length, in random order; padded size at most `batch_tokens`.

    Items are shuffled, cut into pools of 50 batches, and sorted inside a pool, so that an epoch is random and padding small.
    """
    order = list(range(len(lengths)))
    rng.shuffle(order)
    pool = batch_size * 50
    batches: list[list[int]] = []
    for low in range(0, len(order), pool):
        batch: list[int] = []
        for index in sorted(order[low : low + pool], key=lambda i: lengths[i]):
            if batch and (len(batch) >= batch_size or (len(batch) + 1) * lengths[index] > batch_tokens):
                batches.append(batch)
                batch = []
            batch.append(index)
        if batch:
            batches.append(batch)
    rng.shuffle(batches)
    return batches


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch, so that a run can be repeated."""
    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


class _Checkpoint:
    """Model and AdamW state as safetensors plus a JSON file, swapped in atomically."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, model: Any, optimizer: Any, best: dict[str, Any], progress: dict[str, Any]) -> None:
        import torch
        from safetensors.torch import save_file

        self.folder.mkdir(parents=True, exist_ok=True)
        tensors = {f"model/{k}": v.detach().contiguous() for k, v in model.state_dict().items()}
        tensors |= {f"best/{k}": v.contiguous() for k, v in best.items()}
        names = {id(p): n for n, p in model.named_parameters()}
        for parameter, state in optimizer.state.items():
            for key, value in state.items():
                tensors[f"optim/{key}/{names[id(parameter)]}"] = torch.as_tensor(value).detach().contiguous()
        part = self.folder / "state.safetensors.part"
        save_file({k: v.clone() for k, v in tensors.items()}, part, metadata={"progress": json.dumps(progress)})
        part.replace(self.folder / "state.safetensors")

    def load(self, model: Any, optimizer: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        from safetensors import safe_open

        path = self.folder / "state.safetensors"
        if not path.exists():
            return None
        parameters = dict(model.named_parameters())
        current: dict[str, Any] = {}
        best: dict[str, Any] = {}
        with safe_open(path, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118 - not a dict
                part, _, name = key.partition("/")
                if part == "optim":
                    kind, _, name = name.partition("/")
                    optimizer.state[parameters[name]][kind] = file.get_tensor(key)
                else:
                    (current if part == "model" else best)[name] = file.get_tensor(key)
            progress = json.loads(file.metadata()["progress"])
        model.load_state_dict(current)
        return best, progress

    def clear(self) -> None:
        (self.folder / "state.safetensors").unlink(missing_ok=True)


def train(
    model: torch.nn.Module,
    items: Sequence[T],
    lengths: Sequence[int],
    loss: Callable[[list[T]], torch.Tensor],
    evaluate: Callable[[], float] | None,
    settings: TrainingSettings,
    *,
    seed: int,
    checkpoint: Path | None = None,
    on_validation: Callable[[dict[str, float]], None] | None = None,
    head_names: Sequence[str] = ("head",),
) -> History:
    """Fine-tune `model` in place and leave it in its best validated state.

    Args:
        items, lengths: training items and their lengths in tokens.
        loss: mean loss of a batch of items.
        evaluate: score on validation data, higher is better; None trains for all epochs.
        checkpoint: folder for the resumable state; a run that was cut off continues from it.
        head_names: parameters whose name starts with one of these learn with `head_learning_rate`.

    Source: AdamW with linear warm-up and decay (Loshchilov and Hutter 2019); weight averaging of the last `average`
    validated states (Izmailov et al. 2018), kept only where it validates better.
    """
    import torch
    from tqdm import tqdm

    seed_everything(seed)
    groups = _parameter_groups(model, settings, head_names)
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate)
    base_rates = [group["lr"] for group in groups]
    history, best, start_epoch, start_batch = History(), dict[str, torch.Tensor](), 0, 0
    store = _Checkpoint(checkpoint) if checkpoint is not None else None
    if store is not None and (found := store.load(model, optimizer)) is not None:
        best, progress = found
        start_epoch, start_batch = progress.pop("epoch"), progress.pop("batch")
        history = History(**progress["history"])
        history.resumed = True
        log.info("resuming at epoch %d, batch %d", start_epoch, start_batch)

    def batches_of(epoch: int) -> list[list[int]]:
        rng = random.Random(f"{seed}-{epoch}")
        return length_buckets(lengths, batch_size=settings.batch_size, batch_tokens=settings.batch_tokens, rng=rng)

    per_epoch = [len(batches_of(epoch)) for epoch in range(settings.epochs)]
    total = max(1, sum(per_epoch))
    warm = max(1, int(settings.warmup * total))
    started = saved = time.monotonic()
    earlier = history.seconds
    stale = 0
    recent: list[dict[str, torch.Tensor]] = []

    def validate(epoch: float) -> bool:
        """Score, keep the best state; true when training should stop."""
        nonlocal best, stale
        if evaluate is None:
            return False
        model.eval()
        score = evaluate()
        state = {k: v.detach().clone() for k, v in model.state_dict().items()}
        row = {"epoch": round(epoch, 3), "score": score, "loss": running}
        if settings.average > 1:
            recent.append(state)
            del recent[: -settings.average]
            if len(recent) > 1:
                averaged = mean_state(recent)
                model.load_state_dict(averaged)
                row["averaged_score"] = evaluate()
                model.load_state_dict(state)
                if row["averaged_score"] > score:
                    score, state = row["averaged_score"], averaged
        history.validations.append(row)
        log.info("epoch %.2f loss %.4f score %.4f", epoch, running, score)
        if on_validation is not None:
            on_validation(row)
        stale = 0 if score > history.best else stale + 1
        if score > history.best:
            history.best, history.best_epoch, best = score, round(epoch, 3), state
        model.train()
        return bool(settings.patience) and stale >= settings.patience

    def out_of_time() -> bool:
        return bool(settings.max_minutes) and earlier + time.monotonic() - started > settings.max_minutes * 60

    running = float("nan")
    model.train()
    stop = False
    for epoch in range(start_epoch, settings.epochs):
        batches = batches_of(epoch)
        stops = {max(1, len(batches) * i // settings.validations) for i in range(1, settings.validations + 1)}
        skip = start_batch if epoch == start_epoch else 0
        bar = tqdm(total=len(batches), initial=skip, desc=f"epoch {epoch + 1}/{settings.epochs}", mininterval=2, leave=False)
        for number, indices in enumerate(batches[skip:], start=skip + 1):
            step = sum(per_epoch[:epoch]) + number
            factor = min(step / warm, max(0.0, (total - step) / max(1, total - warm)))
            for group, rate in zip(optimizer.param_groups, base_rates, strict=True):
                group["lr"] = rate * factor
            with torch.autocast("cpu", torch.bfloat16, enabled=settings.precision == "bf16"):
                value = loss([items[i] for i in indices])
            value.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            number_value = float(value.detach())
            running = number_value if running != running else 0.98 * running + 0.02 * number_value
            history.steps += 1
            bar.update()
            bar.set_postfix(loss=f"{running:.3f}")
            if (stop := out_of_time()) or number in stops:
                stop = validate(epoch + number / len(batches)) or stop
            if stop:
                break
            if store is not None and time.monotonic() - saved > settings.checkpoint_minutes * 60:
                history.seconds = earlier + time.monotonic() - started
                position = {"epoch": epoch, "batch": number, "history": asdict(history)}
                store.save(model, optimizer, best, position)
                saved = time.monotonic()
        bar.close()
        if stop:
            break
    history.seconds = earlier + time.monotonic() - started
    if best:
        model.load_state_dict(best)
    model.eval()
    if store is not None:
        store.clear()
    return history


def mean_state(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of a network's states, each parameter for itself; of what is no float, the last."""
    import torch

    return {
        name: torch.stack([state[name] for state in states]).mean(0) if last.is_floating_point() else last
        for name, last in states[-1].items()
    }


def _parameter_groups(model: torch.nn.Module, settings: TrainingSettings, head_names: Sequence[str]) -> list[dict[str, Any]]:
    """Four groups: body or head, with or without weight decay (none on biases and norms)."""
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            head = name.startswith(tuple(head_names))
            groups.setdefault((head, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": settings.head_learning_rate if head else settings.learning_rate,
            "weight_decay": settings.weight_decay if decay else 0.0,
        }
        for (head, decay), parameters in groups.items()
    ]


def token_batches(lengths: Sequence[int], *, batch_tokens: int, batch_size: int = 256) -> Iterator[list[int]]:
    """Inference batches: indices sorted by length, padded size at most `batch_tokens`."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) >= batch_size or (len(batch) + 1) * lengths[index] > batch_tokens):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
