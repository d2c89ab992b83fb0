"""The typed schema of every configuration group, with validation, and the one place where Hydra is told of it.

Each YAML under `configs/` extends one of these dataclasses, so an unknown key or a wrong type fails when the configuration is
composed, and a value out of range when it is turned into objects (`typed`). Below the entry points only these objects travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, DictConfig, OmegaConf

from src.errors import ConfigError, unknown_value

ROOT = Path(__file__).resolve().parent.parent
CONFIG_PATH = str(ROOT / "configs")

#: The only places a `_target_` may name.
ALLOWED_TARGETS = ("src.models.", "src.loggers.")

SETS = ("dse", "plv", "seesaw", "newsmtsc", "babe", "nli", "pairs", "positions", "allegations")
#: `endtoend` holds raw sentences and their positions; only `src.evaluate` scores on it.
SCORED = (*SETS, "endtoend")


def one_of(what: str, value: str, allowed: Sequence[str]) -> None:
    """Raise a `ConfigError` that names the allowed values."""
    if value not in allowed:
        raise ConfigError(unknown_value(what, value, allowed))


def at_least(what: str, value: float, low: float, high: float = float("inf")) -> None:
    """Raise a `ConfigError` that names the range."""
    if not low <= value <= high:
        upper = "" if high == float("inf") else f" and at most {high:g}"
        raise ConfigError(f"{what}={value:g} is out of range: it must be at least {low:g}{upper}")


@dataclass
class SetConfig:
    """One labelled set: which reader, which file or folder, which part of it.

    `split` picks a part of a set that holds several (seesaw, positions); `limit` takes the first so many examples (0: all);
    `context` prepends the sentence before, `neutrals` adds unlisted pairs as neutral (both: seesaw only); `texts` is the folder of the
    public sets whose sentences a file of labels without text means (allegations only).
    """

    name: str = MISSING
    path: str = MISSING
    split: str | None = None
    limit: int = 0
    context: bool = False
    neutrals: bool = False
    texts: str | None = None

    def __post_init__(self) -> None:
        one_of("data set", self.name, SETS)
        at_least("limit", self.limit, 0)


@dataclass
class DataConfig:
    """What is learnt from, tuned on, and scored on.

    `path` (with `split`, where the set holds several) is one file to score in place of `test`. Where `valid` is empty, a share
    `holdout` of `train`,
    parted by article, is tuned on. With `folds` > 1 there is no `test`: every fold of `train` is scored by a model that learnt from the
    others; with `leave_out` (actor or target) every one with at least `leave_out_least` pairs is scored by a model that saw no
    sentence that names it. Training texts that copy a test text, exactly or nearly, are dropped, refused, or kept (`on_leakage`) - and
    counted in any case. `sample` > 0 learns from so many training examples only (learning curves).
    Of the sets in `transfer` the bare sentences are taken: the actors are found in them, and `model.teacher` labels their pairs.
    """

    name: str = MISSING
    train: list[SetConfig] = field(default_factory=list)
    valid: list[SetConfig] = field(default_factory=list)
    test: list[SetConfig] = field(default_factory=list)
    path: str | None = None
    split: str | None = None
    holdout: float = 0.1
    folds: int = 0
    leave_out: str = ""
    leave_out_least: int = 20
    sample: int = 0
    transfer: list[SetConfig] = field(default_factory=list)
    on_leakage: str = "drop"
    near_duplicate_threshold: float = 0.8

    def __post_init__(self) -> None:
        at_least("data.folds", self.folds, 0, 50)
        one_of("data.leave_out", self.leave_out, ("", "actor", "target"))
        at_least("data.leave_out_least", self.leave_out_least, 1)
        if self.leave_out and self.folds:
            raise ConfigError("data.folds and data.leave_out exclude each other; give one of them")
        at_least("data.holdout", self.holdout, 0, 0.9)
        at_least("data.sample", self.sample, 0)
        one_of("data.on_leakage", self.on_leakage, ("drop", "refuse", "keep"))
        at_least("data.near_duplicate_threshold", self.near_duplicate_threshold, 0.3, 1)


@dataclass
class CorpusConfig:
    """How articles are read: languages kept, copies dropped, furniture cleaned away."""

    languages: list[str] = field(default_factory=lambda: ["en"])
    near_duplicate_threshold: float = 0.8
    clean: bool = True
    titles: bool = True

    def __post_init__(self) -> None:
        at_least("corpus.near_duplicate_threshold", self.near_duplicate_threshold, 0.3, 1)


@dataclass
class ActorsConfig:
    """How actors are found: `aliases` adds names, `dictionaries` are CAMEO/Phoenix actor files, `ner` finds unlisted names."""

    aliases: str | None = None
    dictionaries: list[str] = field(default_factory=list)
    ner: bool = True
    max_mentions: int = 12

    def __post_init__(self) -> None:
        at_least("actors.max_mentions", self.max_mentions, 2, 64)


TASKS = ("stance", "alleges_bias", "media_bias", "nli")
METRICS = ("macro_f1", "micro_f1", "f_avg", "alleges_bias_f1", "accuracy")


@dataclass
class TaskConfig:
    """What is asked, and which figure a sweep optimises.

    `threshold` is the least probability of a position that is written, `bias_threshold` that of an allegation (null: those that the model
    was saved with, else 0.5).
    """

    name: str = "stance"
    metric: str = "macro_f1"
    threshold: float | None = None
    bias_threshold: float | None = None
    keep_neutral: bool = False

    def __post_init__(self) -> None:
        one_of("task", self.name, TASKS)
        one_of("task.metric", self.metric, METRICS)
        for name in ("threshold", "bias_threshold"):
            if (value := getattr(self, name)) is not None:
                at_least(f"task.{name}", value, 0, 1)

    def thresholds(self, model: Any) -> tuple[float, float]:
        """For a position and for an allegation: what is set here, else what the model was saved with, else 0.5."""
        own = getattr(model, "threshold", 0.5), getattr(model, "bias_threshold", 0.5)
        return (
            own[0] if self.threshold is None else self.threshold,
            own[1] if self.bias_threshold is None else self.bias_threshold,
        )


@dataclass
class SettingsConfig:
    """Hyperparameters of fine-tuning; see `src.models.training.TrainingSettings`."""

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

    def __post_init__(self) -> None:
        at_least("model.settings.epochs", self.epochs, 0, 1000)
        at_least("model.settings.learning_rate", self.learning_rate, 0, 1)
        at_least("model.settings.head_learning_rate", self.head_learning_rate, 0, 1)
        at_least("model.settings.batch_size", self.batch_size, 1, 4096)
        at_least("model.settings.batch_tokens", self.batch_tokens, 32)
        at_least("model.settings.warmup", self.warmup, 0, 1)
        at_least("model.settings.average", self.average, 1, 20)
        at_least("model.settings.validations", self.validations, 1, 100)
        one_of("model.settings.precision", self.precision, ("fp32", "bf16"))


@dataclass
class ModelConfig:
    """What every model has: the class that makes it."""

    _target_: str = MISSING
    name: str = MISSING


@dataclass
class MajorityConfig(ModelConfig):
    """The class frequencies of the training data."""

    _target_: str = "src.models.baselines.MajorityModel"
    name: str = "majority"


@dataclass
class TfidfConfig(ModelConfig):
    """N-grams and logistic regression."""

    _target_: str = "src.models.baselines.TfidfModel"
    name: str = "tfidf"
    view: str = "marked"
    ngrams: int = 2
    min_count: int = 2
    strength: float = 3.0

    def __post_init__(self) -> None:
        one_of("model.view", self.view, ("marked", "masked", "names"))
        at_least("model.ngrams", self.ngrams, 1, 5)
        at_least("model.min_count", self.min_count, 1)
        at_least("model.strength", self.strength, 1e-6)


@dataclass
class NliConfig(ModelConfig):
    """A zero-shot NLI model, or one trained here (`train_encoder`)."""

    _target_: str = "src.models.nli.NliModel"
    name: str = "nli"
    checkpoint: str = MISSING
    templates: dict[str, list[str]] = field(default_factory=dict)
    neutral_weight: float = 1.0
    train_encoder: bool = False
    max_length: int = 160
    settings: SettingsConfig = field(default_factory=SettingsConfig)

    def __post_init__(self) -> None:
        at_least("model.neutral_weight", self.neutral_weight, 0, 1)
        at_least("model.max_length", self.max_length, 16, 512)
        for label in self.templates:
            one_of("template label", label, ("favor", "against", "neutral", "alleges_bias", "media_bias"))


@dataclass
class PairConfig(ModelConfig):
    """The marked-pair cross-encoder."""

    _target_: str = "src.models.pair.PairModel"
    name: str = "pair"
    encoder: str = "minilm"
    max_length: int = 160
    dropout: float = 0.1
    swap: float = 0.3
    balance: float = 0.5
    settings: SettingsConfig = field(default_factory=SettingsConfig)

    def __post_init__(self) -> None:
        at_least("model.max_length", self.max_length, 16, 512)
        at_least("model.dropout", self.dropout, 0, 0.9)
        at_least("model.swap", self.swap, 0, 1)
        at_least("model.balance", self.balance, 0, 1)


@dataclass
class OnePassConfig(ModelConfig):
    """The one-pass model, fitted here."""

    _target_: str = "src.models.onepass.OnePassModel"
    name: str = "onepass"
    encoder: str = "minilm"
    max_length: int = 160
    dropout: float = 0.1
    label_smoothing: float = 0.05
    balance: float = 0.4
    mask_names: float = 0.15
    swap_names: float = 0.0
    joins: float = 0.0
    task_weights: dict[str, float] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    teacher: str = ""
    adapter_rank: int = 0
    threshold: float = 0.5
    bias_threshold: float = 0.5
    settings: SettingsConfig = field(default_factory=SettingsConfig)

    def __post_init__(self) -> None:
        at_least("model.max_length", self.max_length, 16, 512)
        at_least("model.adapter_rank", self.adapter_rank, 0, 512)
        for name in ("dropout", "label_smoothing", "balance", "mask_names", "swap_names", "threshold", "bias_threshold"):
            at_least(f"model.{name}", getattr(self, name), 0, 1)
        at_least("model.joins", self.joins, 0, 10)
        parts = ("positions", "dse", "seesaw", "plv", "newsmtsc", "bias", "attribution", "evidence", "media")
        for part in self.task_weights:
            one_of("task weight", part, parts)
        for scheme, count in self.repeats.items():
            one_of("scheme", scheme, parts[:5])
            at_least(f"model.repeats.{scheme}", count, 1, 100)


@dataclass
class ReleasedConfig(ModelConfig):
    """A fitted model from a folder; it learns nothing."""

    _target_: str = "src.models.saved.load_model"
    name: str = "released"
    path: str = MISSING


@dataclass
class EngineConfig:
    """How the work is done: processor threads (0: all), articles in flight, and how a one-pass model is run.

    `runtime` torch, onnx or openvino with `precision` fp32, bf16 or int8 (auto: the runtime's exact one); `runtime=auto` takes the fastest
    of all. One whose labels differ from those of torch in single precision on more than a share `tolerance` of the pairs in the file
    `probe` is refused. `cache` names a folder where results are kept for the next time (`auto`: the user's cache folder).
    """

    threads: int = 0
    batch_articles: int = 32
    deterministic: bool = True
    runtime: str = "torch"
    precision: str = "auto"
    probe: str = str(ROOT / "data" / "pairs" / "validation.jsonl")
    tolerance: float = 0.01
    cache: str | None = None

    def __post_init__(self) -> None:
        one_of("engine.runtime", self.runtime, ("torch", "onnx", "openvino", "auto"))
        one_of("engine.precision", self.precision, ("fp32", "bf16", "int8", "auto"))
        at_least("engine.tolerance", self.tolerance, 0, 1)
        at_least("engine.threads", self.threads, 0, 1024)
        at_least("engine.batch_articles", self.batch_articles, 1, 4096)


@dataclass
class LoggerConfig:
    """Where runs are logged besides the run folder."""

    mlflow: bool = False
    mlflow_uri: str = "sqlite:///experiments/mlflow.db"
    tensorboard: bool = False


@dataclass
class PathsConfig:
    """Folders. `public` is where the public data sets lie (environment variable STANCE_DATA_DIR)."""

    root: str = str(ROOT)
    public: str = MISSING
    runs: str = MISSING


@dataclass
class DebugConfig:
    """Cuts for a quick look: at most so many examples a set, articles, and epochs (0: no cut)."""

    examples: int = 0
    articles: int = 0
    epochs: int = 0

    def __post_init__(self) -> None:
        for name in ("examples", "articles", "epochs"):
            at_least(f"debug.{name}", getattr(self, name), 0)


@dataclass
class TrainConfig:
    """The whole configuration of `src.train`."""

    experiment_name: str = "default"
    seed: int = 1
    seeds: list[int] = field(default_factory=list)
    articles: str | None = None
    baselines: list[str] = field(default_factory=lambda: ["majority", "tfidf"])
    resamples: int = 1000
    resume: str | None = None
    skip_done: bool = True
    release: str | None = None
    data: DataConfig = field(default_factory=DataConfig)
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    actors: ActorsConfig = field(default_factory=ActorsConfig)
    task: TaskConfig = field(default_factory=TaskConfig)
    model: Any = MISSING
    engine: EngineConfig = field(default_factory=EngineConfig)
    logger: LoggerConfig = field(default_factory=LoggerConfig)
    paths: PathsConfig = field(default_factory=PathsConfig)
    debug: DebugConfig = field(default_factory=DebugConfig)

    def __post_init__(self) -> None:
        at_least("resamples", self.resamples, 100, 100_000)
        at_least("seed", self.seed, 0, 2**32 - 1)
        for name in self.baselines:
            one_of("baseline", name, ("majority", "tfidf"))


@dataclass
class LabelConfig:
    """The whole configuration of `src.label`."""

    input: str = MISSING
    output: str = MISSING
    resume: bool = True
    progress: bool = True
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    actors: ActorsConfig = field(default_factory=ActorsConfig)
    task: TaskConfig = field(default_factory=TaskConfig)
    model: Any = MISSING
    engine: EngineConfig = field(default_factory=EngineConfig)
    paths: PathsConfig = field(default_factory=PathsConfig)
    keep_neutral: bool = False


@dataclass
class EvaluateConfig:
    """The whole configuration of `src.evaluate`."""

    data: DataConfig = field(default_factory=DataConfig)
    output: str | None = None
    seed: int = 1
    resamples: int = 1000
    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    actors: ActorsConfig = field(default_factory=ActorsConfig)
    task: TaskConfig = field(default_factory=TaskConfig)
    model: Any = MISSING
    engine: EngineConfig = field(default_factory=EngineConfig)
    paths: PathsConfig = field(default_factory=PathsConfig)

    def __post_init__(self) -> None:
        one_of("data", self.data.name, SCORED)
        at_least("resamples", self.resamples, 100, 100_000)


@dataclass
class CompareConfig:
    """The whole configuration of `src.compare`: run folders as a list, or one glob; `action=index` lists all runs of a folder."""

    runs: Any = str(ROOT / "experiments" / "runs")
    action: str = "compare"
    output: str | None = None
    metric: str = "macro_f1"
    seed: int = 1
    resamples: int = 2000

    def __post_init__(self) -> None:
        one_of("metric", self.metric, METRICS)
        one_of("action", self.action, ("compare", "index"))
        at_least("resamples", self.resamples, 100, 100_000)


@dataclass
class BenchmarkConfig:
    """The whole configuration of `src.benchmark`."""

    path: str = str(ROOT / "data" / "pairs" / "train.jsonl")
    articles: str = str(ROOT / "seeds")
    released: str = str(ROOT / "experiments" / "released" / "large")
    small: str = str(ROOT / "experiments" / "released" / "small")
    nli: str = str(ROOT / "experiments" / "released" / "nli")
    probe: str = str(ROOT / "data" / "pairs" / "validation.jsonl")
    output: str = str(ROOT / "experiments" / "benchmarks")
    sentences: int = 64
    pairs: int = 4
    rounds: int = 3
    threads: int = 0

    def __post_init__(self) -> None:
        at_least("sentences", self.sentences, 1, 10_000)
        at_least("pairs", self.pairs, 1, 132)
        at_least("rounds", self.rounds, 1, 100)
        at_least("threads", self.threads, 0, 1024)


ACTIONS = ("validate", "stats", "split", "export", "import", "agreement")


@dataclass
class DatasetConfig:
    """The whole configuration of `src.dataset`; see its help for the actions."""

    action: str = MISSING
    path: str = str(ROOT / "data")
    output: str | None = None
    annotators: list[str] = field(default_factory=lambda: ["author", "second"])
    beside: str | None = None
    version: str | None = None
    thaw: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        one_of("action", self.action, ACTIONS)


_MODELS: dict[str, type[ModelConfig]] = {
    "majority": MajorityConfig,
    "tfidf": TfidfConfig,
    "nli": NliConfig,
    "pair": PairConfig,
    "onepass": OnePassConfig,
    "released": ReleasedConfig,
}


def register() -> None:
    """Tell Hydra of every schema; the YAML files extend them by name (`schema/<name>`)."""
    store = ConfigStore.instance()
    for name, schema in (
        ("train", TrainConfig),
        ("label", LabelConfig),
        ("evaluate", EvaluateConfig),
        ("compare", CompareConfig),
        ("dataset", DatasetConfig),
        ("benchmark", BenchmarkConfig),
    ):
        store.store(name=f"{name}_schema", node=schema)
    for group, node in (
        ("data", DataConfig),
        ("corpus", CorpusConfig),
        ("actors", ActorsConfig),
        ("task", TaskConfig),
        ("engine", EngineConfig),
        ("logger", LoggerConfig),
        ("paths", PathsConfig),
        ("debug", DebugConfig),
    ):
        store.store(group=group, name="schema", node=node)
    for name, model in _MODELS.items():
        store.store(group="model", name=f"{name}_schema", node=model)


def typed(config: DictConfig) -> Any:
    """The configuration as validated objects of its schema.

    Raises:
        ConfigError: a value is out of range, or one that is needed is missing.
    """
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        raise ConfigError(f"{missing[0]} must be given: {missing[0]}=VALUE")
    return OmegaConf.to_object(config)


def build(config: Any) -> Any:
    """The object that a config with a `_target_` describes.

    Raises:
        ConfigError: the target is not on the allow-list.
    """
    values = {f.name: getattr(config, f.name) for f in fields(config) if f.name not in ("_target_", "name")}
    target = config._target_
    if not target.startswith(ALLOWED_TARGETS):
        allowed = ", ".join(f"{prefix}*" for prefix in ALLOWED_TARGETS)
        raise ConfigError(f"_target_ {target!r} is not allowed; it must be one of {allowed}")
    module, _, name = target.rpartition(".")
    try:
        maker = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"_target_ {target!r} does not exist: {error}") from error
    if isinstance(values.get("settings"), SettingsConfig):
        from src.models.training import TrainingSettings

        settings = values["settings"]
        values["settings"] = TrainingSettings(**{f.name: getattr(settings, f.name) for f in fields(settings)})
    return maker(**values)
