namespace KisFeed.Capture.Tests;

public sealed class CaptureTimeTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Theory]
    [InlineData("09:00", "09:00:00")]
    [InlineData("09:00:30.5", "09:00:30.5")]
    [InlineData("2026-11-20", "2026-11-20T00:00:00.0000000+09:00")]
    [InlineData("2026-11-20T09:30", "2026-11-20T09:30:00.0000000+09:00")]
    [InlineData("2026-11-20T00:30:00Z", "2026-11-20T09:30:00.0000000+09:00")]
    [InlineData("2026-11-20T00:30:00+00:00", "2026-11-20T09:30:00.0000000+09:00")]
    public void Times_of_day_and_instants_are_parsed(string text, string expected)
    {
        CaptureTime.TryParse(text, out var time).ShouldBeTrue();
        time.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("9:00")]
    [InlineData("25:00")]
    [InlineData("2026-11-31")]
    [InlineData("20261120")]
    [InlineData("noon")]
    public void Other_texts_are_rejected(string? text) => CaptureTime.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("09:00:01", "09:00:03", new[] { 1_000, 2_000, 86_401_000, 86_402_000 })]
    [InlineData("2026-11-21", null, new[] { 86_400_000, 86_401_000, 86_402_000, 86_403_000 })]
    [InlineData(null, "2026-11-20T09:00:01", new[] { 0 })]
    [InlineData("2026-11-20T09:00:03", "09:00:01", new[] { 86_400_000 })]
    public async Task Reading_starts_at_From_and_ends_before_To(string? from, string? to, int[] expected)
    {
        using (var writer = _folder.Write())
        {
            for (var day = 0; day < 2; day++)
            {
                for (var second = 0; second < 4; second++)
                    writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At((day * 86_400_000) + (second * 1_000)));
            }

            writer.Close();
        }

        var options = new CaptureReaderOptions
        {
            From = CaptureTime.TryParse(from, out var first) ? first : null,
            To = CaptureTime.TryParse(to, out var end) ? end : null,
        };
        List<int> read = [];
        await foreach (var frame in CaptureReader.Open(_folder.Path, options).ReadFramesAsync())
            read.Add((int)(frame.ReceivedAt - Ticks.Opening).TotalMilliseconds);

        read.ShouldBe(expected);
    }

    public void Dispose() => _folder.Dispose();
}
