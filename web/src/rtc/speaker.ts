// What comes out: one audio element for each slot; a gain node only for voices that shall be louder than they came.

type WithSink = { setSinkId?: (id: string) => Promise<void> };

export class SlotSpeaker {
  private readonly element = new Audio();
  private readonly stream = new MediaStream();
  private source: MediaStreamAudioSourceNode | undefined;
  private gain: GainNode | undefined;
  private volume = 1;
  private hearing = true;

  constructor(
    readonly receiver: RTCRtpReceiver,
    private readonly context: () => AudioContext,
    private readonly refused: () => void,
  ) {
    this.stream.addTrack(receiver.track);
    this.element.srcObject = this.stream;
    this.element.autoplay = true;
    void this.play();
  }

  async play(): Promise<void> {
    try {
      await this.element.play();
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.refused();
    }
  }

  /** 0 to 2; above 1 the sound goes through a gain node while the silent element keeps it flowing. */
  set_volume(volume: number): void {
    this.volume = volume;
    this.apply();
  }

  hear(on: boolean): void {
    this.hearing = on;
    this.apply();
  }

  async set_sink(device: string): Promise<void> {
    await (this.element as WithSink).setSinkId?.(device);
  }

  close(): void {
    this.source?.disconnect();
    this.gain?.disconnect();
    this.element.srcObject = null;
    this.element.pause();
  }

  private apply(): void {
    const volume = this.hearing ? this.volume : 0;
    const loud = volume > 1;
    if (loud) this.amplify();
    if (this.gain !== undefined) this.gain.gain.value = loud ? volume : 0;
    this.element.volume = loud ? 1 : volume;
    this.element.muted = loud || !this.hearing;
  }

  private amplify(): void {
    if (this.gain !== undefined) return;
    const context = this.context();
    this.source = context.createMediaStreamSource(this.stream);
    this.gain = context.createGain();
    this.source.connect(this.gain).connect(context.destination);
  }
}
