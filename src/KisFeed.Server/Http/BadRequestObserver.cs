using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KisFeed.Server.Http;

/// <summary>Observes the requests that Kestrel rejects before any endpoint sees them.</summary>
internal sealed class BadRequestObserver(Action<int> onBadRequest) : IObserver<KeyValuePair<string, object?>>
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public IDisposable Observe(DiagnosticListener listener) => listener.Subscribe(this, static name => name == Event);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != Event || value.Value is not IFeatureCollection features || features.Get<ClientMistakes>() is not null)
            return;
        if (features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error)
            onBadRequest(error.StatusCode);
    }

    public void OnCompleted()
    {
        // The server has ended.
    }

    public void OnError(Exception error)
    {
        // Kestrel's events do not fail.
    }
}

/// <summary>Observes the connections that Kestrel aborts because a response was not read. Kestrel reports them in its metrics only.</summary>
internal static class SlowResponseObserver
{
    private const string Instrument = "kestrel.connection.duration";
    private const string ErrorTag = "error.type";
    private const string Error = "min_response_data_rate";

    /// <summary>Listens until the result is disposed.</summary>
    public static IDisposable Observe(IMeterFactory meters, Action onUnread)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == Instrument && ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == ErrorTag && tag.Value is Error)
                    onUnread();
            }
        });
        listener.Start();
        return listener;
    }
}
