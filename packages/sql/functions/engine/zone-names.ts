/** How Java names a family of regions in English: short and long, in standard time, in summer, and through the year. */
export interface ZoneNames {
  standard: readonly [short: string, long: string];
  summer?: readonly [short: string, long: string];
  generic: readonly [short: string, long: string];
  regions: string;
}

/** Regions with proven names; others are refused, because Java's short names follow no rule. */
const families: ZoneNames[] = [
  {
    standard: ['CET', 'Central European Standard Time'],
    summer: ['CEST', 'Central European Summer Time'],
    generic: ['CET', 'Central European Time'],
    regions: 'Europe/Paris Europe/Berlin Europe/Zurich',
  },
  {
    standard: ['EET', 'Eastern European Standard Time'],
    summer: ['EEST', 'Eastern European Summer Time'],
    generic: ['EET', 'Eastern European Time'],
    regions: 'Europe/Athens Europe/Helsinki Europe/Kiev Africa/Cairo',
  },
  {
    standard: ['WET', 'Western European Standard Time'],
    summer: ['WEST', 'Western European Summer Time'],
    generic: ['WET', 'Western European Time'],
    regions: 'Europe/Lisbon',
  },
  {
    standard: ['GMT', 'Greenwich Mean Time'],
    summer: ['BST', 'British Summer Time'],
    generic: ['BT', 'British Time'],
    regions: 'Europe/London',
  },
  {
    standard: ['GMT', 'Greenwich Mean Time'],
    summer: ['IST', 'Irish Standard Time'],
    generic: ['IT', 'Irish Time'],
    regions: 'Europe/Dublin',
  },
  {
    standard: ['EST', 'Eastern Standard Time'],
    summer: ['EDT', 'Eastern Daylight Time'],
    generic: ['ET', 'Eastern Time'],
    regions: 'America/New_York America/Toronto EST5EDT',
  },
  {
    standard: ['CST', 'Central Standard Time'],
    summer: ['CDT', 'Central Daylight Time'],
    generic: ['CT', 'Central Time'],
    regions: 'America/Chicago',
  },
  {
    standard: ['MST', 'Mountain Standard Time'],
    summer: ['MDT', 'Mountain Daylight Time'],
    generic: ['MT', 'Mountain Time'],
    regions: 'America/Denver America/Phoenix',
  },
  {
    standard: ['PST', 'Pacific Standard Time'],
    summer: ['PDT', 'Pacific Daylight Time'],
    generic: ['PT', 'Pacific Time'],
    regions: 'America/Los_Angeles',
  },
  {
    standard: ['AKST', 'Alaska Standard Time'],
    summer: ['AKDT', 'Alaska Daylight Time'],
    generic: ['AKT', 'Alaska Time'],
    regions: 'America/Anchorage',
  },
  {
    standard: ['AST', 'Atlantic Standard Time'],
    summer: ['ADT', 'Atlantic Daylight Time'],
    generic: ['AT', 'Atlantic Time'],
    regions: 'America/Halifax',
  },
  {
    standard: ['NST', 'Newfoundland Standard Time'],
    summer: ['NDT', 'Newfoundland Daylight Time'],
    generic: ['NT', 'Newfoundland Time'],
    regions: 'America/St_Johns',
  },
  {
    standard: ['NZST', 'New Zealand Standard Time'],
    summer: ['NZDT', 'New Zealand Daylight Time'],
    generic: ['NZT', 'New Zealand Time'],
    regions: 'Pacific/Auckland',
  },
  {
    standard: ['AEST', 'Australian Eastern Standard Time'],
    summer: ['AEDT', 'Australian Eastern Daylight Time'],
    generic: ['AET', 'Eastern Australia Time'],
    regions: 'Australia/Sydney Australia/Brisbane',
  },
  {
    standard: ['ACST', 'Australian Central Standard Time'],
    summer: ['ACDT', 'Australian Central Daylight Time'],
    generic: ['ACT', 'Central Australia Time'],
    regions: 'Australia/Adelaide Australia/Darwin',
  },
  {
    standard: ['IST', 'Israel Standard Time'],
    summer: ['IDT', 'Israel Daylight Time'],
    generic: ['IT', 'Israel Time'],
    regions: 'Asia/Jerusalem',
  },
  { standard: ['MSK', 'Moscow Standard Time'], generic: ['MT', 'Moscow Time'], regions: 'Europe/Moscow' },
  { standard: ['BRT', 'Brasilia Standard Time'], generic: ['BRT', 'Brasilia Time'], regions: 'America/Sao_Paulo' },
  { standard: ['COT', 'Colombia Standard Time'], generic: ['COT', 'Colombia Time'], regions: 'America/Bogota' },
  {
    standard: ['HST', 'Hawaii-Aleutian Standard Time'],
    generic: ['HST', 'Hawaii-Aleutian Time'],
    regions: 'Pacific/Honolulu',
  },
  { standard: ['CST', 'China Standard Time'], generic: ['CT', 'China Time'], regions: 'Asia/Shanghai' },
  { standard: ['HKT', 'Hong Kong Standard Time'], generic: ['HKT', 'Hong Kong Time'], regions: 'Asia/Hong_Kong' },
  { standard: ['SGT', 'Singapore Standard Time'], generic: ['SGT', 'Singapore Time'], regions: 'Asia/Singapore' },
  { standard: ['KST', 'Korean Standard Time'], generic: ['KT', 'Korean Time'], regions: 'Asia/Seoul' },
  { standard: ['IST', 'India Standard Time'], generic: ['IT', 'India Time'], regions: 'Asia/Kolkata Asia/Calcutta' },
  { standard: ['JST', 'Japan Standard Time'], generic: ['JT', 'Japan Time'], regions: 'Asia/Tokyo' },
  { standard: ['GST', 'Gulf Standard Time'], generic: ['GT', 'Gulf Time'], regions: 'Asia/Dubai' },
  {
    standard: ['SAST', 'South Africa Standard Time'],
    generic: ['SAT', 'South Africa Time'],
    regions: 'Africa/Johannesburg',
  },
  {
    standard: ['AWST', 'Australian Western Standard Time'],
    generic: ['AWT', 'Western Australia Time'],
    regions: 'Australia/Perth',
  },
  {
    standard: ['UTC', 'Coordinated Universal Time'],
    generic: ['UTC', 'Coordinated Universal Time'],
    regions: 'UTC Etc/UTC',
  },
  { standard: ['GMT', 'Greenwich Mean Time'], generic: ['GMT', 'Greenwich Mean Time'], regions: 'GMT' },
];

/** Names by region. */
export const zoneNames: ReadonlyMap<string, ZoneNames> = new Map(
  families.flatMap((family) => family.regions.split(' ').map((region) => [region, family] as const)),
);

/** The region that Java takes for a name in text, by lower case, where that is proven. */
export const regionsByShortName: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pst: 'America/Los_Angeles',
    pdt: 'America/Los_Angeles',
    est: 'America/New_York',
    mst: 'America/Denver',
    cst: 'America/Chicago',
    cest: 'Europe/Berlin',
    jst: 'Asia/Tokyo',
    msk: 'Europe/Moscow',
    hst: 'Pacific/Honolulu',
    aest: 'Australia/Sydney',
  }),
);
export const regionsByLongName: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'pacific standard time': 'America/Los_Angeles',
    'central european standard time': 'Europe/Berlin',
    'coordinated universal time': 'UTC',
  }),
);
