// The two live regions of the page, one polite and one assertive, and the only way into them.

export class Announcer {
  polite = $state("");
  assertive = $state("");

  announce(text: string, level: "polite" | "assertive" = "polite"): void {
    // The same words again are news only when the region's text differs.
    if (level === "polite") this.polite = text === this.polite ? `${text}\u00a0` : text;
    else this.assertive = text === this.assertive ? `${text}\u00a0` : text;
  }
}
