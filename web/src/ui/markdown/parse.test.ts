import { describe, expect, test } from "vitest";
import { parse, safe_href, type Block, type Inline } from "./parse";

/** All text that would be shown. */
function shown(blocks: readonly Block[]): string {
  const inline = (parts: readonly Inline[]): string =>
    parts.map((part) => ("inner" in part ? inline(part.inner) : "text" in part ? part.text : "\n")).join("");
  return blocks
    .map((block) => {
      if (block.kind === "list") return block.items.map(shown).join("\n");
      if (block.kind === "quote") return shown(block.inner);
      if (block.kind === "code") return block.text;
      return block.kind === "rule" ? "" : inline(block.inner);
    })
    .join("\n");
}
function links(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(links);
  if (typeof value !== "object" || value === null) return [];
  const own = "href" in value && typeof value.href === "string" ? [value.href] : [];
  return [...own, ...Object.values(value).flatMap(links)];
}

describe("what is understood", () => {
  test("emphasis, code, links, breaks", () => {
    expect(parse("a **b** _c_ ~~d~~ `e`\nf https://x.example/")).toEqual([
      {
        kind: "paragraph",
        inner: [
          { kind: "text", text: "a " },
          { kind: "strong", inner: [{ kind: "text", text: "b" }] },
          { kind: "text", text: " " },
          { kind: "em", inner: [{ kind: "text", text: "c" }] },
          { kind: "text", text: " " },
          { kind: "del", inner: [{ kind: "text", text: "d" }] },
          { kind: "text", text: " " },
          { kind: "code", text: "e" },
          { kind: "break" },
          { kind: "text", text: "f " },
          { kind: "link", href: "https://x.example/", inner: [{ kind: "text", text: "https://x.example/" }] },
        ],
      },
    ]);
  });

  test("lists, quotes, code blocks", () => {
    const blocks = parse("- a\n- b\n\n3. c\n\n> d\n\n```\n<b>e\n```");
    expect(blocks.map(({ kind }) => kind)).toEqual(["list", "list", "quote", "code"]);
    expect(blocks[1]).toMatchObject({ start: 3 });
    expect(blocks[3]).toEqual({ kind: "code", text: "<b>e" });
  });

  test("characters stay the characters that were typed", () => {
    expect(shown(parse("a &amp; b < c > d \"e\" 'f' &lt;script&gt;"))).toBe(
      "a &amp; b < c > d \"e\" 'f' &lt;script&gt;",
    );
  });
});

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "![x](javascript:alert(1))",
  '![x](https://x.example/a.png "onerror=alert(1)")',
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:x)",
  "[x](//evil.example)",
  "[x](/r/other)",
  "<javascript:alert(1)>",
  "<a href='javascript:alert(1)'>x</a>",
  "[a]: javascript:alert(1)\n[a]",
  "<iframe srcdoc='<script>1</script>'>",
  "`<script>`",
  "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
  "<!--<img src=x onerror=alert(1)>-->",
  "&#106;avascript:alert(1)",
  "[x](&#106;avascript:alert(1))",
];

describe("what is inert", () => {
  test.each(ATTACKS)("%s", (attack) => {
    const tree = parse(attack);
    for (const href of links(tree)) expect(href).toMatch(/^(https?|mailto):/);
    const kinds = JSON.stringify(tree).match(/"kind":"[a-z]+"/g) ?? [];
    for (const kind of kinds) {
      expect([
        "text",
        "strong",
        "em",
        "del",
        "code",
        "link",
        "break",
        "paragraph",
        "heading",
        "quote",
        "list",
        "rule",
      ]).toContain(kind.slice(8, -1));
    }
  });

  test("pictures and HTML are shown as they were typed", () => {
    expect(shown(parse("see <b>this</b> ![a](https://x.example/a.png)"))).toBe(
      "see <b>this</b> ![a](https://x.example/a.png)",
    );
  });

  test("addresses that are not addresses", () => {
    for (const href of ["javascript:1", "data:x", "blob:https://x/1", "file:///etc/passwd", "x", "", " javascript:1"]) {
      expect(safe_href(href)).toBeUndefined();
    }
    expect(safe_href("mailto:a@b.example")).toBe("mailto:a@b.example");
  });
});

describe("what is hostile to the machine", () => {
  const started = (text: string): number => {
    const begin = performance.now();
    parse(text);
    return performance.now() - begin;
  };
  test.each([
    [">".repeat(4000)],
    ["> ".repeat(2000)],
    ["- ".repeat(2000)],
    ["*a ".repeat(1300)],
    ["[".repeat(4000)],
    ["`".repeat(4000)],
    ["**".repeat(2000)],
    ["_a*b".repeat(1000)],
    ["<".repeat(4000)],
    ["(https://".repeat(400)],
    ["a@".repeat(2000)],
    ["1. ".repeat(1300)],
  ])("%#", (text) => {
    expect(started(text)).toBeLessThan(2000);
    expect(parse(text).length).toBeGreaterThan(0);
  });
});
