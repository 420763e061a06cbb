// What the device around the page should know of a call: keys on headsets and lock screens, and a screen that stays on.

export interface HeldCall {
  readonly room: string;
  readonly toggle_mute: () => void;
  readonly leave: () => void;
}

/** Gives back what ends it. */
export function hold_call(call: HeldCall): () => void {
  const wake = new WakeLock();
  if ("mediaSession" in navigator) {
    navigator.mediaSession.metadata = new MediaMetadata({ title: call.room, artist: "earshot" });
    set_action("togglemicrophone", call.toggle_mute);
    set_action("hangup", call.leave);
  }
  return () => {
    wake.release();
    if (!("mediaSession" in navigator)) return;
    navigator.mediaSession.metadata = null;
    set_action("togglemicrophone", null);
    set_action("hangup", null);
  };
}

function set_action(action: string, handler: (() => void) | null): void {
  try {
    navigator.mediaSession.setActionHandler(action as MediaSessionAction, handler);
  } catch {
    // Not every browser knows the actions of calls.
  }
}

class WakeLock {
  private held: WakeLockSentinel | undefined;
  private released = false;
  private readonly visible = (): void => {
    // The browser lets go of it whenever the page is hidden.
    if (!document.hidden) void this.take();
  };

  constructor() {
    if (!("wakeLock" in navigator)) return;
    document.addEventListener("visibilitychange", this.visible);
    void this.take();
  }

  release(): void {
    this.released = true;
    document.removeEventListener("visibilitychange", this.visible);
    void this.held?.release();
  }

  private async take(): Promise<void> {
    try {
      const sentinel = await navigator.wakeLock.request("screen");
      if (this.released) await sentinel.release();
      else this.held = sentinel;
    } catch {
      // A low battery may refuse it.
    }
  }
}
