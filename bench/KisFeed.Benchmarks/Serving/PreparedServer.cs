using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KisFeed.Benchmarks.Capture;

namespace KisFeed.Benchmarks.Serving;

/// <summary>
/// A minimal service for measuring clients: it acknowledges registrations, and once all keys are registered sends prepared frames directly
/// to the socket from its own thread.
/// </summary>
internal sealed class PreparedServer(ServingMode mode)
{
    private const int PacedRate = 5_000;
    private const int PiecesASecond = 1_000;
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly PreparedFrames _frames = mode == ServingMode.Mix ? PreparedFrames.OfAll : PreparedFrames.OfIndex;
    private readonly byte[][] _pieces = mode == ServingMode.PacedPieces ? MakePieces() : [];

    /// <summary>Listens, prints the port, and serves until the input ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await Console.Out.WriteLineAsync($$"""{"port":{{((IPEndPoint)listener.LocalEndpoint).Port}}}""");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = EndAsync(ending);
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptSocketAsync(ending.Token));
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private static async Task EndAsync(CancellationTokenSource ending)
    {
        await InputEnd.WaitAsync(ending.Token);
        await ending.CancelAsync();
    }

    private async Task ServeAsync(Socket socket)
    {
        using var _ = socket;
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket);
        try
        {
            while (await ReadRequestAsync(stream) is { } request)
            {
                if (!request.Contains("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase))
                {
                    await AnswerAsync(stream);
                    continue;
                }

                await UpgradeAsync(stream, request);
                await SendFramesAsync(socket, stream);
                return;
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or SocketException or ObjectDisposedException)
        {
            // The client has disconnected.
        }
    }

    // Reads a request with its body.
    private static async Task<string?> ReadRequestAsync(NetworkStream stream)
    {
        var buffer = new byte[8192];
        for (var length = 0; ;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length));
            if (count == 0)
                return null;
            length += count;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (body >= 4 && text.Length - body >= LengthOfBody(text))
                return text;
        }
    }

    private static int LengthOfBody(string request)
    {
        const string Header = "Content-Length: ";
        var at = request.IndexOf(Header, StringComparison.OrdinalIgnoreCase);
        return at < 0
            ? 0
            : int.Parse(
                request.AsSpan(at + Header.Length, request.IndexOf('\r', at) - at - Header.Length),
                System.Globalization.CultureInfo.InvariantCulture);
    }

    private static ValueTask AnswerAsync(NetworkStream stream)
    {
        const string Body = """{"approval_key":"11111111-2222-3333-4444-555555555555"}""";
        return stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));
    }

    private static ValueTask UpgradeAsync(NetworkStream stream, string request)
    {
        const string Header = "Sec-WebSocket-Key: ";
        var at = request.IndexOf(Header, StringComparison.OrdinalIgnoreCase) + Header.Length;
        var key = request[at..request.IndexOf('\r', at)];
#pragma warning disable CA5350 // RFC 6455 requires SHA-1; it is not used for security.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
        return stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
    }

    private async Task SendFramesAsync(Socket socket, NetworkStream stream)
    {
        using var reader = WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        var buffer = new byte[4096];
        for (var registered = 0; registered < _frames.Registrations.Count; registered++)
        {
            var received = await reader.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                return;
            using var request = JsonDocument.Parse(buffer.AsMemory(0, received.Count));
            var input = request.RootElement.GetProperty("body").GetProperty("input");
            var answer = """{"header":"""
                + $$$"""{"tr_id":"{{{input.GetProperty("tr_id")}}}","tr_key":"{{{input.GetProperty("tr_key")}}}","encrypt":"N"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS"}}""";
            await reader.SendAsync(
                Encoding.UTF8.GetBytes(answer).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }

        var thread = new Thread(() => Send(socket)) { IsBackground = true, Name = "frames" };
        thread.Start();

        // The next message of the client, or its close, ends the connection.
        await reader.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        socket.Close();
        await Task.Run(thread.Join);
    }

    private void Send(Socket socket)
    {
        try
        {
            switch (mode)
            {
                case ServingMode.Paced:
                    SendPaced(socket);
                    break;
                case ServingMode.PacedPieces:
                    SendPieces(socket);
                    break;
                default:
                    while (true)
                        SendAll(socket, _frames.Piece);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has disconnected.
        }
    }

    private static void SendPaced(Socket socket)
    {
        var frame = PreparedFrames.Stamped();
        var stamp = frame.AsSpan(frame.AsSpan().IndexOf(PreparedFrames.NoStamp), PreparedFrames.StampDigits);
        for (var pacer = new Pacer(PacedRate); ; pacer.Wait())
        {
            Stamp.Write(stamp);
            SendAll(socket, frame);
        }
    }

    private void SendPieces(Socket socket)
    {
        for (var (pacer, next) = (new Pacer(PiecesASecond), 0); ; pacer.Wait(), next = (next + 1) % _pieces.Length)
            SendAll(socket, _pieces[next]);
    }

    private static byte[][] MakePieces()
    {
        const int FramesInPiece = 100;
        return [.. SimulatedFrames.Make(PiecesASecond * FramesInPiece).Select(PreparedFrames.Framed).Chunk(FramesInPiece)
            .Select(c => c.SelectMany(f => f).ToArray())];
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }
}
