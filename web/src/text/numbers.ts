const minus = "−";

/** Number formats of a language. An absent value is a dash, never a zero. */
export class Numbers {
  private readonly formats = new Map<string, Intl.NumberFormat>();
  private readonly isKorean: boolean;

  constructor(private readonly locale: string) {
    this.isKorean = locale.startsWith("ko");
  }

  fixed(value: number | null | undefined, decimals: number): string {
    return value === null || value === undefined ? "–" : withMinusSign(this.format(decimals, "auto").format(value));
  }

  signed(value: number | null | undefined, decimals: number): string {
    return value === null || value === undefined ? "–" : withMinusSign(this.format(decimals, "exceptZero").format(value));
  }

  percent(value: number | null | undefined): string {
    return value === null || value === undefined ? "–" : `${this.signed(value, 2)}%`;
  }

  whole(value: number | null | undefined): string {
    return this.fixed(value, 0);
  }

  /** With the decimals that the value has, at most six. */
  plain(value: number | null | undefined): string {
    if (value === null || value === undefined) return "–";
    const [, decimals = ""] = String(value).split(".");
    return this.fixed(value, Math.min(decimals.length, 6));
  }

  /** A large amount, of won or of shares, in the usual units of the language: 만, 억 and 조, or thousands, millions and billions. */
  amount(value: number | null | undefined, signed = false): string {
    if (value === null || value === undefined) return "–";
    const steps: readonly (readonly [number, string])[] = this.isKorean
      ? [
          [1e12, "조"],
          [1e8, "억"],
          [1e4, "만"],
        ]
      : [
          [1e12, "T"],
          [1e9, "bn"],
          [1e6, "m"],
          [1e3, "k"],
        ];
    return this.scaled(value, steps, signed);
  }

  bytes(value: number): string {
    return this.scaled(value, [
      [1 << 30, " GiB"],
      [1 << 20, " MiB"],
      [1 << 10, " KiB"],
      [1, " B"],
    ]);
  }

  private scaled(value: number, steps: readonly (readonly [number, string])[], signed = false): string {
    const step = steps.find(([size]) => Math.abs(value) >= size);
    const scaled = step === undefined ? value : value / step[0];
    const decimals = step === undefined || step[0] === 1 || Math.abs(scaled) >= 1000 ? 0 : Math.abs(scaled) >= 100 ? 1 : 2;
    return `${signed ? this.signed(scaled, decimals) : this.fixed(scaled, decimals)}${step?.[1] ?? ""}`;
  }

  private format(decimals: number, sign: "auto" | "exceptZero"): Intl.NumberFormat {
    const name = `${decimals}${sign}`;
    let format = this.formats.get(name);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: sign });
      this.formats.set(name, format);
    }
    return format;
  }
}

/** Replaces the hyphen with a minus sign, and removes it from a number that is rounded to zero. */
function withMinusSign(text: string): string {
  return text.replace(/^-(?=0(\.0*)?$)/, "").replace("-", minus);
}
