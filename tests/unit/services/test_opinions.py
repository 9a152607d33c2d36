"""Second opinions: of a student of the models, of similar items, and of a student whom people taught."""

import numpy as np

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.methods.calibration import auroc
from labelwright.services.models.opinions import opinions, taught_opinion

N = 240
WORDS = (("rain", "storm", "cloud", "wind"), ("goal", "match", "team", "score"))


def texts_and_truth(seed: int) -> tuple[list[str], np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, N)
    texts = [f"note {at}: the {' '.join(rng.choice(WORDS[option], 3))} today" for at, option in enumerate(truth)]
    return texts, truth


def test_both_are_surprised_where_the_model_departs_from_its_habit() -> None:
    texts, truth = texts_and_truth(1)
    wrong = np.random.default_rng(2).random(N) < 0.2
    votes = np.where(wrong, 1 - truth, truth)[:, None]
    found = opinions(votes, 2, texts=texts, vectors=HashedEmbedder().embed(texts), student=HashedLogistic())
    assert set(found) == {"student", "neighbours"}
    for opinion in found.values():
        assert opinion.shape == (N, 2)
        assert np.allclose(opinion.sum(axis=1), 1)
        assert auroc(opinion[np.arange(N), votes[:, 0]], ~wrong).value > 0.8


def test_an_item_has_no_part_in_the_opinion_about_itself() -> None:
    texts, truth = texts_and_truth(3)
    votes = truth[:, None].copy()
    embedded, student = HashedEmbedder().embed(texts), HashedLogistic()
    before = opinions(votes, 2, texts=texts, vectors=embedded, student=student)
    votes[0] = 1 - votes[0]
    after = opinions(votes, 2, texts=texts, vectors=embedded, student=student)
    assert np.allclose(before["student"][0], after["student"][0], atol=1e-3)
    # The whole pool's shares, which an item is a 240th of, are all that moves.
    assert np.allclose(before["neighbours"][0], after["neighbours"][0], atol=0.01)


def test_where_most_texts_repeat_one_another_there_is_no_opinion() -> None:
    texts = ["the same"] * 10
    assert not opinions(
        np.zeros((10, 1), dtype=np.int64),
        2,
        texts=texts,
        vectors=HashedEmbedder().embed(texts),
        student=HashedLogistic(),
    )


def test_people_teach_a_student_what_no_model_says() -> None:
    texts, truth = texts_and_truth(4)
    labelled = np.arange(60)
    found = taught_opinion(texts, labelled, truth[:60], 2, student=HashedLogistic())["taught"]
    assert np.allclose(found.sum(axis=1), 1)
    assert (found.argmax(axis=1) == truth)[60:].mean() > 0.95
    assert found.min() > 0  # it never rules an option out


def test_A4P_4_what_the_taught_student_says_of_a_labelled_item_has_not_seen_its_label_nor_its_copies() -> None:
    texts, truth = texts_and_truth(5)
    texts[1] = texts[0].upper()
    labelled, people = np.arange(60), truth[:60].copy()
    before = taught_opinion(texts, labelled, people, 2, student=HashedLogistic())["taught"]
    people[[0, 1]] = 1 - people[[0, 1]]
    after = taught_opinion(texts, labelled, people, 2, student=HashedLogistic())["taught"]
    assert np.array_equal(before[[0, 1]], after[[0, 1]])
    assert not np.array_equal(before[60:], after[60:])


def test_labels_of_one_option_or_texts_that_repeat_teach_nothing() -> None:
    texts, _ = texts_and_truth(6)
    same = np.zeros(20, dtype=np.int64)
    assert not taught_opinion(texts, np.arange(20), same, 2, student=HashedLogistic())
    truth = np.arange(20) % 2
    assert not taught_opinion(["one"] * 40, np.arange(20), truth, 2, student=HashedLogistic())
