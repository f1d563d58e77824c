using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KisFeed.Server;

/// <summary>
/// The server's side of the opening handshake (RFC 6455, section 4.2), done here rather than by the framework, which would hide the client's
/// pong frames. Extensions and subprotocols are declined.
/// </summary>
internal static class WebSocketHandshake
{
    private const int NonceLength = 16;

    /// <summary>
    /// Upgrades the connection. Where the request is no handshake, the response says why and the result is <see langword="null"/>.
    /// </summary>
    public static async Task<Stream?> TryUpgradeAsync(HttpContext context)
    {
        var request = context.Request.Headers;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade
            || !request.Upgrade.Any(value => value is not null && value.Contains("websocket", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return null;
        }

        if (request.SecWebSocketVersion != "13")
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.SecWebSocketVersion = "13";
            return null;
        }

        var key = request.SecWebSocketKey.ToString();
        if (!Base64.IsValid(key, out var length) || length != NonceLength)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return null;
        }

        ResponseRate.Free(context);
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = AcceptanceOf(key);
        return await upgrade.UpgradeAsync().ConfigureAwait(false);
    }

#pragma warning disable CA5350 // The handshake prescribes SHA-1; nothing is kept secret by it.
    private static string AcceptanceOf(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
