using System.Diagnostics.Metrics;
using KisFeed.Capture.Recording;

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
    public void The_instruments_match_the_page_and_report_the_status()
    {
        using var factory = new OneMeterFactory();
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        List<string> published = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter != factory.Meter)
                return;
            published.Add($"{instrument.Name} {KindOf(instrument)} {instrument.Unit}");
            l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        using var folder = new CaptureFolder();
        using (RecorderMetrics.Create(
            new CaptureRecorderOptions { Writer = new CaptureWriterOptions { Directory = folder.Path }, MeterFactory = factory },
            () => s_status))
        {
            Listed().ShouldBe(published);
            listener.RecordObservableInstruments();
            values.Values.Take(7).ShouldBe([60, 5_000, 7, 6, 5, 32, 1]);
            values["kisfeed.capture.disk.free"].ShouldBePositive();
            values["kisfeed.capture.disk.size"].ShouldBeGreaterThanOrEqualTo(values["kisfeed.capture.disk.free"]);
        }

        values.Clear();
        listener.RecordObservableInstruments();
        values.ShouldBeEmpty("the recorder has ended");
    }

    [Fact]
    public void Free_space_of_a_missing_folder_is_not_reported()
    {
        using var factory = new OneMeterFactory();
        using var folder = new CaptureFolder();
        List<string> read = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => l.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) =>
        {
            if (instrument.Meter == factory.Meter)
                read.Add(instrument.Name);
        });
        using var metrics = RecorderMetrics.Create(
            new CaptureRecorderOptions
            {
                Writer = new CaptureWriterOptions { Directory = Path.Combine(folder.Path, "none") },
                MeterFactory = factory,
            },
            () => s_status);
        listener.Start();

        listener.RecordObservableInstruments();

        read.ShouldNotContain("kisfeed.capture.disk.free", StringComparer.Ordinal);
        read.ShouldContain("kisfeed.capture.frames", StringComparer.Ordinal);
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        ObservableCounter<long> => "counter",
        ObservableGauge<long> => "gauge",
        _ => "level",
    };

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
