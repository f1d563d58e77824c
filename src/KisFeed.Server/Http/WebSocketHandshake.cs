using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KisFeed.Server.Http;

/// <summary>
/// The server side of the opening handshake (RFC 6455, section 4.2). It is implemented here because ASP.NET Core would hide the client's
/// pong frames. Extensions and subprotocols are declined.
/// </summary>
internal static class WebSocketHandshake
{
    private const int NonceLength = 16;

    /// <summary>Whether a request asks for a WebSocket, even if its handshake is not valid.</summary>
    public static bool IsRequested(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && context.Request.Headers.Upgrade.Any(
            value => value is not null && value.Contains("websocket", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Checks a handshake. Returns the status of the error, with response headers that say what is expected, or
    /// <see langword="null"/> if the request can be upgraded.
    /// </summary>
    public static int? Check(HttpContext context)
    {
        var request = context.Request.Headers;
        if (!IsRequested(context))
        {
            context.Response.Headers.Upgrade = "websocket";
            return StatusCodes.Status426UpgradeRequired;
        }

        if (request.SecWebSocketVersion != "13")
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            return StatusCodes.Status426UpgradeRequired;
        }

        return Base64.IsValid(request.SecWebSocketKey.ToString(), out var length) && length == NonceLength
            ? null
            : StatusCodes.Status400BadRequest;
    }

    /// <summary>
    /// Upgrades the connection. If the handshake is not valid, answers with the error and returns <see langword="null"/>.
    /// </summary>
    public static async Task<Stream?> TryUpgradeAsync(HttpContext context)
    {
        if (Check(context) is { } status)
        {
            context.Response.StatusCode = status;
            return null;
        }

        ResponseRate.Free(context);
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = AcceptanceOf(context.Request.Headers.SecWebSocketKey.ToString());
        return await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
    }

#pragma warning disable CA5350 // The handshake prescribes SHA-1; nothing is kept secret by it.
    private static string AcceptanceOf(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}

/// <summary>The minimum rate at which clients must read responses.</summary>
internal static class ResponseRate
{
    /// <summary>Removes the minimum rate for a request: the sender of the data decides how slow a client may be.</summary>
    public static void Free(HttpContext context) => context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
}
