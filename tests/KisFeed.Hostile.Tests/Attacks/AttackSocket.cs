using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace KisFeed.Hostile.Attacks;

/// <summary>A raw connection of an attacker.</summary>
internal sealed class AttackSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[4096];

    private AttackSocket()
    {
    }

    public static async Task<AttackSocket> ConnectAsync(int port, CancellationToken end)
    {
        var socket = new AttackSocket();
        try
        {
            await socket._socket.ConnectAsync(IPAddress.Loopback, port, end);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Requests an approval key; <see langword="null"/> if refused.</summary>
    public static async Task<string?> ApprovalKeyAsync(AttackTarget target, string secret, CancellationToken end)
    {
        using var socket = await ConnectAsync(target.Port, end);
        var body = $$"""{"grant_type":"client_credentials","appkey":"{{target.AppKey}}","secretkey":"{{secret}}"}""";
        await socket.SendAsync(
            $"POST /oauth2/Approval HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}", end);
        var answer = await socket.ReadToEndAsync(end);
        if (!answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
            return null;
        using var json = JsonDocument.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..]);
        return json.RootElement.GetProperty("approval_key").GetString();
    }

    /// <summary>Upgrades the connection to a WebSocket.</summary>
    /// <exception cref="IOException">The gateway refused it.</exception>
    public async Task UpgradeAsync(string path, CancellationToken end)
    {
        await SendAsync(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", end);
        var count = await ReadAsync(end);
        if (!Encoding.ASCII.GetString(_buffer, 0, count).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            throw new IOException("the gateway refused a WebSocket");
    }

    /// <summary>Creates a frame with a zero mask.</summary>
    public static byte[] Frame(byte head, string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        byte[] length = payload.Length < 126
            ? [(byte)(0x80 | payload.Length)]
            : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [head, .. length, 0, 0, 0, 0, .. payload];
    }

    public Task SendAsync(string text, CancellationToken end) => SendAsync(Encoding.ASCII.GetBytes(text), end);

    public async Task SendAsync(byte[] bytes, CancellationToken end)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await _socket.SendAsync(bytes.AsMemory(sent), end);
    }

    /// <summary>Reads available data; 0 at the end.</summary>
    public async Task<int> ReadAsync(CancellationToken end) => await _socket.ReceiveAsync(_buffer, end);

    /// <summary>Reads until the gateway closes the connection.</summary>
    /// <returns>The last received bytes.</returns>
    public async Task<string> ReadToEndAsync(CancellationToken end)
    {
        var last = new StringBuilder();
        try
        {
            while (await ReadAsync(end) is > 0 and var count)
            {
                if (last.Length > _buffer.Length)
                    last.Remove(0, last.Length - _buffer.Length);
                last.Append(Encoding.Latin1.GetString(_buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // Reset after the data read so far.
        }

        return last.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
