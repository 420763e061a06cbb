// Addresses that stay: `/` is #lobby, `/r/NAME` is #NAME, `/j/TOKEN` an invite.

export function room_in_path(path: string): string | undefined {
  if (path === "/") return "#lobby";
  const match = /^\/r\/(.+?)\/?$/.exec(path);
  if (match?.[1] === undefined) return undefined;
  try {
    return `#${decodeURIComponent(match[1])}`;
  } catch {
    return undefined;
  }
}

export function path_of(room: string): string {
  return `/r/${room.slice(1).split("/").map(encodeURIComponent).join("/")}`;
}

export function is_invite(path: string): boolean {
  return path.startsWith("/j/");
}

/** What stands behind the # of the operator's link. */
export function operator_key(hash: string): string | undefined {
  return /^#operator=([0-9a-f]{32,128})$/.exec(hash)?.[1];
}
