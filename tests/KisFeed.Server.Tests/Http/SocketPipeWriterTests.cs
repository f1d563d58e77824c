using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Http;

public sealed class SocketPipeWriterTests
{
    [Fact]
    public async Task A_reader_gets_every_byte_in_order_whatever_the_sizes_of_writes()
    {
        var random = new Random(TestRun.Seed);
        await using var pair = await ConnectionPair.OpenAsync();
        var sent = new byte[4 << 20];
        random.NextBytes(sent);
        var reading = pair.ReadAsync(sent.Length);

        for (var start = 0; start < sent.Length;)
        {
            var length = Math.Min(random.Next(random.Next(2) == 0 ? 200 : 100_000), sent.Length - start);
            var output = pair.Connection.Transport.Output;
            for (var written = 0; written < length;)
            {
                var part = Math.Min(length - written, random.Next(1, 50_000));
                var memory = output.GetMemory(random.Next(2) == 0 ? 0 : part);
                part = Math.Min(part, memory.Length);
                sent.AsMemory(start + written, part).CopyTo(memory);
                output.Advance(part);
                written += part;
            }

            output.UnflushedBytes.ShouldBe(length);
            (await output.FlushAsync()).IsCompleted.ShouldBeFalse();
            output.UnflushedBytes.ShouldBe(0);
            start += length;
        }

        (await reading.WaitAsync(Patience.Limit)).AsSpan().SequenceEqual(sent).ShouldBeTrue($"seed {TestRun.Seed}");
    }

    [Fact]
    public async Task Completing_sends_the_rest_and_ends_the_connection()
    {
        await using var pair = await ConnectionPair.OpenAsync();
        pair.Connection.Transport.Output.Write("rest"u8);
        await pair.Connection.Transport.Output.CompleteAsync();

        (await pair.ReadAsync(4).WaitAsync(Patience.Limit)).ShouldBe("rest"u8.ToArray());
        (await pair.Client.ReceiveAsync(new byte[1]).WaitAsync(Patience.Limit)).ShouldBe(0);
        (await pair.Connection.Transport.Output.FlushAsync()).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_flush_waits_for_a_client_that_does_not_read_and_ends_with_the_connection()
    {
        await using var pair = await ConnectionPair.OpenAsync();
        var output = pair.Connection.Transport.Output;
        var flushing = FillAsync(output);
        await output.CompleteAsync(new ConnectionAbortedException()); // While the socket still reads the buffer.
        pair.Connection.Abort();

        (await flushing.WaitAsync(Patience.Limit)).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_canceled_flush_ends_the_connection_instead_of_continuing_with_other_bytes()
    {
        await using var pair = await ConnectionPair.OpenAsync();
        using var canceling = new CancellationTokenSource();
        var flushing = FillAsync(pair.Connection.Transport.Output, canceling.Token);
        await canceling.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(flushing.WaitAsync(Patience.Limit));
        pair.Connection.Transport.Output.Write("more"u8);
        (await pair.Connection.Transport.Output.FlushAsync()).IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_that_has_left_completes_the_output_without_an_exception()
    {
        await using var pair = await ConnectionPair.OpenAsync();
        pair.Client.Close(0); // With a reset.

        await Patience.UntilAsync(async () =>
        {
            pair.Connection.Transport.Output.Write("x"u8);
            return (await pair.Connection.Transport.Output.FlushAsync()).IsCompleted;
        });
    }

    // Flushes until a flush has to wait, and returns that one.
    private static async Task<FlushResult> FillAsync(PipeWriter output, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[64 * 1024];
        while (true)
        {
            output.Write(bytes);
            var flush = await output.FlushAsync(cancellationToken);
            if (flush.IsCompleted)
                return flush;
        }
    }

    private sealed class ConnectionPair(IConnectionListener listener, ConnectionContext connection, Socket client) : IAsyncDisposable
    {
        public ConnectionContext Connection => connection;

        public Socket Client => client;

        public static async Task<ConnectionPair> OpenAsync()
        {
            var listener = await new LimitedConnectionListenerFactory(null, 2, null, NullLogger.Instance)
                .BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.EndPoint);
            return new ConnectionPair(listener, (await listener.AcceptAsync()).ShouldNotBeNull(), client);
        }

        public async Task<byte[]> ReadAsync(int length)
        {
            var bytes = new byte[length];
            for (var read = 0; read < length;)
            {
                var count = await client.ReceiveAsync(bytes.AsMemory(read));
                if (count == 0)
                    return bytes[..read];
                read += count;
            }

            return bytes;
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            await connection.DisposeAsync();
            await listener.DisposeAsync();
        }
    }
}
