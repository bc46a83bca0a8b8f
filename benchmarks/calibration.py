"""Probabilities and thresholds of a CoNLL-2003 model: calibration error, and the recall that a threshold promises.

python benchmarks/calibration.py [--model FOLDER]

Without --model it takes the best of the models in benchmarks/models, which conll2003.py trains.

The error is that of the predicted spans (ten bins of equal mass): at the temperature fitted on every other document of
dev, on the rest and on test; and over 200 random halvings of dev. The threshold is asked for 98 % recall over all
candidate spans, on a half of dev, and its recall is counted on the other half, over the same halvings; then asked on
all of dev and counted on test, which is of another time: dev is of August 1996, test of December, and a model of the
news of August finds less there. Documents of dev are exchangeable by the halving; those of test are not with them.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

import _needs
import elman
from elman.metrics.calibration import expected_calibration_error, log_loss, reliability
from elman.metrics.risk import risk_coverage
from elman.metrics.thresholds import Judgements, precision_threshold, recall_threshold
from elman.runtime.calibration import Labelled, fit, gather

DATA = Path(os.environ.get("ELMAN_DATA", "../shared/data")) / "conll2003-en"
RESULTS = Path(__file__).with_name("results")
HALVINGS = 200
DEV_BAR, TEST_BAR, RECALL = 0.01, 0.03, 0.98


def halvings(units: int) -> list[np.ndarray[Any, np.dtype[np.bool_]]]:
    """Random halves of the documents, as masks."""
    rng = np.random.default_rng(1)
    halves = []
    for _ in range(HALVINGS):
        half = np.zeros(units, np.bool_)
        half[rng.permutation(units)[: units // 2]] = True
        halves.append(half)
    return halves


def error(judgements: Judgements) -> float:
    return expected_calibration_error(judgements.probability, judgements.correct)


def errors(dev: Labelled, test: Labelled) -> dict[str, Any]:
    even = dev.owners % 2 == 0
    rows = {}
    for name, own, other in (("even", even, ~even), ("odd", ~even, even)):
        began = time.perf_counter()
        found = fit(dev.take(own))
        seconds = time.perf_counter() - began
        rest = dev.take(other)
        rows[f"fitted on {name} documents of dev"] = {
            "temperature": found.temperature,
            "spans": found.spans,
            "seconds": round(seconds, 2),
            "rest of dev before": error(rest.predicted(1.0)),
            "rest of dev": error(rest.predicted(found.temperature)),
            "test before": error(test.predicted(1.0)),
            "test": error(test.predicted(found.temperature)),
        }
    return rows


def halved_errors(dev: Labelled) -> dict[str, Any]:
    """The error on the half that the temperature was not fitted on; temperatures in steps of 3 %."""
    heats = np.exp(np.arange(np.log(0.8), np.log(2.6), 0.03))
    looks, raw = [dev.predicted(heat) for heat in heats], dev.predicted(1.0)
    found, before = [], []
    for half in halvings(dev.units):
        own = half[looks[0].unit]
        losses = [log_loss(look.probability[own], look.correct[own], smoothed=True) for look in looks]
        found.append(error(looks[int(np.argmin(losses))].within(~half)))
        before.append(error(raw.within(~half)))
    return {
        "halvings": HALVINGS,
        "mean before": float(np.mean(before)),
        "mean": float(np.mean(found)),
        "tenth and ninetieth percentile": np.quantile(found, (0.1, 0.9)).tolist(),
        "share at most 1 %": float(np.mean(np.array(found) <= DEV_BAR)),
    }


def thresholds(dev: Labelled, test: Labelled, heat: float) -> dict[str, Any]:
    candidates, final = dev.candidates(heat), test.candidates(heat)
    rows = []
    for half in halvings(dev.units):
        value = recall_threshold(candidates.within(half), RECALL).value
        rows.append((*candidates.within(~half).reached(value), value))
    recalls, precisions, values = np.array(rows).T
    whole = recall_threshold(candidates, RECALL)
    flat = test.above(heat, np.full(len(test.names), whole.value), flat=True).reached(0.0)
    report: dict[str, Any] = {
        "asked": RECALL,
        "halvings": HALVINGS,
        "mean recall": float(recalls.mean()),
        "deviation of recall": float(recalls.std(ddof=1)),
        "share of halvings at or above": float((recalls >= RECALL).mean()),
        "mean precision": float(precisions.mean()),
        "mean threshold": float(values.mean()),
        "on all of dev": whole.to_json(),
        "test": dict(zip(("recall", "precision"), final.reached(whole.value), strict=True)),
        "test without overlap": dict(zip(("recall", "precision"), flat, strict=True)),
        "shift": "dev is of August 1996, test of December 1996: not exchangeable",
    }
    asked = {}
    for level in (0.9, 0.95):
        one = precision_threshold(candidates, level)
        asked[f"{level:.2f}"] = {
            **one.to_json(),
            "test": dict(zip(("recall", "precision"), final.reached(one.value), strict=True)),
        }
    return {"recall": report, "precision": asked}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path, help="by default results/calibration-MODEL-DATE.json")
    chosen = parser.parse_args()
    _needs.data(DATA)
    model = chosen.model or _needs.model()
    tagger = elman.load(model)
    dev, test = (gather(tagger, elman.read(DATA / f"{name}.txt")) for name in ("valid", "test"))
    began = time.perf_counter()
    whole = fit(dev)
    seconds = time.perf_counter() - began
    last = test.predicted(whole.temperature)
    report: dict[str, Any] = {
        "schema": "elman.benchmark.calibration/1",
        "model": model.name,
        "dev": {"temperature": whole.temperature, "seconds": round(seconds, 2), **whole.to_json()},
        "errors": errors(dev, test),
        "halved": halved_errors(dev),
        "thresholds": thresholds(dev, test, whole.temperature),
        "test reliability": reliability(last.probability, last.correct).to_json(),
        "test area under risk against coverage": risk_coverage(last.probability, last.correct).area,
    }
    for name, row in report["errors"].items():
        print(
            f"{name}: temperature {row['temperature']:.3f}; calibration error on the rest of dev "
            f"{row['rest of dev before']:.2%} before, {row['rest of dev']:.2%} after; on test {row['test before']:.2%} "
            f"before, {row['test']:.2%} after"
        )
    halved, recall = report["halved"], report["thresholds"]["recall"]
    low, high = halved["tenth and ninetieth percentile"]
    print(
        f"{HALVINGS} halvings of dev: calibration error on the other half {halved['mean']:.2%} in the mean (before "
        f"{halved['mean before']:.2%}; 80 % of them from {low:.2%} to {high:.2%})"
    )
    print(
        f"asked for {RECALL:.0%} recall: {recall['mean recall']:.2%} on the other half in the mean, precision "
        f"{recall['mean precision']:.2%}; asked on all of dev, on test {recall['test']['recall']:.2%}, precision "
        f"{recall['test']['precision']:.2%} ({recall['shift']})"
    )
    first = report["errors"]["fitted on even documents of dev"]
    bars = {
        "other half of dev at most 1 %": first["rest of dev"] <= DEV_BAR and halved["mean"] <= DEV_BAR,
        "test at most 3 %": first["test"] <= TEST_BAR,
        "mean recall at least 98 %": recall["mean recall"] >= RECALL,
    }
    report["bars"] = bars
    for name, met in bars.items():
        print(f"{name}: {'met' if met else 'MISSED'}")
    out = chosen.out or RESULTS / f"calibration-{model.name}-{date.today()}.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(report, indent=1) + "\n")
    if not all(bars.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
