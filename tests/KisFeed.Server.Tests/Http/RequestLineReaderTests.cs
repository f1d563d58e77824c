using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

/// <summary>Non-ASCII bytes are encoded in request lines only, however the bytes are split.</summary>
public sealed class RequestLineReaderTests
{
    private const string Sent =
        "\r\nGET /v1/status HTTP/1.1\r\nHost: a\r\nX-Name: 삼성\r\n\r\n"
        + "GET /v1/instruments?q=삼성 HTTP/1.1\r\nHost: 가\r\nAccept: */*\r\n\r\n"
        + "GET /v1/last/index/지수 HTTP/1.1\nHost: a\n\n"
        + "POST /oauth2/Approval?가=1 HTTP/1.1\r\ncontent-LENGTH: 27\r\n\r\n"
        + "GET /가 HTTP/1.1\r\n\r\nGET /나 HTTP/1.1\r\n\r\n";

    private const string Expected =
        "\r\nGET /v1/status HTTP/1.1\r\nHost: a\r\nX-Name: 삼성\r\n\r\n"
        + "GET /v1/instruments?q=%EC%82%BC%EC%84%B1 HTTP/1.1\r\nHost: 가\r\nAccept: */*\r\n\r\n"
        + "GET /v1/last/index/%EC%A7%80%EC%88%98 HTTP/1.1\nHost: a\n\n"
        + "POST /oauth2/Approval?%EA%B0%80=1 HTTP/1.1\r\ncontent-LENGTH: 27\r\n\r\n"
        + "GET /가 HTTP/1.1\r\n\r\nGET /나 HTTP/1.1\r\n\r\n";

    [Fact]
    public async Task Wherever_the_bytes_are_split()
    {
        var sent = Encoding.UTF8.GetBytes(Sent);
        for (var split = 0; split <= sent.Length; split++)
            (await ReadAsync([sent[..split], sent[split..]], consumed: 7)).ShouldBe(Expected, $"split at {split}");
        (await ReadAsync([.. sent.Select(b => new[] { b })], consumed: 1)).ShouldBe(Expected);
        (await ReadAsync([sent], consumed: 1000)).ShouldBe(Expected);
    }

    [Theory]
    [InlineData("Upgrade: websocket")]
    [InlineData("transfer-encoding: chunked")]
    public async Task What_follows_a_request_that_does_not_end_with_its_headers_is_left_alone(string header)
    {
        var head = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{header}\r\n\r\n");
        byte[] rest = [0x81, 0x85, (byte)'\r', (byte)'\n', .. "GET /"u8, 0xEA, 0xB0, 0x80];

        var read = await ReadBytesAsync([head, rest, rest], consumed: 3);

        read.ShouldBe([.. head, .. rest, .. rest]);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_is_told_before_and_after_something_was_encoded()
    {
        var connection = new Pipe();
        var reader = new RequestLineReader(connection.Reader);
        reader.CancelPendingRead();
        var cancelled = await reader.ReadAsync();
        cancelled.IsCanceled.ShouldBeTrue();
        reader.AdvanceTo(cancelled.Buffer.Start, cancelled.Buffer.End);

        await connection.Writer.WriteAsync("GET /가"u8.ToArray());
        var read = await reader.ReadAsync();
        Encoding.UTF8.GetString(read.Buffer).ShouldBe("GET /%EA%B0%80");
        reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        reader.TryRead(out _).ShouldBeFalse();
        var waiting = reader.ReadAsync();
        reader.CancelPendingRead();
        read = await waiting;

        read.IsCanceled.ShouldBeTrue();
        Encoding.UTF8.GetString(read.Buffer).ShouldBe("GET /%EA%B0%80");
        reader.AdvanceTo(read.Buffer.End);
        await connection.Writer.CompleteAsync(new IOException("lost"));
        await Should.ThrowAsync<IOException>(async () => await reader.ReadAsync());
        await reader.CompleteAsync();
    }

    [Fact]
    public async Task ASCII_is_not_copied()
    {
        var connection = new Pipe();
        var reader = new RequestLineReader(connection.Reader);
        var memory = connection.Writer.GetMemory(100);
        "GET / HTTP/1.1\r\n\r\n"u8.CopyTo(memory.Span);
        connection.Writer.Advance(18);
        await connection.Writer.FlushAsync();

        var read = await reader.ReadAsync();

        read.Buffer.First.Span.Overlaps(memory.Span).ShouldBeTrue();
        reader.AdvanceTo(read.Buffer.End);
    }

    private static async Task<string> ReadAsync(byte[][] pieces, int consumed) => Encoding.UTF8.GetString(await ReadBytesAsync(pieces, consumed));

    // Each piece is examined before the next arrives. Like a parser, each read consumes only a part of the examined bytes.
    private static async Task<byte[]> ReadBytesAsync(byte[][] pieces, int consumed)
    {
        var connection = new Pipe();
        var reader = new RequestLineReader(connection.Reader);
        var read = new List<byte>();
        foreach (var piece in pieces.Where(piece => piece.Length > 0))
        {
            await connection.Writer.WriteAsync(piece);
            while (reader.TryRead(out var result))
                Take(result);
        }

        await connection.Writer.CompleteAsync();
        while (true)
        {
            var result = await reader.ReadAsync();
            if (result is { IsCompleted: true, Buffer.IsEmpty: true })
                break;
            Take(result);
        }

        await reader.CompleteAsync();
        return [.. read];

        void Take(ReadResult result)
        {
            var taken = result.Buffer.Slice(0, Math.Min(consumed, result.Buffer.Length));
            read.AddRange(taken.ToArray());
            reader.AdvanceTo(taken.End, result.IsCompleted ? taken.End : result.Buffer.End);
        }
    }
}
