// What the Node.js workers share: the event, the arguments, the loop of callers and the one line of JSON.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

export const event = JSON.parse(readFileSync(new URL('../event.json', import.meta.url)));

export function options(defaults) {
  const { values } = parseArgs({
    options: {
      uri: { type: 'string' },
      callers: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: String(defaults.connections) },
      fold: { type: 'string' },
    },
  });
  const { uri, ...numbers } = values;
  return { uri, ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])) };
}

// Each caller has a stream of its own. `append(stream, version)` writes one event and expects the stream at `version`
// events. The first append of each caller is not counted: it opens the connection.
export async function measureAppends(name, { callers, seconds }, append) {
  const run = Math.random().toString(36).slice(2);
  const streams = Array.from({ length: callers }, (_, caller) => `document-${run}${caller}`);
  await Promise.all(streams.map((stream) => append(stream, 0)));
  const latencies = [];
  const deadline = performance.now() + seconds * 1000;
  await Promise.all(
    streams.map(async (stream) => {
      for (let version = 1; ; version++) {
        const started = performance.now();
        await append(stream, version);
        const ended = performance.now();
        if (ended > deadline) return;
        latencies.push(ended - started);
      }
    }),
  );
  latencies.sort((a, b) => a - b);
  report({
    name,
    callers,
    appends_per_second: round(latencies.length / seconds, 1),
    p50_ms: round(at(latencies, 0.5), 3),
    p99_ms: round(at(latencies, 0.99), 3),
  });
}

// `load()` reads one stream and answers with the number of events that it folded. The figure is the median.
export async function measureFold(name, events, load, repeats = 20) {
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    const folded = await load();
    times.push(performance.now() - started);
    if (folded !== events) throw new Error(`folded ${folded} of ${events} events`);
  }
  report({ name, events, ms: round(at(times.sort((a, b) => a - b), 0.5), 2) });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const round = (value, digits) => Number(value.toFixed(digits));
const report = (figures) => console.log(JSON.stringify(figures));
