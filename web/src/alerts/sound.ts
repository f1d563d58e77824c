/** Two short tones, in hertz and seconds after the start. */
const tones = [
  { frequency: 880, at: 0 },
  { frequency: 1_320, at: 0.16 },
];
const toneLength = 0.14;
const volume = 0.2;

/** The sound of an alert, made by WebAudio. Browsers play it only after the viewer has clicked or typed in the page. */
export class Sound {
  private audio: AudioContext | null = null;

  /** @param isOn Whether the viewer wants a sound, so that audio is prepared at the first click or key. */
  constructor(isOn: () => boolean) {
    for (const gesture of ["pointerdown", "keydown"] as const)
      addEventListener(gesture, () => isOn() && this.prepare(), { capture: true, passive: true });
  }

  play(): void {
    const audio = this.prepare();
    for (const { frequency, at } of tones) {
      const start = audio.currentTime + at;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(volume, start);
      gain.gain.exponentialRampToValueAtTime(0.001, start + toneLength);
      tone.connect(gain).connect(audio.destination);
      tone.start(start);
      tone.stop(start + toneLength);
    }
  }

  private prepare(): AudioContext {
    this.audio ??= new AudioContext();
    if (this.audio.state === "suspended") void this.audio.resume();
    return this.audio;
  }
}
