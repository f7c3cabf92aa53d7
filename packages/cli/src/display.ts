/** Where progress is shown; a terminal says so by `isTTY`. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** The words beside a bar or in a line; empty where there is nothing to say yet. */
export interface Status {
  readonly done: number;
  readonly rate: string;
  readonly left: string;
  readonly text: string;
}

/** One way to show progress. */
export interface Display {
  update(status: Status): void;
  /** Writes a line of its own. */
  log(line: string): void;
  /** Makes way for the last line. */
  clear(): void;
}
