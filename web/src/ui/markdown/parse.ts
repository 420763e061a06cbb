// A small part of Markdown, as a tree of our own. Whatever is not on the list stays the text that was typed:
// no HTML is ever made from a message.
import { marked, type Token, type Tokens } from "marked";

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "strong" | "em" | "del"; readonly inner: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "link"; readonly href: string; readonly inner: readonly Inline[] }
  | { readonly kind: "break" };
export type Block =
  | { readonly kind: "paragraph" | "heading"; readonly inner: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly inner: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "rule" };

const DEEPEST = 8;
const MOST_NESTING_MARKS = 24;

export function parse(text: string): readonly Block[] {
  // Towers of quotes and lists say nothing and cost a stack.
  if (nesting(text) > MOST_NESTING_MARKS) return plain(text);
  try {
    return marked.lexer(text, { gfm: true, breaks: true }).flatMap((token) => block(token, 0));
  } catch {
    return plain(text);
  }
}

function nesting(text: string): number {
  let most = 0;
  for (const line of text.split("\n")) {
    const marks = /^(?:\s|[>*+-]|\d+[.)])+/.exec(line)?.[0].match(/[>*+-]|\d+/g)?.length ?? 0;
    most = Math.max(most, /^\s*[-*]+\s*$/.test(line) ? 0 : marks);
  }
  return most;
}

function plain(text: string): readonly Block[] {
  return [{ kind: "paragraph", inner: [{ kind: "text", text }] }];
}

/** Only addresses that open a page or a letter; everything else stays text. */
export function safe_href(href: string): string | undefined {
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function block(token: Token, depth: number): readonly Block[] {
  if (depth > DEEPEST) return plain(token.raw);
  switch (token.type) {
    case "space":
    case "def":
      return token.type === "def" ? plain(token.raw.trimEnd()) : [];
    case "paragraph":
    case "heading":
      return [{ kind: token.type, inner: inline((token as Tokens.Paragraph).tokens, depth) }];
    case "text": {
      const { tokens, raw } = token as Tokens.Text;
      return tokens === undefined ? plain(raw) : [{ kind: "paragraph", inner: inline(tokens, depth) }];
    }
    case "code":
      return token.text === "" ? plain(token.raw) : [{ kind: "code", text: (token as Tokens.Code).text }];
    case "blockquote":
      return [
        { kind: "quote", inner: (token as Tokens.Blockquote).tokens.flatMap((inner) => block(inner, depth + 1)) },
      ];
    case "list":
      return [list(token as Tokens.List, depth)];
    case "hr":
      return [{ kind: "rule" }];
    default:
      return plain(token.raw.trimEnd());
  }
}

function list({ ordered, start, items }: Tokens.List, depth: number): Block {
  return {
    kind: "list",
    start: ordered && typeof start === "number" ? start : undefined,
    items: items.map(({ tokens }) => tokens.flatMap((token) => block(token, depth + 1))),
  };
}

function inline(tokens: readonly Token[], depth: number): readonly Inline[] {
  return tokens.flatMap((token) => one_inline(token, depth));
}

function one_inline(token: Token, depth: number): readonly Inline[] {
  if (depth > DEEPEST * 2) return [{ kind: "text", text: token.raw }];
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [{ kind: token.type, inner: inline((token as Tokens.Strong).tokens, depth + 1) }];
    case "codespan":
      return [{ kind: "code", text: (token as Tokens.Codespan).text }];
    case "br":
      return [{ kind: "break" }];
    case "escape":
      return [{ kind: "text", text: (token as Tokens.Escape).text }];
    case "link":
      return link(token as Tokens.Link, depth);
    case "text": {
      const { tokens, text } = token as Tokens.Text;
      return tokens === undefined ? [{ kind: "text", text }] : inline(tokens, depth + 1);
    }
    default:
      // Pictures, HTML and all that may come: shown as typed.
      return [{ kind: "text", text: token.raw }];
  }
}

function link(token: Tokens.Link, depth: number): readonly Inline[] {
  const href = safe_href(token.href);
  if (href === undefined) return [{ kind: "text", text: token.raw }];
  return [{ kind: "link", href, inner: inline(token.tokens, depth + 1) }];
}
