using System.Net.WebSockets;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Text that is not valid UTF-8 occurs in production. It must affect only the frame that contains it.</summary>
public sealed class InvalidTextTests
{
    private const string Good = "0|H0UNPGM0|001|005930^092237^1^2^3^4^2^2^5^6^1";

    // EUC-KR, an overlong slash, a surrogate, and a character cut off at the end of the message.
    public static TheoryData<byte[]> Invalid => new(new byte[] { 0xC4, 0xDA, 0xBD, 0xBA }, [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xEA, 0xB0]);

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task The_frame_is_malformed_only_for_its_feed_and_later_frames_arrive(byte[] invalid)
    {
        byte[] malformedFrame = [.. "0|H0UNPGM0|001|005930^092237^한^2^3^4^2^2^5^6^"u8, .. invalid];
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            await ScriptedServer.SendAsync(socket, Good);
            await SendAsync(socket, malformedFrame);
            await ScriptedServer.SendAsync(socket, Good);
            await ScriptedServer.SendAsync(socket, Good.Replace("UN", "NX", StringComparison.Ordinal));
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var other = await client.SubscribeAsync(ProgramTrade.Nxt, "005930");

        var items = await TakeAsync(program.ReadItemsAsync(), 3);
        items.Select(i => i.IsRecord).ShouldBe([true, false, true]);
        var malformed = items[1].Event.ShouldBeOfType<MalformedFrame>();
        malformed.Error.ShouldBe(new FrameError(FrameErrorKind.InvalidUtf8, malformedFrame.Length - invalid.Length));
        malformed.Raw.ToArray().ShouldBe(malformedFrame);
        (await TakeAsync(other.ReadItemsAsync(), 1)).Single().IsRecord.ShouldBeTrue();
        client.Completion.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE }, FrameErrorKind.UnknownFlag)]
    [InlineData(new byte[] { (byte)'0', (byte)'|', 0xC4, 0xDA, (byte)'|', (byte)'1', (byte)'|' }, FrameErrorKind.InvalidTrId)]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC4, 0xDA, (byte)'"', (byte)'}' }, FrameErrorKind.InvalidControlMessage)]
    public async Task A_message_without_a_feed_is_malformed_for_all_subscriptions(byte[] malformedFrame, FrameErrorKind kind)
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(2, async socket =>
        {
            await SendAsync(socket, malformedFrame);
            await ScriptedServer.SendAsync(socket, Good);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");

        var items = await TakeAsync(program.ReadItemsAsync(), 2);
        var malformed = items[0].Event.ShouldBeOfType<MalformedFrame>();
        malformed.Error.Kind.ShouldBe(kind);
        malformed.Raw.ToArray().ShouldBe(malformedFrame);
        items[1].IsRecord.ShouldBeTrue();
        (await TakeAsync(index.ReadItemsAsync(), 1)).Single().Event.ShouldBeOfType<MalformedFrame>();
    }

    [Fact]
    public async Task Fragments_are_reassembled()
    {
        var text = Encoding.UTF8.GetBytes("0|H0UNPGM0|001|005930^092237^1^2^3^4^2^2^5^6^1^한국투자증권");
        byte[] malformedFrame = [.. text[..^1], (byte)'x'];
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            foreach (var message in new[] { text, malformedFrame, text })
            {
                // Every character is split into two parts.
                foreach (var part in message.Chunk(2).SkipLast(1))
                    await socket.SendAsync(part.AsMemory(), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
                await SendAsync(socket, message.Chunk(2).Last());
            }
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var frames = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        await using var items = frames.ReadAllAsync().GetAsyncEnumerator();
        (await NextAsync()).Frame.Bytes.ToArray().ShouldBe(text);
        (await NextAsync()).Event.ShouldBeOfType<MalformedFrame>().Error.Position.ShouldBe(text.Length - 3);
        (await NextAsync()).Frame.Bytes.ToArray().ShouldBe(text);

        async Task<FrameItem> NextAsync()
        {
            (await items.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
            return items.Current;
        }
    }

    [Fact]
    public async Task A_binary_message_is_read_as_text()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
            await socket.SendAsync(
                Encoding.UTF8.GetBytes(Good).AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None));
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        (await TakeAsync(program.ReadItemsAsync(), 1)).Single().IsRecord.ShouldBeTrue();
    }

    [Fact]
    public async Task The_close_reason_of_the_server_is_reported()
    {
        await using var server = await ScriptedServer.StartAcknowledgingAsync(1, async socket =>
        {
            await SendAsync(socket, [(byte)'0', 0xFF]);
            await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "장 마감", CancellationToken.None);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options);
        await using var program = await client.SubscribeAsync(ProgramTrade.Consolidated, "005930");
        var items = program.ReadItemsAsync().GetAsyncEnumerator();
        (await items.MoveNextAsync().AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
        items.Current.Event.ShouldBeOfType<MalformedFrame>();
        (await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit))).Message.ShouldContain("장 마감");
        await items.DisposeAsync();
    }

    private static ValueTask SendAsync(WebSocket socket, byte[] message) =>
        socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
