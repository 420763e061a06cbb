/** Makes an effect run again whenever one of these changes. */
export function follow(..._values: readonly unknown[]): void {
  // Reading them was all.
}
