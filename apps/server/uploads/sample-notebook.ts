import { randomUUID } from 'node:crypto';
import { ChartSpec } from '@boathouse/contracts';
import type { NewCell } from '@boathouse/notebook';

export const sampleNotebookName = 'Explore sample data';

const markdown = (source: string): NewCell => ({ id: randomUUID(), kind: 'markdown', source });
const sql = (title: string, source: string, chart: Partial<ChartSpec> | null = null): NewCell => ({
  id: randomUUID(),
  kind: 'sql',
  title,
  source,
  chart: chart && ChartSpec.parse(chart),
});

/** The notebook that opens with the sample data: each cell runs as it stands. */
export const sampleCells = (): NewCell[] => [
  markdown(
    '# Explore sample data\n\nThree million flights, airports, stocks, weather, movies and earthquakes lie as Delta tables in `main.samples`. Put the cursor into a cell and press **Shift+Enter** to run it.',
  ),
  sql('First look', 'SELECT * FROM main.samples.flights LIMIT 1000'),
  sql(
    'Busiest airports',
    'SELECT origin, count(*) AS flights\nFROM main.samples.flights\nGROUP BY origin\nORDER BY flights DESC\nLIMIT 15',
    { kind: 'bar', x: 'origin', y: ['flights'] },
  ),
  sql(
    'Delays by hour of the day',
    'SELECT hour(date) AS hour, avg(delay) AS average_delay\nFROM main.samples.flights\nGROUP BY hour(date)\nORDER BY hour',
    { kind: 'line', x: 'hour', y: ['average_delay'] },
  ),
  sql(
    'Longest routes, with the names of their airports',
    'SELECT a.name AS origin, b.name AS destination, max(f.distance) AS miles\nFROM main.samples.flights f\nJOIN main.samples.airports a ON f.origin = a.iata\nJOIN main.samples.airports b ON f.destination = b.iata\nGROUP BY a.name, b.name\nORDER BY miles DESC\nLIMIT 20',
  ),
  sql('Stocks over time', 'SELECT date, symbol, price\nFROM main.samples.stocks\nORDER BY date', {
    kind: 'line',
    x: 'date',
    y: ['price'],
    color: 'symbol',
  }),
  markdown(
    'Every result knows which versions of which tables it was made from. Drop a file of your own on **Home** and query it here in the same way.',
  ),
];
