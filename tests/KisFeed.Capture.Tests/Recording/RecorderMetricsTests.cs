using System.Diagnostics.Metrics;
using KisFeed.Testing;

namespace KisFeed.Capture.Tests.Recording;

public sealed class RecorderMetricsTests
{
    private static readonly CaptureRecorderStatus s_status = new()
    {
        Received = 100,
        Flushed = 60,
        Dropped = 7,
        Malformed = 3,
        Withheld = 1,
        Gaps = 2,
        Bytes = 5_000,
        Files = 4,
        LostFiles = 5,
        Failures = 6,
        Problem = "full",
    };

    [Fact]
    public void The_instruments_are_those_that_the_page_lists_and_read_the_status()
    {
        using var factory = new OneMeterFactory();
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        List<string> published = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter != factory.Meter)
                return;
            published.Add($"{instrument.Name} {(instrument is ObservableCounter<long> ? "counter" : "level")} {instrument.Unit}");
            l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        using (new RecorderMetrics(new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = "x" }, MeterFactory = factory }, () => s_status))
        {
            Listed().ShouldBe(published);
            listener.RecordObservableInstruments();
            values.Values.ShouldBe([60, 5_000, 7, 6, 5, 32, 1]);
        }

        values.Clear();
        listener.RecordObservableInstruments();
        values.ShouldBeEmpty("the recorder has ended");
    }

    private static IEnumerable<string> Listed()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KisFeed.slnx")))
            folder = folder.Parent!;
        return File.ReadLines(Path.Combine(folder.FullName, "docs/recording.md"))
            .Where(line => line.StartsWith("| `kisfeed.capture.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1].Trim('`')} {cells[2]} {cells[3].Trim('`')}");
    }
}
