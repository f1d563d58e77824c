using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>Options that bound the time range of a capture.</summary>
internal static class CaptureTimeOption
{
    /// <summary>Rejects an empty time range.</summary>
    public static void RejectEmptyRange(CaptureTime? from, CaptureTime? to)
    {
        if (CaptureTime.Contradict(from, to))
        {
            throw new CommandException(UiText.Of(
                $"--from {from} is not before --to {to}: the range is empty",
                $"--from {from}이 --to {to}보다 앞서지 않아 범위가 비어 있습니다"));
        }
    }

    public static Option<CaptureTime?> Create(string name, string description) => ParsedOption.Create<CaptureTime>(
        name,
        "TIME",
        description,
        CaptureTime.TryParse,
        text => UiText.Of(
            $"'{text}' is not a valid time. Use a time of day in Korea, e.g. 09:00 or 09:00:30, or 2026-11-20, 2026-11-20T09:00 or "
                + "2026-11-20T00:00:00Z.",
            $"'{text}': 올바른 시각이 아닙니다. 한국 시각(09:00, 09:00:30)이나 2026-11-20, 2026-11-20T09:00, 2026-11-20T00:00:00Z처럼 쓰세요."));
}
