using System.Diagnostics;
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
