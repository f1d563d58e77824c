using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>The options for the retention of captures.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<int?> _keepDays = CommonOptions.KeepDays(
        "Keep the captures of the last N days in Korea, today included; delete older ones. [keep all]");
    private readonly Option<long?> _maxSize = ParsedOption.Create<long>(
        "--max-size",
        "10G",
        "Delete the oldest capture files while the folder holds more than this; files being written are never deleted. [no limit]",
        ByteSize.TryParse,
        text => $"'{text}' is not a valid size. Use a number and a unit, e.g. 500M or 10G.");

    public Option[] All => [_keepDays, _maxSize];

    public CaptureRetention Read(ParseResult arguments) =>
        new() { KeepDays = arguments.GetValue(_keepDays), MaxBytes = arguments.GetValue(_maxSize) };
}
