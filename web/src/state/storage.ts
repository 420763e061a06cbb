// What the client remembers between visits. Private windows may refuse storage; then it forgets, and works.

export interface Storage {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export class MemoryStorage implements Storage {
  private readonly values = new Map<string, string>();
  get(key: string): string | undefined {
    return this.values.get(key);
  }
  set(key: string, value: string): void {
    this.values.set(key, value);
  }
  remove(key: string): void {
    this.values.delete(key);
  }
}

export class WebStorage implements Storage {
  constructor(
    private readonly under: () => globalThis.Storage,
    private readonly prefix = "earshot.",
  ) {}

  get(key: string): string | undefined {
    return this.attempt((store) => store.getItem(this.prefix + key) ?? undefined);
  }
  set(key: string, value: string): void {
    this.attempt((store) => {
      store.setItem(this.prefix + key, value);
    });
  }
  remove(key: string): void {
    this.attempt((store) => {
      store.removeItem(this.prefix + key);
    });
  }

  private attempt<T>(action: (store: globalThis.Storage) => T): T | undefined {
    try {
      return action(this.under());
    } catch {
      // Blocked or full: the visit goes on without a memory.
      return undefined;
    }
  }
}

/** Reads JSON that an older or a meddled-with version may have written. */
export function readJson(storage: Storage, key: string): unknown {
  const text = storage.get(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
