using System.Diagnostics.Metrics;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.PostgreSql.Tests;

[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class SinkMetricsTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task Instruments_report_the_status_while_the_sink_runs()
    {
        WriteIndexTrades(0, 100);
        using var factory = new OneMeterFactory();
        using var listener = new MeterListener();
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == factory.Meter)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => values[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.Start();
        await using var sink = PostgreSqlSink.Start(Options with { Follow = true, MeterFactory = factory });
        await Patience.UntilAsync(() => sink.Status.Feeds is [{ Records: 100 }]);

        listener.RecordObservableInstruments();

        values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => $"{value.Key} {value.Value}").ShouldBe(
        [
            "kisfeed.sink.duplicates 0", "kisfeed.sink.failures 0", "kisfeed.sink.lag.bytes 0", "kisfeed.sink.lag.time H0UPCNT0 0",
            "kisfeed.sink.malformed 0", "kisfeed.sink.records 100", "kisfeed.sink.transactions 1", "kisfeed.sink.trouble 0",
        ]);
        await sink.StopAsync();
        values.Clear();
        listener.RecordObservableInstruments();
        values.ShouldBeEmpty();
    }
}
