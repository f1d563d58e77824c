using System.Diagnostics.Metrics;
using KisFeed.Gateway.Tests.Broker;

namespace KisFeed.Gateway.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task Instruments_report_values_until_the_gateway_stops()
    {
        using var meter = new OneMeterFactory();
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { MeterFactory = meter });
        using var listener = new MeterListener();
        var readings = new Dictionary<string, long>(StringComparer.Ordinal);
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter.Meter)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => readings[string.Join(' ', [instrument.Name, .. tags.ToArray().Select(t => t.Value)])] = value);
        listener.Start();
        await using var consumer = await testGateway.ConnectAsync();
        await consumer.RegisterAsync(TestGateway.Index, "0001");
        for (var i = 0; i < 5; i++)
            await consumer.ReceiveFrameAsync();

        listener.RecordObservableInstruments();

        readings["kisfeed.gateway.connections"].ShouldBe(1);
        readings["kisfeed.gateway.registrations"].ShouldBe(1);
        readings["kisfeed.gateway.keys registered"].ShouldBe(1);
        readings["kisfeed.gateway.keys pending"].ShouldBe(0);
        readings["kisfeed.gateway.frames.received"].ShouldBeGreaterThanOrEqualTo(5);
        readings["kisfeed.gateway.frames.sent"].ShouldBeGreaterThanOrEqualTo(5);
        readings["kisfeed.gateway.refusals too_slow"].ShouldBe(0);
        readings["kisfeed.gateway.consumer.connections (everybody)"].ShouldBe(1);
        await testGateway.Gateway.StopAsync();
        readings.Clear();
        listener.RecordObservableInstruments();
        readings.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_operations_page_lists_every_instrument()
    {
        using var meter = new OneMeterFactory();
        List<string> published = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == meter.Meter)
                    published.Add($"{instrument.Name} {(instrument is ObservableCounter<long> ? "counter" : "level")} {instrument.Unit}");
            },
        };
        listener.Start();
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { MeterFactory = meter });

        var page = await File.ReadAllLinesAsync(Path.Combine(RepositoryRoot.Path, "docs/operations.md"));
        var listed = page
            .Where(line => line.StartsWith("| `kisfeed.gateway.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1].Trim('`')} {cells[2]} {cells[3].Trim('`')}");
        listed.ShouldBe(published, ignoreOrder: true);
    }
}
