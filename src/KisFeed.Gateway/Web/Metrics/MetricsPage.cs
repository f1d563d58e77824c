using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web.Metrics;

/// <summary>
/// <c>/metrics</c>: the metrics of the gateway, its client, its recorder and the runtime for Prometheus. As in <c>/v1/status</c>, a
/// consumer that is not an operator sees only its own metrics among those of consumers.
/// </summary>
/// <param name="meters">The gateway's meters. All their instruments are observable, so no listener is needed between requests.</param>
internal sealed class MetricsPage(MeterSet meters)
{
    private const string RuntimeMeter = "System.Runtime"; // Memory, garbage collections, threads and processor time, provided by .NET.

    private static readonly double s_processStart = ReadProcessStart();

    public IResult Answer(HttpContext context, Account account) =>
        new WebAnswer(PrometheusText.ContentType, Encoding.UTF8.GetBytes(Read(account).ToString()));

    private PrometheusText Read(Account account)
    {
        var text = new PrometheusText();
        var seesAll = account.IsOperator;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.IsObservable && (meters.Contains(instrument.Meter) || instrument.Meter.Name == RuntimeMeter))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Add(instrument, value, labels));
        listener.Start();
        listener.RecordObservableInstruments();
        text.AddGauge("process.start_time", "s", "When the process started, as Unix time.", s_processStart, []);
        text.AddGauge(
            "kisfeed.build.info", unit: null, "1, with the version as a label.", 1,
            [KeyValuePair.Create("version", (object?)KisFeedDiagnostics.Version)]);
        return text;

        void Add(System.Diagnostics.Metrics.Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
        {
            if (!seesAll && IsOfAnother(account, labels))
                return;
            if (instrument is ObservableCounter<long> or ObservableCounter<double>)
                text.AddCounter(instrument.Name, instrument.Unit, instrument.Description, value, labels);
            else
                text.AddGauge(instrument.Name, instrument.Unit, instrument.Description, value, labels);
        }
    }

    private static bool IsOfAnother(Account account, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        foreach (var (name, value) in labels)
        {
            if (name == GatewayMetrics.ConsumerTag && !account.Name.Equals(value))
                return true;
        }

        return false;
    }

    private static double ReadProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }
}
