// Which microphones and loudspeakers there are. Their names are known only once the microphone was allowed.

export interface Device {
  readonly id: string;
  readonly label: string;
}

export class Devices {
  microphones = $state.raw<readonly Device[]>([]);
  speakers = $state.raw<readonly Device[]>([]);
  /** Whether the browser lets a page choose the loudspeaker at all. */
  readonly can_choose_speaker = "setSinkId" in HTMLMediaElement.prototype;

  constructor() {
    if (!("mediaDevices" in navigator)) return;
    navigator.mediaDevices.addEventListener("devicechange", () => void this.look());
  }

  async look(): Promise<void> {
    if (!("mediaDevices" in navigator)) return;
    const all = await navigator.mediaDevices.enumerateDevices();
    const of_kind = (kind: MediaDeviceKind): readonly Device[] =>
      all
        .filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default")
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    this.microphones = of_kind("audioinput");
    this.speakers = of_kind("audiooutput");
  }
}
