"""Every model behind its one interface: probabilities, learning, batches that change nothing, files that read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from src.errors import ModelError
from src.models.base import TrainingData
from src.models.baselines import MajorityModel, TfidfModel
from src.models.encoders import encode, resolve_checkpoint
from src.models.nli import NliModel, label_columns
from src.models.onepass import OnePassModel
from src.models.pair import PairModel, exchange, mark
from src.models.saved import load_model
from src.models.training import TrainingSettings, length_buckets, token_batches
from src.records import STANCES, LabelledSentence, NliExample, Pair, Span
from tests.conftest import examples, pair

SETTINGS = TrainingSettings(epochs=25, learning_rate=3e-3, head_learning_rate=3e-3, batch_size=16, precision="fp32")


def make(kind: str, encoder: Path) -> Any:
    if kind == "majority":
        return MajorityModel()
    if kind == "tfidf":
        return TfidfModel(min_count=1)
    if kind == "pair":
        return PairModel(encoder=str(encoder), dropout=0.0, settings=SETTINGS)
    return OnePassModel(encoder=str(encoder), dropout=0.0, mask_names=0.0, settings=SETTINGS)


@pytest.fixture(scope="module")
def fitted(tiny_encoder: Path) -> dict[str, Any]:
    rows = examples()
    slanted = [LabelledSentence(f"s{i}", f"{w} was biased.", w == "Chad") for i, w in enumerate(["Chad", "Togo"] * 4)]
    out = {}
    for kind in ("majority", "tfidf", "pair", "onepass"):
        model = make(kind, tiny_encoder)
        model.fit(TrainingData(rows, slanted), TrainingData(rows[::4]), seed=1)
        out[kind] = model
    return out


@pytest.mark.parametrize("kind", ["majority", "tfidf", "pair", "onepass"])
def test_scores_are_probabilities_in_the_declared_order(fitted: dict[str, Any], kind: str) -> None:
    pairs = [e.pair for e in examples()]
    scores = fitted[kind].predict(pairs)
    assert scores.stance.shape == (len(pairs), len(STANCES))
    assert np.allclose(scores.stance.sum(1), 1, atol=1e-5)
    assert ((scores.alleges_bias >= 0) & (scores.alleges_bias <= 1)).all()


@pytest.mark.parametrize("kind", ["tfidf", "pair", "onepass"])
def test_learns_what_the_verb_says(fitted: dict[str, Any], kind: str) -> None:
    rows = examples()
    guess = fitted[kind].predict([e.pair for e in rows]).stance.argmax(1)
    assert np.mean([STANCES[g] == e.stance for g, e in zip(guess, rows, strict=True)]) > 0.9


@pytest.mark.parametrize("kind", ["majority", "tfidf", "pair", "onepass"])
def test_predictions_do_not_depend_on_the_batch(fitted: dict[str, Any], kind: str) -> None:
    text = "Chad condemned Togo, and Oslo thanked Lima for the aid."
    many = [pair(text, a, b) for a in ("Chad", "Togo", "Oslo", "Lima") for b in ("Chad", "Togo", "Oslo", "Lima") if a != b]
    many += [e.pair for e in examples()]
    together = fitted[kind].predict(many)
    alone = np.concatenate([fitted[kind].predict([one]).stance for one in many])
    assert np.abs(together.stance - alone).max() < 1e-5
    assert (together.stance.argmax(1) == alone.argmax(1)).all()


@pytest.mark.parametrize("kind", ["majority", "tfidf", "pair", "onepass"])
def test_a_saved_model_reads_back_and_answers_the_same(fitted: dict[str, Any], kind: str, tmp_path: Path) -> None:
    fitted[kind].save(tmp_path / kind)
    again = load_model(path=str(tmp_path / kind))
    pairs = [e.pair for e in examples()]
    assert np.abs(fitted[kind].predict(pairs).stance - again.predict(pairs).stance).max() < 0.02  # half precision
    assert not again.learns
    assert not list((tmp_path / kind).glob("*.p*kl")) + list((tmp_path / kind).glob("*.bin"))


def test_the_same_seed_gives_the_same_model(tiny_encoder: Path) -> None:
    first, second = (make("onepass", tiny_encoder) for _ in range(2))
    for model in (first, second):
        model.settings = TrainingSettings(epochs=2, precision="fp32")
        model.fit(TrainingData(examples()), TrainingData(), seed=7)
    pairs = [e.pair for e in examples()]
    assert (first.predict(pairs).stance == second.predict(pairs).stance).all()


def test_training_that_was_cut_off_resumes_to_the_same_model(tiny_encoder: Path, tmp_path: Path) -> None:
    rows = TrainingData(examples())
    settings = TrainingSettings(epochs=3, precision="fp32", checkpoint_minutes=0.0, batch_size=8)
    whole = OnePassModel(encoder=str(tiny_encoder), dropout=0.0, mask_names=0.0, settings=settings)
    whole.fit(rows, TrainingData(), seed=3)

    class CutOff(Exception):
        pass

    cut = OnePassModel(encoder=str(tiny_encoder), dropout=0.0, mask_names=0.0, settings=settings)
    inner, calls = cut._loss, 0

    def loss(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 12:
            raise CutOff
        return inner(*args)

    cut._loss = loss  # type: ignore[method-assign]
    with pytest.raises(CutOff):
        cut.fit(rows, TrainingData(), seed=3, checkpoint=tmp_path)
    resumed = OnePassModel(encoder=str(tiny_encoder), dropout=0.0, mask_names=0.0, settings=settings)
    history = resumed.fit(rows, TrainingData(), seed=3, checkpoint=tmp_path)
    pairs = [e.pair for e in examples()]
    assert history.resumed
    assert np.abs(whole.predict(pairs).stance - resumed.predict(pairs).stance).max() < 0.05
    assert not (tmp_path / "state.safetensors").exists()


def test_unlabelled_pairs_teach_through_a_teacher(fitted: dict[str, Any], tiny_encoder: Path, tmp_path: Path) -> None:
    fitted["onepass"].save(tmp_path)
    rows = [replace(e, stance=None, alleges_bias=None, attribution=None, evidence=()) for e in examples()]
    student = OnePassModel(encoder=str(tiny_encoder), dropout=0.0, mask_names=0.0, teacher=str(tmp_path), settings=SETTINGS)
    student.fit(TrainingData(rows), TrainingData(), seed=1)
    pairs = [e.pair for e in rows]
    taught, said = fitted["onepass"].predict(pairs), student.predict(pairs)
    assert (taught.stance.argmax(1) == said.stance.argmax(1)).mean() > 0.9
    assert np.abs(taught.alleges_bias - said.alleges_bias).mean() < 0.15


def test_markers_stand_where_their_mentions_do_under_relative_positions() -> None:
    import torch
    from transformers import MPNetConfig, MPNetModel

    torch.manual_seed(0)
    config = MPNetConfig(vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    encoder = MPNetModel(config, add_pooling_layer=False).eval()
    ids = torch.randint(5, 30, (1, 7))
    words = encoder.get_input_embeddings()(ids)
    seen = torch.ones(1, 7, 7, dtype=torch.bool)
    with torch.no_grad():
        usual = encoder(ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        ours = encode(encoder, words, torch.arange(7).unsqueeze(0), seen)
        order = torch.tensor([3, 0, 6, 1, 5, 2, 4])
        shuffled = encode(encoder, words[:, order], order.unsqueeze(0), seen)
    assert torch.allclose(usual, ours, atol=1e-5)
    assert torch.allclose(ours[:, order], shuffled, atol=1e-5)


def test_long_and_hostile_texts_are_answered(fitted: dict[str, Any]) -> None:
    long = "Chad condemned " + "the court of " * 800 + "Togo."
    token = "x" * 10_000
    odd = [pair(long, "Chad", "Togo"), Pair(token, Span(0, 10), Span(50, 60)), Pair("Togo met.", None, Span(0, 4))]
    for model in fitted.values():
        assert np.isfinite(model.predict(odd).stance).all()


def test_an_empty_request_gives_empty_answers(fitted: dict[str, Any]) -> None:
    for model in fitted.values():
        assert model.predict([]).stance.shape == (0, 3)


def test_one_pass_gives_evidence_inside_the_sentence(fitted: dict[str, Any]) -> None:
    one = pair("Chad condemned Togo.", "Chad", "Togo")
    evidence = fitted["onepass"].predict([one]).evidence
    assert evidence is not None
    assert all(0 <= span.start < span.end <= len(one.text) for span in evidence[0])


def test_media_bias_is_learnt_by_the_one_pass_model(fitted: dict[str, Any]) -> None:
    slanted, plain = fitted["onepass"].media_bias(["Chad was biased.", "Togo was biased."])
    assert slanted > plain


def test_an_unknown_scheme_is_refused(fitted: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="dse"):
        fitted["onepass"].predict([pair("Chad met Togo.", "Chad", "Togo")], scheme="dsee")


def test_nothing_to_learn_from_is_told(tiny_encoder: Path) -> None:
    for kind in ("tfidf", "pair", "onepass"):
        with pytest.raises(ModelError):
            make(kind, tiny_encoder).fit(TrainingData(), TrainingData(), seed=1)


# -- marked pairs -------------------------------------------------------------------------------------------------------


def test_marks_stand_around_the_mentions_in_either_order() -> None:
    text, actor, target = mark(pair("Togo was condemned by Chad.", "Chad", "Togo"))
    assert text == "[ Togo ] was condemned by < Chad >."
    assert (text[actor], text[target]) == ("<", "[")


def test_exchanging_names_keeps_the_roles_in_place() -> None:
    turned = exchange(pair("Togo was condemned by Chad.", "Chad", "Togo"))
    assert turned.text == "Chad was condemned by Togo."
    assert (turned.mention("actor"), turned.mention("target")) == ("Togo", "Chad")


# -- NLI ----------------------------------------------------------------------------------------------------------------


def test_the_entailment_column_is_read_from_the_checkpoint(tiny_nli: Any) -> None:
    usual = NliModel(checkpoint=str(tiny_nli(["contradiction", "neutral", "entailment"])))
    turned = NliModel(checkpoint=str(tiny_nli(["entailment", "neutral", "contradiction"])))
    text = [("Chad thanked Togo.", "Chad supports Togo.")]
    # the same weights under turned names: what was the last column is now the first
    assert usual.entailment(text)[0, 0] == pytest.approx(turned.entailment(text)[0, 2], abs=1e-6)


def test_a_checkpoint_without_entailment_is_refused(tiny_nli: Any) -> None:
    model = NliModel(checkpoint=str(tiny_nli(["LABEL_0", "LABEL_1", "LABEL_2"])))
    with pytest.raises(ModelError, match="entailment"):
        model.predict([pair("Chad met Togo.", "Chad", "Togo")])


def test_two_class_checkpoints_are_read() -> None:
    assert label_columns({"entailment": 1, "not_entailment": 0}, "x") == {"entailment": 1, "neutral": 0, "contradiction": 0}


def test_templates_are_averaged_and_an_empty_list_is_refused(tiny_nli: Any) -> None:
    place = str(tiny_nli(["entailment", "neutral", "contradiction"]))
    one = pair("Chad thanked Togo.", "Chad", "Togo")
    both = NliModel(checkpoint=place, templates={"favor": ("{actor} supports {target}.", "{actor} helps {target}.")})
    single = [NliModel(checkpoint=place, templates={"favor": (t,)})._score([one], "favor")[0] for t in both.templates["favor"]]
    assert both._score([one], "favor")[0] == pytest.approx(np.mean(single), abs=1e-6)
    with pytest.raises(ModelError, match="favor"):
        NliModel(checkpoint=place, templates={"favor": ()})


def test_an_nli_classifier_is_trained_here_and_kept(tiny_encoder: Path, tmp_path: Path) -> None:
    rows = [NliExample(f"{v}{i}", f"Chad {v} Togo.", "Chad supports Togo.", label) for i in range(8)
            for v, label in (("thanked", "entailment"), ("condemned", "contradiction"), ("met", "neutral"))]  # fmt: skip
    settings = TrainingSettings(epochs=60, learning_rate=3e-3, head_learning_rate=1e-2, batch_size=8, precision="fp32")
    model = NliModel(checkpoint=str(tiny_encoder), train_encoder=True, settings=settings)
    model.fit(TrainingData(nli=rows), TrainingData(nli=rows), seed=1)
    assert model.accuracy(rows) > 0.9
    model.save(tmp_path)
    assert NliModel(checkpoint=str(tmp_path)).accuracy(rows) > 0.9


def test_a_missing_checkpoint_is_named() -> None:
    with pytest.raises(ModelError, match="nowhere"):
        resolve_checkpoint("./nowhere")
    with pytest.raises(ModelError, match=r"stancelab\.json"):
        load_model(path="nowhere")


# -- batches ------------------------------------------------------------------------------------------------------------


def test_batches_hold_every_item_once_and_keep_to_the_budget() -> None:
    import random

    lengths = [random.Random(i).randint(3, 90) for i in range(500)]
    for batches in (
        length_buckets(lengths, batch_size=16, batch_tokens=400, rng=random.Random(1)),
        list(token_batches(lengths, batch_tokens=400, batch_size=16)),
    ):
        assert sorted(i for batch in batches for i in batch) == list(range(500))
        assert all(len(b) <= 16 and (len(b) == 1 or len(b) * max(lengths[i] for i in b) <= 400) for b in batches)


# -- the large encoder and its adapter ----------------------------------------------------------------------------------


def test_an_adapter_holds_only_what_was_learned_and_answers_the_same(tiny_encoder: Path, tmp_path: Path) -> None:
    from src.models.onepass import OnePassModel

    settings = TrainingSettings(epochs=2, learning_rate=1e-3, head_learning_rate=5e-3, precision="fp32")
    data = TrainingData(examples(), [])
    model = OnePassModel(encoder=str(tiny_encoder), adapter_rank=4, settings=settings)
    model.fit(data, TrainingData([], []), seed=1)
    whole = OnePassModel(encoder=str(tiny_encoder), settings=settings)
    whole.fit(data, TrainingData([], []), seed=1)
    model.save(tmp_path / "adapter")
    whole.save(tmp_path / "whole")
    size = {name: (tmp_path / name / "model.safetensors").stat().st_size for name in ("adapter", "whole")}
    assert size["adapter"] < size["whole"]
    pairs = [e.pair for e in examples()]
    before, after = model.predict(pairs), OnePassModel.load(tmp_path / "adapter").predict(pairs)
    assert np.abs(before.stance - after.stance).max() < 0.01


def test_an_adapter_goes_on_learning_over_the_same_encoder(tiny_encoder: Path, tmp_path: Path) -> None:
    from src.models.onepass import OnePassModel

    settings = TrainingSettings(epochs=1, precision="fp32")
    first = OnePassModel(encoder=str(tiny_encoder), adapter_rank=4, settings=settings)
    first.fit(TrainingData(examples(), []), TrainingData([], []), seed=1)
    first.save(tmp_path / "first")
    second = OnePassModel(encoder=str(tmp_path / "first"), adapter_rank=4, settings=settings)
    second.fit(TrainingData(examples(), []), TrainingData([], []), seed=1)
    second.save(tmp_path / "second")
    assert OnePassModel.load(tmp_path / "second").base == str(tiny_encoder)


def test_going_on_from_a_model_trains_with_the_dropout_that_is_set(tiny_encoder: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=1)
    data = TrainingData(examples(), [])
    first = OnePassModel(encoder=str(tiny_encoder), settings=settings)
    first.fit(data, TrainingData([], []), seed=1)
    first.save(tmp_path)
    answers = []
    for dropout in (0.0, 0.8):
        later = OnePassModel(encoder=str(tmp_path), dropout=dropout, mask_names=0.0, settings=settings)
        later.fit(data, TrainingData([], []), seed=1)
        answers.append(later.predict([e.pair for e in examples()]).stance)
    assert np.abs(answers[0] - answers[1]).max() > 1e-3


def test_two_models_have_a_mean_that_is_saved_without_learning(tiny_encoder: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    for seed in (1, 2):
        model = OnePassModel(encoder=str(tiny_encoder), settings=replace(SETTINGS, epochs=1))
        model.fit(TrainingData(examples(), []), TrainingData([], []), seed=seed)
        model.save(tmp_path / str(seed))
    both = OnePassModel(encoder=f"{tmp_path / '1'}+{tmp_path / '2'}", settings=replace(SETTINGS, epochs=0))
    both.fit(TrainingData(examples(), []), TrainingData([], []), seed=1)
    both.save(tmp_path / "mean")
    one, two, mean = (load_file(tmp_path / name / "model.safetensors")["head_stance.weight"].astype(float) for name in ("1", "2", "mean"))
    assert np.allclose(mean, (one + two) / 2, atol=1e-3)
    assert not np.allclose(one, two, atol=1e-3)


def test_models_of_different_encoders_have_no_mean(tiny_encoder: Path, tmp_path: Path) -> None:
    for name, rank in (("whole", 0), ("adapter", 4)):
        model = OnePassModel(encoder=str(tiny_encoder), adapter_rank=rank, settings=replace(SETTINGS, epochs=0))
        model.fit(TrainingData(examples(), []), TrainingData([], []), seed=1)
        model.save(tmp_path / name)
    with pytest.raises(ModelError, match="no mean"):
        OnePassModel(encoder=f"{tmp_path / 'whole'}+{tmp_path / 'adapter'}").predict([e.pair for e in examples()])


def test_a_difference_of_low_rank_is_kept_whole() -> None:
    import torch

    from src.models.onepass import from_adapter, to_adapter

    torch.manual_seed(0)
    base = {"encoder.a.weight": torch.randn(40, 30), "encoder.a.bias": torch.randn(40), "encoder.same": torch.randn(40, 30)}
    state = {k: v.clone() for k, v in base.items()}
    state["encoder.a.weight"] += torch.randn(40, 3) @ torch.randn(3, 30)
    state["encoder.a.bias"] += 1.0
    state["head.weight"] = torch.randn(3, 40)
    adapter = to_adapter(state, base, 3)
    assert not any(name.startswith("encoder.same") for name in adapter)
    restored = from_adapter(adapter, base)
    assert restored.keys() == state.keys()
    assert all(torch.allclose(restored[k], state[k], atol=1e-4) for k in state)


def _cut_packages(encoder: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The encoder as five packages with a cut zip; its checksum."""
    import hashlib
    import io
    import zipfile
    from importlib.metadata import PackagePath

    from src.models import encoders

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in encoders._LARGE_FILES:
            file = encoder / name
            archive.writestr(f"all-mpnet-base-v2/{name}", file.read_bytes() if file.exists() else b"{}")
    data, packages = buffer.getvalue(), {}
    for number, package in enumerate(encoders._LARGE_PACKAGES):
        step = len(data) // 5 + 1
        (folder / f"encoder.zip.00{number + 1}").write_bytes(data[number * step : (number + 1) * step])

        class Located(PackagePath):
            def locate(self) -> Path:
                return folder / self.name

        packages[package] = [Located(f"encoder.zip.00{number + 1}"), Located("__init__.py")]
    monkeypatch.setattr(encoders, "files", packages.__getitem__)
    monkeypatch.setenv("STANCELAB_CACHE", str(folder / "cache"))
    return hashlib.sha256((encoder / "model.safetensors").read_bytes()).hexdigest()


def test_the_large_encoder_is_put_together_from_its_packages(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.models import encoders

    monkeypatch.setattr(encoders, "_LARGE_SHA256", _cut_packages(tiny_encoder, tmp_path, monkeypatch))
    folder = Path(encoders.resolve_checkpoint("mpnet"))
    assert (folder / "model.safetensors").read_bytes() == (tiny_encoder / "model.safetensors").read_bytes()
    assert encoders.resolve_checkpoint("mpnet") == str(folder)


def test_a_damaged_package_of_the_large_encoder_is_told(tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.models import encoders

    _cut_packages(tiny_encoder, tmp_path, monkeypatch)
    with pytest.raises(ModelError, match="checksum"):
        encoders.resolve_checkpoint("mpnet")
    assert not any((tmp_path / "cache").iterdir())
    (tmp_path / "encoder.zip.003").write_bytes(b"")
    with pytest.raises(ModelError, match="damaged"):
        encoders.resolve_checkpoint("mpnet")


def test_a_missing_package_of_the_large_encoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from src.models import encoders

    monkeypatch.setenv("STANCELAB_CACHE", str(tmp_path))
    monkeypatch.setattr(encoders, "_LARGE_PACKAGES", ("no-such-package-001",))
    with pytest.raises(ModelError, match=r"requirements-weights\.lock"):
        encoders.resolve_checkpoint("mpnet")


def test_the_released_model_answers_over_its_packaged_encoder() -> None:
    from tests.conftest import ROOT

    model = load_model(path=str(ROOT / "experiments" / "released" / "large"))
    scores = model.predict(
        [pair("Kenya accused Peru of bias toward Chile.", "Kenya", "Peru"), pair("Kenya thanked Peru.", "Kenya", "Peru")]
    )
    assert [STANCES[k] for k in scores.stance.argmax(1)] == ["against", "favor"]
    assert scores.alleges_bias[0] > 0.5 > scores.alleges_bias[1]


@pytest.mark.parametrize("kind", ["onepass", "pair"])
def test_printed_and_typed_quotation_marks_are_read_alike(fitted: dict[str, Any], kind: str) -> None:
    typed = pair('Lima\'s envoy called Chad "a friend".', "Lima", "Chad")
    printed = replace(typed, text=typed.text.replace("'", "’").replace(' "', " “").replace('"', "”"))
    scores = fitted[kind].predict([typed, printed])
    assert np.allclose(scores.stance[0], scores.stance[1], atol=1e-6)
