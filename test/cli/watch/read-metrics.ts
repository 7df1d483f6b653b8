/** Reads the text format of Prometheus as strictly as it is described, version 0.0.4. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadMetrics {
  /** By name of the metric. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const samplePattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/gy;

/** Throws for a line that is none, a sample of no metric, one that is there twice, and buckets that do not add up. */
export function readMetrics(text: string): ReadMetrics {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (helps.has(name)) throw new Error(`${name} is explained twice`);
      helps.add(name);
    } else if (kind === 'TYPE') {
      if (types.has(name) || !/^(counter|gauge|histogram|summary)$/.test(rest)) throw new Error(line);
      types.set(name, rest);
    } else {
      const sample = sampleIn(line);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(key)) throw new Error(`${key} is there twice`);
      seen.add(key);
      const metric = types.has(sample.name) ? sample.name : sample.name.replace(/_(bucket|sum|count)$/, '');
      if (!types.has(metric) || !helps.has(metric)) throw new Error(`${sample.name} is of no metric`);
      samples.push(sample);
    }
  }
  assertBuckets(samples);
  return { types, samples };
}

function sampleIn(line: string): Sample {
  const [, name, list = '', value = ''] = samplePattern.exec(line) ?? [];
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : value === 'Nan' ? Number.NaN : Number(value);
  if (name === undefined || (Number.isNaN(number) && value !== 'Nan')) throw new Error(`no sample: ${line}`);
  const found = [...list.matchAll(labelPattern)];
  if (found.map(([whole]) => whole).join('') !== list) throw new Error(`no labels: ${line}`);
  return { name, value: number, labels: Object.fromEntries(found.map(([, label = '', text = '']) => [label, text])) };
}

function assertBuckets(samples: readonly Sample[]): void {
  let last: Sample | undefined;
  for (const sample of samples.filter(({ name }) => name.endsWith('_bucket'))) {
    const isSame = last?.name === sample.name && last.labels['le'] !== '+Inf';
    if (isSame && sample.value < (last?.value ?? 0)) throw new Error(`${sample.name} has fewer in a larger bucket`);
    last = sample;
  }
}
