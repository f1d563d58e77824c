using System.Security.Cryptography;
using System.Text;

namespace KisFeed.Benchmarks.Serving;

/// <summary>The answer to a WebSocket handshake (RFC 6455, section 4.2.2).</summary>
internal static class BareHandshake
{
    /// <summary>The value of <c>Sec-WebSocket-Accept</c>.</summary>
    // RFC 6455 requires SHA-1; it is not used for security.
#pragma warning disable CA5350
    public static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
}
