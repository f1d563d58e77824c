using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>The options for the retention of captures.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<int?> _keepDays = CommonOptions.KeepDays(
        UiText.Of(
            "Keep the captures of the last N days in Korea, today included; delete older ones. [keep all]",
            "오늘을 포함해 최근 N일(한국 시각)의 기록만 보관하고 그 전 것은 삭제. [모두 보관]"));
    private readonly Option<long?> _maxSize = ParsedOption.Create<long>(
        "--max-size",
        "10G",
        UiText.Of(
            "Delete the oldest capture files while the folder holds more than this; files being written are never deleted. [no limit]",
            "폴더가 이 크기를 넘는 동안 가장 오래된 기록 파일부터 삭제. 쓰고 있는 파일은 지우지 않습니다. [제한 없음]"),
        ByteSize.TryParse,
        text => UiText.Of(
            $"'{text}' is not a valid size. Use a number and a unit, e.g. 500M or 10G.",
            $"'{text}': 올바른 크기가 아닙니다. 500M, 10G처럼 숫자와 단위를 쓰세요."));

    public Option[] All => [_keepDays, _maxSize];

    public CaptureRetention Read(ParseResult arguments) =>
        new() { KeepDays = arguments.GetValue(_keepDays), MaxBytes = arguments.GetValue(_maxSize) };
}
