using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>A second port for those who watch over a server, so that they reach it however many others want to. It has places of its own, and speaks no TLS.</summary>
/// <param name="EndPoint">Where to listen; port 0 takes a free one.</param>
/// <param name="Paths">The paths that are answered there.</param>
internal sealed record HealthEndpoint(IPEndPoint EndPoint, ImmutableArray<string> Paths)
{
    /// <summary>Connections at once; the oldest makes room for a new one.</summary>
    public const int MaxConnections = 32;

    /// <summary>Marks connections that come by this door.</summary>
    public static ConnectionDelegate Mark(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new Marker());
        return next(connection);
    };

    /// <summary>Answers requests that come by this door for anything else.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<Marker>() is null || Paths.Contains(context.Request.Path.Value ?? "", StringComparer.OrdinalIgnoreCase))
            return next(context);
        return new RequestRefusal(StatusCodes.Status404NotFound, $"on this port there is nothing but {string.Join(", ", Paths)}").WriteAsync(context);
    }

    private sealed class Marker;
}
