"""Every runtime gives the labels of the exact one, or is refused; and results that are kept are those that were computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from src.config import ROOT, EngineConfig
from src.errors import ConfigError, ModelError
from src.inference import use_runtime
from src.inference.cache import CachedModel, ResultCache
from src.inference.choice import read_probe
from src.inference.runtimes import PRECISIONS
from src.models.onepass import OnePassModel
from src.records import Pair, Span

TEXT = "Chad accused Togo of bias and thanked Benin for its patience."
CHAD, TOGO, BENIN = Span(0, 4), Span(13, 17), Span(38, 43)


@pytest.fixture
def model() -> OnePassModel:
    return OnePassModel.load(ROOT / "experiments" / "released" / "small")


@pytest.fixture
def probe(tmp_path: Path) -> Path:
    lines = (ROOT / "data" / "pairs" / "validation.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    path = tmp_path / "probe.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STANCELAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_exported_runtimes_answer_as_torch_does(model: OnePassModel, probe: Path, runtime: str) -> None:
    pairs = read_probe(probe)
    exact = model.predict(pairs)
    assert use_runtime(model, EngineConfig(runtime=runtime, precision="fp32", probe=str(probe))) == f"{runtime} fp32"
    found = model.predict(pairs)
    np.testing.assert_allclose(found.stance, exact.stance, atol=1e-3)
    np.testing.assert_allclose(found.alleges_bias, exact.alleges_bias, atol=1e-3)
    assert found.evidence == exact.evidence
    np.testing.assert_allclose(model.media_bias([TEXT, "It rained."]), exact_slants(model), atol=1e-3)


def exact_slants(model: OnePassModel) -> np.ndarray:
    model.run_by(None)
    return model.media_bias([TEXT, "It rained."])


def test_the_gate_refuses_a_runtime_whose_labels_differ(model: OnePassModel, probe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.inference import choice

    rough = choice.build

    def reversed_stances(*args: object, **kwargs: object) -> object:
        run = rough(*args, **kwargs)  # type: ignore[arg-type]
        return lambda inputs: {k: v[..., ::-1].copy() if k == "stance" else v for k, v in run(inputs).items()}

    monkeypatch.setattr(choice, "build", reversed_stances)
    with pytest.raises(ModelError, match=r"labels differ .* on too many of 60 probe pairs \(onnx fp32 \d"):
        use_runtime(model, EngineConfig(runtime="onnx", precision="fp32", probe=str(probe)))


def test_auto_takes_the_fastest_that_passes_and_remembers_it(
    model: OnePassModel, probe: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = EngineConfig(runtime="auto", probe=str(probe))
    chosen = use_runtime(model, config)
    (file,) = own_cache.glob("runtimes/*/verdicts.json")
    verdicts = json.loads(file.read_text(encoding="utf-8"))["verdicts"]
    assert {(v["runtime"], v["precision"]) for v in verdicts} == {(r, p) for r, kinds in PRECISIONS.items() for p in kinds}
    best = max((v for v in verdicts if v["differing"] <= config.tolerance), key=lambda v: v["speed"])
    assert chosen == f"{best['runtime']} {best['precision']}"
    monkeypatch.setattr("src.inference.choice.judge", lambda *a, **k: pytest.fail("judged again"))
    assert use_runtime(model, config) == chosen


def test_impossible_settings_say_what_there_is(model: OnePassModel, probe: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="openvino: fp32, bf16"):
        use_runtime(model, EngineConfig(runtime="openvino", precision="int8", probe=str(probe)))
    with pytest.raises(ModelError, match="needs a one-pass model"):
        use_runtime(object(), EngineConfig(runtime="onnx"))
    with pytest.raises(ModelError, match=r"nowhere\.jsonl"):
        use_runtime(model, EngineConfig(runtime="onnx", probe=str(tmp_path / "nowhere.jsonl")))
    with pytest.raises(ConfigError, match=r"engine\.runtime 'tensorrt'|tensorrt"):
        EngineConfig(runtime="tensorrt")


class Counting:
    """The model, with a count of the pairs that it was asked about."""

    def __init__(self, model: OnePassModel) -> None:
        self.model, self.asked = model, 0

    def predict(self, pairs: list[Pair], *, scheme: str = "positions") -> object:
        self.asked += len(pairs)
        return self.model.predict(pairs, scheme=scheme)

    def media_bias(self, sentences: list[str]) -> np.ndarray:
        return self.model.media_bias(sentences)


def test_a_new_target_costs_only_its_own_pairs(model: OnePassModel, tmp_path: Path) -> None:
    counting = Counting(model)
    first = [Pair(TEXT, CHAD, TOGO), Pair(TEXT, TOGO, CHAD), Pair(TEXT, CHAD, TOGO)]
    kept = CachedModel(counting, ResultCache(tmp_path), "key").predict(first)
    assert counting.asked == 2
    again = CachedModel(counting, ResultCache(tmp_path), "key").predict([*first, Pair(TEXT, CHAD, BENIN)])
    assert counting.asked == 3
    exact = model.predict([*first, Pair(TEXT, CHAD, BENIN)])
    np.testing.assert_allclose(again.stance, exact.stance, atol=1e-5)
    assert again.evidence == exact.evidence
    np.testing.assert_array_equal(kept.stance, again.stance[:3])
    CachedModel(counting, ResultCache(tmp_path), "another key").predict(first[:1])
    assert counting.asked == 4
    CachedModel(counting, ResultCache(tmp_path), "key").predict(first[:1], scheme="dse")
    assert counting.asked == 5


def test_a_cache_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_text("this is no database " * 100, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"engine\.cache=.* cannot be used"):
        ResultCache(tmp_path)
