using System.Diagnostics.Metrics;

namespace KisFeed.Tests.Client;

/// <summary>Reads the instruments of one client like an exporter.</summary>
internal sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Instrument, Dictionary<string, object?> Tags, double Value)> _read = [];
    private readonly string _client;

    public MeterReadings(string client)
    {
        _client = client;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == KisFeedDiagnostics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => OnMeasurement(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => OnMeasurement(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The current measurements, without the tag of the client name.</summary>
    public List<(string Instrument, Dictionary<string, object?> Tags, double Value)> Read()
    {
        _read.Clear();
        _listener.RecordObservableInstruments();
        return [.. _read];
    }

    /// <summary>The sum of an instrument's current measurements with the given tags; <see langword="null"/> if there are none.</summary>
    public double? Sum(string instrument, params (string Name, object Value)[] tags)
    {
        var found = Read().Where(m => m.Instrument == instrument && tags.All(t => t.Value.Equals(m.Tags.GetValueOrDefault(t.Name))))
            .ToList();
        return found.Count == 0 ? null : found.Sum(m => m.Value);
    }

    public void Dispose() => _listener.Dispose();

    private void OnMeasurement(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = tags.ToArray().ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal);
        if (all.Remove("kisfeed.client", out var client) && _client.Equals(client))
            _read.Add((instrument.Name, all, value));
    }
}
