"""Rasa's DIET classifier as a worker: rasa_diet.py task.json answer.json, under a Python 3.10 with rasa 3.6 (see run.py)."""

import asyncio
import json
import pathlib
import resource
import sys
import tempfile
import time

import yaml
from rasa.core.agent import Agent
from rasa.model_training import train_nlu

PIPELINE = """
recipe: default.v1
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 30
    entity_recognition: false
    constrain_similarities: true
    random_seed: 1
"""


def main():
    task = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        config, data = pathlib.Path(folder, "config.yml"), pathlib.Path(folder, "nlu.yml")
        config.write_text(PIPELINE, encoding="utf-8")
        by_label = {}
        for text, label in task["train"]:
            by_label.setdefault(label, []).append(" ".join(text.split()))
        examples = [{"intent": label, "examples": "".join(f"- {t}\n" for t in texts)} for label, texts in by_label.items()]
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": examples}, allow_unicode=True), encoding="utf-8")
        clock = time.perf_counter()
        model = train_nlu(str(config), str(data), folder)
        train_secs = time.perf_counter() - clock
        agent = Agent.load(model)
        guesses, times = [], []

        async def read():
            for text in task["texts"]:
                start = time.perf_counter()
                found = await agent.parse_message(text)
                times.append(1e3 * (time.perf_counter() - start))
                guesses.append([[i["name"], i["confidence"]] for i in found["intent_ranking"][:3]] or [["", 0.0]])

        asyncio.run(read())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"guesses": guesses, "times_ms": times, "train_secs": train_secs, "rss_mb": peak}
    pathlib.Path(sys.argv[2]).write_text(json.dumps(figures), encoding="utf-8")


main()
