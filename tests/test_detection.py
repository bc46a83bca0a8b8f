"""Tags decoded many at once give what they give sentence by sentence."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.data import detection
from elman.data.detection import Detected, DetectionError, TagReader, detect
from elman.data.schemes import SCHEMES, TagError

TAGS = ["O", "O", "B-A", "I-A", "B-B", "I-B", "E-A", "S-B", "L-A", "U-B", "M-A", "W-B", "A", "I-C"]
documents = st.lists(st.lists(st.sampled_from(TAGS), min_size=1, max_size=4), min_size=1, max_size=5)


@given(
    st.sampled_from(sorted(SCHEMES)),
    st.lists(documents, min_size=1, max_size=3),
    st.sampled_from(["drop", "conlleval"]),
)
def test_many_at_once_are_decoded_as_they_are_one_by_one(name, drawn, repair):
    results = []
    for many in (10**9, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(detection, "_MANY", many)
            reader = TagReader(Detected(SCHEMES[name], "as was said", 1), repair, guessed=False)
            found = []
            for sentences in drawn:
                tags = [tag for sentence in sentences for tag in sentence]
                starts = list(accumulate(map(len, sentences), initial=0))
                try:
                    offsets = np.arange(2 * len(tags)).reshape(-1, 2)
                    found.append(reader.spans(tags, starts, offsets))
                except TagError as error:
                    found.append((error.problem, error.position))
            results.append((found, reader.repairs))
    assert results[0] == results[1]


def test_too_many_labels_are_decoded_all_the_same():
    tags = [tag for number in range(300) for tag in (f"B-{number}", f"I-{number}", "O")]
    reader = TagReader(Detected(SCHEMES["IOB2"], "as was said", 1), "refuse", guessed=False)
    spans = reader.spans(tags, [0, len(tags)], np.arange(2 * len(tags)).reshape(-1, 2))
    assert [(span.start, span.end, span.label) for span in spans] == [
        (6 * at, 6 * at + 3, str(at)) for at in range(300)
    ]


@pytest.mark.parametrize("tags", [["B-PER", "O", "B-"], ["B-", "B-PER"], ["B-PER", *["B-"] * 9]])
def test_a_tag_without_a_label_is_the_one_that_is_named(tags):
    with pytest.raises(DetectionError, match="mend tags such as 'B-',") as caught:
        detect([tags])
    assert caught.value.tag == "B-"
