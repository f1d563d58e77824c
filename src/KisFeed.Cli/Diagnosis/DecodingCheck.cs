namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the first frame has a known layout and can be read.</summary>
internal sealed class DecodingCheck() : Check(UiText.Of("decoding", "해독"), isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult(Check(context));

    private IReadOnlyList<Finding> Check(DoctorContext context)
    {
        if (context.First is not { } first)
            return [Skipped(UiText.Of("there is no frame", "프레임이 없음"))];
        if (first.Event is MalformedFrame malformed)
            return [Unreadable(malformed.Error.ToString())];

        var feed = context.Target!.Feed;
        var reading = FrameReading.Of(feed, first);
        context.Reading = reading;
        if (reading.Error is { } error)
            return [Unreadable(error)];
        var records = reading.Records == 1 ? UiText.Of(
            "1 record",
            "레코드 1건") : UiText.Of($"{reading.Records} records", $"레코드 {reading.Records}건");
        return
        [
            first.Shape.IsUnknownWidth ? Unknown(feed, first.Shape) : Ok(UiText.Of(
                $"{records} of {first.Shape.Width} columns, all of them readable",
                $"{records}, 컬럼 {first.Shape.Width}개, 모두 읽을 수 있음")),
        ];
    }

    private Finding Unknown(FeedSchema feed, in FrameShape shape)
    {
        var names = Enumerable.Range(shape.Layout.Width + 1, shape.Width - shape.Layout.Width).Select(i => $"\"COLUMN_{i}\"");
        return Warning(
            UiText.Of(
                $"{feed.TrId} has {shape.Width} columns, of which {shape.Layout.Width} are known: the broker has appended some. No data "
                    + "is lost, but these have no names",
                $"{feed.TrId}: 컬럼 {shape.Width}개 가운데 {shape.Layout.Width}개만 압니다. 증권사가 컬럼을 덧붙였습니다. 잃는 데이터는 없지만 이름이 없습니다"),
            "Name them in a layout file and use it with --layouts: "
                + $"{{\"layouts\":[{{\"trId\":\"{feed.TrId}\",\"append\":[{string.Join(',', names)}]}}]}}");
    }

    private Finding Unreadable(string error) => Failed(
        UiText.Of($"the frame cannot be read: {error}", $"프레임을 읽을 수 없음: {error}"),
        UiText.Of(
            "The layout has changed in an unknown way. See docs/layouts.md, and report it to the project with the frame (shown by "
                + "kisfeed watch --format json), without account numbers.",
            "레이아웃이 알 수 없게 바뀌었습니다. docs/layouts.md를 보고, kisfeed watch --format json으로 나오는 프레임을 계좌번호 없이 프로젝트에 알려 주세요."),
        ExitCode.MalformedData);
}
