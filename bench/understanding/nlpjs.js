// NLP.js as a worker: node nlpjs.js FOLDER task.json answer.json, FOLDER holding node_modules with node-nlp (see run.py).
const fs = require('fs');
const path = require('path');
const [folder, taskFile, answerFile] = process.argv.slice(2);
const { NlpManager } = require(path.join(path.resolve(folder), 'node_modules', 'node-nlp'));

async function main() {
  const task = JSON.parse(fs.readFileSync(taskFile, 'utf8'));
  const manager = new NlpManager({ languages: ['zh'], forceNER: false, autoSave: false, nlu: { log: false } });
  task.train.forEach(([text, label]) => manager.addDocument('zh', text, label));
  let clock = process.hrtime.bigint();
  await manager.train();
  const trainSecs = Number(process.hrtime.bigint() - clock) / 1e9;
  const guesses = [];
  const times = [];
  for (const text of task.texts) {
    clock = process.hrtime.bigint();
    const { classifications } = await manager.process('zh', text);
    times.push(Number(process.hrtime.bigint() - clock) / 1e6);
    guesses.push(classifications.slice(0, 3).map(({ intent, score }) => [intent, score]));
  }
  const rss = process.resourceUsage().maxRSS / 1024;
  fs.writeFileSync(answerFile, JSON.stringify({ guesses, times_ms: times, train_secs: trainSecs, rss_mb: rss }));
}

main();
