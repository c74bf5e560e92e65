"""Understanding side by side with peers on one machine and one split: FAQ-zh (see the data's README).

    python run.py --data DATA --jieti target/release/jieti --sklearn-python VENV/bin/python \
        --rasa-python VENV310/bin/python --nlpjs DIR --out results.json

Every system learns the same questions and reads the same test lines in a process of its own. Its threshold for 95 % of
answers right comes from training folds alone: each fifth of the questions is read by a model that has not seen it (known),
and by one that has seen none of its class (strangers, weighed to a fifth of the stream), as Jieti does for itself.
`--nlpjs` is a folder in which `npm install node-nlp` was run. A system whose interpreter is not given is left out.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
FOLDS = 5
PRECISION = 0.95
STRANGERS = 0.25


def jsonl(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def read_by(command, train, texts):
    """Has a worker learn `train` ([text, label]) and read `texts`: guesses [[label, confidence], …], best first, and figures."""
    with tempfile.TemporaryDirectory() as folder:
        task, answer = pathlib.Path(folder, "task.json"), pathlib.Path(folder, "answer.json")
        task.write_text(json.dumps({"train": train, "texts": texts}, ensure_ascii=False), encoding="utf-8")
        subprocess.run([*command, str(task), str(answer)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads(answer.read_text(encoding="utf-8"))


def threshold_of(command, questions):
    """The least confidence above which held-out training questions, strangers among them, were right often enough."""
    labels = sorted({label for _, label in questions})
    fold_of, seen = [], {}
    for _, label in questions:
        seen[label] = seen.get(label, labels.index(label)) + 1
        fold_of.append(seen[label] % FOLDS)
    lines = []
    for fold in range(FOLDS):
        kept = [q for q, f in zip(questions, fold_of) if f != fold]
        held = [q for q, f in zip(questions, fold_of) if f == fold]
        for (_, label), guesses in zip(held, read_by(command, kept, [t for t, _ in held])["guesses"]):
            lines.append((guesses[0][1], guesses[0][0] == label, False))
        group = {label for i, label in enumerate(labels) if i % FOLDS == fold}
        kept = [q for q in questions if q[1] not in group]
        held = [q for q in questions if q[1] in group]
        lines += [(g[0][1], False, True) for g in read_by(command, kept, [t for t, _ in held])["guesses"]]
    known = sum(not stranger for _, _, stranger in lines)
    weight = STRANGERS * known / max(len(lines) - known, 1)
    answered = right = 0.0
    threshold = float("inf")
    for confidence, is_right, stranger in sorted(lines, key=lambda line: -line[0]):
        answered += weight if stranger else 1.0
        right += is_right
        if right >= PRECISION * answered:
            threshold = confidence
    return threshold


def auroc(known, others):
    wins = sum((a > b) + 0.5 * (a == b) for a in known for b in others)
    return wins / max(len(known) * len(others), 1)


def measure(command, questions, test):
    answer = read_by(command, questions, [line["text"] for line in test])
    threshold = threshold_of(command, questions)
    read = [(line["kind"], g[0][1], g[0][0] == line["gold"], line["gold"] in [label for label, _ in g[:3]])
            for line, g in zip(test, answer["guesses"])]
    known = [r for r in read if r[0] == "in"]
    stream = sorted((r for r in read if r[0] != "far"), key=lambda r: -r[1])
    hindsight = right = 0
    for i, r in enumerate(stream):
        right += r[2]
        tied = i + 1 < len(stream) and stream[i + 1][1] == r[1]
        if not tied and right >= PRECISION * (i + 1):
            hindsight = sum(s[0] == "in" for s in stream[: i + 1])
    answered = [r for r in stream if r[1] >= threshold]
    times = sorted(answer["times_ms"])
    confidences = lambda kind: [r[1] for r in read if r[0] == kind]
    return {
        "top1": sum(r[2] for r in known) / len(known),
        "recall3": sum(r[3] for r in known) / len(known),
        "threshold_answered": len(answered) / len(stream),
        "threshold_precision": sum(r[2] for r in answered) / len(answered) if answered else None,
        "coverage_p95": hindsight / len(known),
        "auroc_near": auroc(confidences("in"), confidences("near")),
        "auroc_far": auroc(confidences("in"), confidences("far")),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[int((len(times) - 1) * 0.99)],
        "train_secs": answer["train_secs"],
        "rss_mb": answer["rss_mb"],
    }


def jieti(binary, folder, *more):
    """Jieti measures itself by the same rules; a model that had learnt from pairs before says so in its name."""
    command = [binary, "eval", "faq", "--kb", folder / "kb.jsonl", "--test", folder / "dev.jsonl", "--json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def row(name, r):
    percent = lambda share: "–" if share is None else f"{100 * share:.1f}"
    return (
        f"| {name} | {percent(r['top1'])} / {percent(r['recall3'])} | {percent(r['threshold_answered'])} at "
        f"{percent(r['threshold_precision'])} | {percent(r['coverage_p95'])} | {r['auroc_near']:.3f} / {r['auroc_far']:.3f} | "
        f"{r['p50_ms']:.2f} / {r['p99_ms']:.2f} | {r['train_secs']:.1f} | {r['rss_mb']:.0f} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--jieti")
    parser.add_argument("--sklearn-python", help="an interpreter with scikit-learn, jieba and fasttext-wheel")
    parser.add_argument("--rasa-python", help="an interpreter (3.10) with rasa 3.6")
    parser.add_argument("--nlpjs", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results.json")
    args = parser.parse_args()
    folder = args.data / "faq_zh"
    questions = [[text, faq["faq"]] for faq in jsonl(folder / "kb.jsonl") for text in [faq["standard"], *faq["similar"]]]
    test = jsonl(folder / "dev.jsonl")
    peers = {}
    if args.sklearn_python:
        peers["BM25, jieba"] = [args.sklearn_python, HERE / "peers.py", "bm25"]
        peers["fastText 0.9.2, characters"] = [args.sklearn_python, HERE / "peers.py", "fasttext"]
        peers["scikit-learn, logistic regression"] = [args.sklearn_python, HERE / "peers.py", "logistic"]
    if args.nlpjs:
        peers["NLP.js 4"] = ["node", HERE / "nlpjs.js", args.nlpjs]
    if args.rasa_python:
        peers["Rasa 3.6.21, DIET"] = [args.rasa_python, HERE / "rasa_diet.py"]
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    for name, command in peers.items():
        results[name] = measure([str(part) for part in command], questions, test)
        print(row(name, results[name]), flush=True)
        args.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.jieti:
        pairs = folder / "pairs_train.jsonl"
        for name, more in {
            "Jieti, words": [],
            "Jieti, encoder from ATEC pairs (cold)": ["--train", pairs, "--sources", "atec"],
            "Jieti, encoder from all pairs": ["--train", pairs],
        }.items():
            figures = jieti(args.jieti, folder, *more)
            figures["train_secs"] += figures.get("encoder_secs") or 0.0
            results[name] = {key: figures[key] for key in next(iter(results.values()), figures) if key in figures}
            print(row(name, figures), flush=True)
            args.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n| | top 1 / recall@3 | stream answered at own threshold, right | coverage, hindsight | AUROC near / far | "
          "p50 / p99, ms | training, s | memory, MB |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(row(name, figures) for name, figures in results.items()))


if __name__ == "__main__":
    main()
