using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KisFeed.Server;

/// <summary>Hears of the requests that Kestrel answers by itself.</summary>
/// <param name="onBadRequest">Told the status of each.</param>
internal sealed class BadRequestObserver(Action<int> onBadRequest) : IObserver<KeyValuePair<string, object?>>
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public IDisposable Observe(DiagnosticListener listener) => listener.Subscribe(this, static name => name == Event);

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == Event && (value.Value as IFeatureCollection)?.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error)
            onBadRequest(error.StatusCode);
    }

    public void OnCompleted()
    {
        // The server has ended.
    }

    public void OnError(Exception error)
    {
        // There is nobody to tell.
    }
}
