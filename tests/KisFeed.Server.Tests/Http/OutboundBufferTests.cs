using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Server.Http;
using KisFeed.Server.Protocol;

namespace KisFeed.Server.Tests.Http;

public sealed class OutboundBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(300000)]
    public async Task A_message_of_any_length_is_framed_as_clients_expect(int length)
    {
        var text = new string('가', length / 3) + new string('x', length % 3);
        var outbound = new OutboundBuffer(limit: 1000);
        outbound.AppendText(Encoding.UTF8.GetBytes(text));
        outbound.Seal(ServerFrame.Close(WebSocketCloseStatus.EndpointUnavailable, "끝"));
        using var wire = new MemoryStream();
        await outbound.PumpAsync(wire);
        wire.Position = 0;

        using var client = WebSocket.CreateFromStream(wire, new WebSocketCreationOptions { IsServer = false });
        var buffer = new byte[length + 1];
        var received = 0;
        while (true)
        {
            var part = await client.ReceiveAsync(buffer.AsMemory(received), CancellationToken.None);
            part.MessageType.ShouldBe(WebSocketMessageType.Text);
            received += part.Count;
            if (part.EndOfMessage)
                break;
        }

        Encoding.UTF8.GetString(buffer, 0, received).ShouldBe(text);
        (await client.ReceiveAsync(buffer, CancellationToken.None)).MessageType.ShouldBe(WebSocketMessageType.Close);
        client.CloseStatus.ShouldBe(WebSocketCloseStatus.EndpointUnavailable);
        client.CloseStatusDescription.ShouldBe("끝");
    }

    [Fact]
    public async Task What_gathers_while_a_write_is_under_way_goes_out_in_one_write()
    {
        var outbound = new OutboundBuffer(limit: 1000);
        using var stream = new GatedStream();
        outbound.AppendFrame("first"u8);
        var pump = outbound.PumpAsync(stream);
        await stream.WriteBegunAsync();
        for (var i = 0; i < 10; i++)
            outbound.AppendFrame("next "u8);
        outbound.Seal("last"u8);
        outbound.AppendFrame("too late"u8);
        stream.Open();
        await pump.WaitAsync(Patience.Limit);
        stream.Writes.ShouldBe(["first", string.Concat(Enumerable.Repeat("next ", 10)) + "last"]);
    }

    [Fact]
    public async Task Shared_messages_and_its_own_go_out_in_their_order_whatever_their_lengths()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        var outbound = new OutboundBuffer(limit: int.MaxValue);
        using var expected = new MemoryStream();
        using var wire = new MemoryStream();
        var pump = outbound.PumpAsync(wire);
        for (var i = 0; i < 2_000; i++)
        {
            var text = new byte[random.Next(10) == 0 ? random.Next(70_000) : random.Next(600)];
            random.NextBytes(text);
            var shared = Shared(text, before: random.Next(4) * text.Length);
            expected.Write(shared.Bytes.Span);
            (random.Next(2) == 0 ? outbound.AppendFrames(shared) : outbound.AppendText(text)).ShouldBeTrue();
            if (random.Next(100) == 0)
                await Task.Yield();
        }

        outbound.Seal();
        outbound.AppendFrames(Shared("late"u8)).ShouldBeFalse();
        await pump.WaitAsync(Patience.Limit);
        wire.ToArray().AsSpan().SequenceEqual(expected.ToArray()).ShouldBeTrue($"seed {seed}");
    }

    [Fact]
    public async Task Shared_messages_count_for_the_limit_of_each_who_waits_for_them()
    {
        var message = Shared(new byte[1_000]);
        var slow = new OutboundBuffer(limit: 3_000);
        slow.AppendFrames(message);
        slow.AppendFrames(message);
        slow.IsFull.ShouldBeFalse();
        slow.AppendFrames(message);
        slow.IsFull.ShouldBeTrue();

        slow.Drop();
        slow.IsFull.ShouldBeFalse();
        using var wire = new MemoryStream();
        await slow.PumpAsync(wire);
        wire.Length.ShouldBe(0);
    }

    [Fact]
    public async Task It_is_full_at_its_limit_and_has_room_when_the_pump_has_taken_what_waited()
    {
        var outbound = new OutboundBuffer(limit: 10);
        using var stream = new GatedStream();
        outbound.AppendFrame("x"u8);
        var pump = outbound.PumpAsync(stream);
        await stream.WriteBegunAsync();

        outbound.AppendFrame("123456789"u8);
        outbound.IsFull.ShouldBeFalse();
        outbound.WaitForRoomAsync().IsCompleted.ShouldBeTrue();
        outbound.AppendFrame("0"u8);
        outbound.IsFull.ShouldBeTrue();
        var room = outbound.WaitForRoomAsync();
        room.IsCompleted.ShouldBeFalse();
        stream.Open();
        await room.WaitAsync(Patience.Limit);
        outbound.IsFull.ShouldBeFalse();
        outbound.Seal();
        await pump.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task What_waits_is_counted_until_it_has_gone_out()
    {
        var outbound = new OutboundBuffer(limit: 1000);
        using var stream = new GatedStream();
        outbound.AppendFrame("first"u8);
        outbound.Waiting.ShouldBe(5);
        var pump = outbound.PumpAsync(stream);
        await stream.WriteBegunAsync();
        outbound.Waiting.ShouldBe(5, "the system has not accepted it");
        outbound.AppendFrame("second"u8);
        outbound.Waiting.ShouldBe(11);

        stream.Open();
        outbound.Seal();
        await pump.WaitAsync(Patience.Limit);

        outbound.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Once_dropped_it_writes_nothing_and_lets_everybody_go()
    {
        var outbound = new OutboundBuffer(limit: 1);
        using var stream = new GatedStream();
        outbound.AppendFrame("first"u8);
        var pump = outbound.PumpAsync(stream);
        await stream.WriteBegunAsync();
        outbound.AppendFrame("second"u8);
        var room = outbound.WaitForRoomAsync();

        outbound.Drop();
        await room.WaitAsync(Patience.Limit);
        outbound.AppendFrame("third"u8);
        stream.Open();
        await pump.WaitAsync(Patience.Limit);

        stream.Writes.ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_write_that_fails_ends_the_pump_and_lets_everybody_go()
    {
        var outbound = new OutboundBuffer(limit: 1);
        using var stream = new GatedStream { Failure = new IOException("gone") };
        outbound.AppendFrame("first"u8);
        var pump = outbound.PumpAsync(stream);
        await stream.WriteBegunAsync();
        outbound.AppendFrame("second"u8);
        var room = outbound.WaitForRoomAsync();
        stream.Open();
        await Should.ThrowAsync<IOException>(() => pump.WaitAsync(Patience.Limit));
        await room.WaitAsync(Patience.Limit);
    }

    [Fact]
    public void Of_a_small_part_of_what_many_get_a_copy_waits_and_not_all_of_it()
    {
        var much = Shared(new byte[1_000], before: 2_900);
        var little = Shared(new byte[1_000], before: 3_100);
        (much.IsLargeShare, little.IsLargeShare).ShouldBe((true, false));

        var pile = new OutboundBatch();
        pile.Add(much);
        pile.Add(little);
        ReferenceEquals(ArrayOf(pile[0]), much.All).ShouldBeTrue();
        ReferenceEquals(ArrayOf(pile[1]), little.All).ShouldBeFalse();
        pile[1].Span.SequenceEqual(little.Bytes.Span).ShouldBeTrue();

        static byte[]? ArrayOf(ReadOnlyMemory<byte> part) => MemoryMarshal.TryGetArray(part, out var array) ? array.Array : null;
    }

    private static SharedFrames Shared(ReadOnlySpan<byte> text, int before = 0)
    {
        var broadcast = new BroadcastBuffer();
        if (before > 0)
            broadcast.Add(new byte[before]);
        var start = broadcast.Length;
        broadcast.Add(text);
        var length = broadcast.Length - start;
        return new SharedFrames(broadcast.Drain(), start, length, 1);
    }

    /// <summary>Keeps the written bytes. Writes wait until the stream is opened.</summary>
    private sealed class GatedStream : MemoryStream
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Writes { get; } = [];

        public Exception? Failure { get; init; }

        public Task WriteBegunAsync() => _begun.Task.WaitAsync(Patience.Limit);

        public void Open() => _gate.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _begun.TrySetResult();
            await _gate.Task;
            if (Failure is not null)
                throw Failure;
            Writes.Add(Encoding.ASCII.GetString(buffer.Span));
        }
    }
}
