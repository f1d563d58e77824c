using KisFeed.Server.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace KisFeed.Server.Http;

/// <summary>
/// Answers requests that cannot be read with the status of the mistake and a sentence, and logs invalid requests in one line each, limited
/// in number. The lines contain no text of clients: a path or a parameter may have a key in it.
/// </summary>
internal sealed class ClientMistakes(ILogger logger, Action<int>? onUnreadable)
{
    private readonly LogSampler _lines = new(TimeProvider.System);

    /// <summary>Runs before all endpoints.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (IOException e) when (!context.Response.HasStarted && StatusOf(e) is not null)
        {
            context.Features.Set(this); // The server may report the request as well, when it skips the rest of the body.
            onUnreadable?.Invoke(StatusOf(e)!.Value);
            await RefusalOf(StatusOf(e)!.Value).WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            return; // The client has left.
        }

        if (IsMistake(context.Response.StatusCode))
        {
            Log(
                context.Response.StatusCode,
                (context.Features.Get<IEndpointFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText
                    ?? "a path without an endpoint");
        }
    }

    /// <summary>Logs a request that was rejected before an endpoint was chosen.</summary>
    public void OnBadRequest(int status)
    {
        onUnreadable?.Invoke(status);
        Log(status, "the server");
    }

    // Missing rights, unknown keys and too many requests are not mistakes of the program that sends them. They are
    // counted, and logged where it matters.
    private static bool IsMistake(int status) => status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError
        and not (StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound
            or StatusCodes.Status429TooManyRequests);

    // Kestrel reports the size of a chunk that exceeds 32 bits in its own way.
    private static int? StatusOf(IOException e) => e switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        { InnerException: OverflowException } => StatusCodes.Status400BadRequest,
        _ => null,
    };

    private static RequestRefusal RefusalOf(int status) => new(status, status switch
    {
        StatusCodes.Status413PayloadTooLarge => "the request body is too long",
        StatusCodes.Status408RequestTimeout => "the request body did not arrive in time",
        _ => "the request body cannot be read: check Content-Length, or the sizes of its chunks",
    });

    private void Log(int status, string endpoint)
    {
        if (_lines.TrySample(out var skipped))
            ServerLog.InvalidRequest(logger, endpoint, status, skipped);
    }
}
