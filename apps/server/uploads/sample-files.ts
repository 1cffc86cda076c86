import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** A sample table: a file of the npm package vega-datasets, and what must be done to it to become rows. */
export interface SampleFile {
  name: string;
  comment: string;
  /** In the package's `data` folder. */
  source: string;
  /** Name under which it is loaded; its ending says the format. */
  fileName: string;
  prepare?: (bytes: Buffer) => Uint8Array;
}

const Earthquakes = z.object({
  features: z.array(
    z.object({
      id: z.string(),
      properties: z.object({
        mag: z.number().nullable(),
        place: z.string().nullable(),
        time: z.number(),
        type: z.string(),
        magType: z.string().nullable(),
      }),
      geometry: z.object({ coordinates: z.tuple([z.number(), z.number(), z.number()]) }),
    }),
  ),
});

/** GeoJSON holds one object with a list inside: each feature becomes a row. */
function earthquakeRows(bytes: Buffer): Uint8Array {
  const { features } = Earthquakes.parse(JSON.parse(bytes.toString('utf8')));
  const lines = features.map(({ id, properties, geometry }) => {
    const [longitude, latitude, depth_km] = geometry.coordinates;
    return JSON.stringify({
      id,
      time: new Date(properties.time).toISOString(),
      magnitude: properties.mag,
      magnitude_type: properties.magType,
      kind: properties.type,
      place: properties.place,
      latitude,
      longitude,
      depth_km,
    });
  });
  return Buffer.from(`${lines.join('\n')}\n`);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jan 1 2000` is a date that no reader knows: written as ISO, the column becomes one of dates. */
function isoDates(bytes: Buffer): Uint8Array {
  const text = bytes
    .toString('utf8')
    .replace(/\b([A-Z][a-z]{2}) (\d{1,2}) (\d{4})\b/g, (whole, month: string, day: string, year: string) => {
      const number = months.indexOf(month) + 1;
      return number === 0 ? whole : `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`;
    });
  return Buffer.from(text);
}

export const sampleFiles: readonly SampleFile[] = [
  {
    name: 'flights',
    comment: '3 million flights within the United States, 2001',
    source: 'flights-3m.parquet',
    fileName: 'flights-3m.parquet',
  },
  {
    name: 'airports',
    comment: 'Airports of the United States with their places',
    source: 'airports.csv',
    fileName: 'airports.csv',
  },
  {
    name: 'stocks',
    comment: 'Monthly prices of five stocks, 2000 to 2010',
    source: 'stocks.csv',
    fileName: 'stocks.csv',
    prepare: isoDates,
  },
  {
    name: 'weather',
    comment: 'Daily weather in Seattle, 2012 to 2015',
    source: 'seattle-weather.csv',
    fileName: 'seattle-weather.csv',
  },
  { name: 'movies', comment: 'Movies with their earnings and ratings', source: 'movies.json', fileName: 'movies.json' },
  {
    name: 'earthquakes',
    comment: 'Earthquakes of one week',
    source: 'earthquakes.json',
    fileName: 'earthquakes.jsonl',
    prepare: earthquakeRows,
  },
];

/** The bytes to load. The largest is 13 MB. */
export async function readSample(sample: SampleFile): Promise<Uint8Array> {
  // The package's door is its build folder; its data lies beside it.
  const bytes = await readFile(new URL(`../data/${sample.source}`, import.meta.resolve('vega-datasets')));
  return sample.prepare ? sample.prepare(bytes) : bytes;
}
