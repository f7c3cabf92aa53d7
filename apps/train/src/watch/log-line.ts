/** Names that a chart can have; a log is data, and may hold anything. */
const NAME = /^[\w-]{1,40}$/;

/** A line of a log. */
export interface LogEvent {
  readonly type: string;
  /** By their path, such as `fusion.total`. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** What a line of a log says; null if it is no event. */
export function eventOf(line: string): LogEvent | null {
  const event = parsed(line);
  if (!event || typeof event['type'] !== 'string') return null;
  return { type: event['type'], numbers: numbersOf(event) };
}

/** The numbers of a record, and of the records in it, by their path. */
export function numbersOf(event: object): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, value] of Object.entries(event)) {
    if (!NAME.test(name)) continue;
    if (isNumber(value)) numbers.set(name, value);
    if (!isRecord(value)) continue;
    for (const [part, inner] of Object.entries(value)) {
      if (NAME.test(part) && isNumber(inner)) numbers.set(`${name}.${part}`, inner);
    }
  }
  return numbers;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
