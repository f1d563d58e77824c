using System.IO.Pipelines;
using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

public sealed class FrameGuardTests : IDisposable
{
    private static readonly byte[] s_emptyContinuation = RawClient.Frame(0x0, [], isFinal: false);

    private readonly ManualTimeProvider _time = new();
    private readonly Pipe _pipe = new();
    private readonly Stream _connection;
    private readonly List<string> _exceeded = [];
    private readonly FrameGuard _guard;
    private readonly byte[] _buffer = new byte[4096];
    private bool _isClosing;

    public FrameGuardTests()
    {
        _connection = _pipe.Reader.AsStream();
        _guard = new FrameGuard(
            new FrameLimits { PerSecond = 10, Burst = 20, MaxFragments = 30, MessageTimeout = TimeSpan.FromSeconds(5) },
            _time,
            () => _isClosing,
            _exceeded.Add);
    }

    public void Dispose()
    {
        _guard.Dispose();
        _connection.Dispose();
    }

    [Theory]
    [InlineData(RawClient.Ping, "too many pings or pongs: the limit is 10 per second, with bursts of 20")]
    [InlineData(RawClient.Pong, "too many pings or pongs: the limit is 10 per second, with bursts of 20")]
    [InlineData(0x0, "too many fragments: the limit is 10 per second, with bursts of 20")]
    public async Task Frames_without_messages_are_limited_and_reading_stops_at_the_limit(byte opcode, string reason)
    {
        var frame = RawClient.Frame(opcode, []);
        for (var i = 0; i < 20; i++)
            await ReadAsync(frame);
        _exceeded.ShouldBeEmpty();

        await ShouldEndAsync(frame);

        _exceeded.ShouldBe([reason]);
        await Should.ThrowAsync<IOException>(async () => await _guard.ReadAsync(_connection, _buffer, default));
    }

    [Fact]
    public async Task The_limit_recovers_while_a_client_sends_nothing()
    {
        for (var round = 0; round < 50; round++)
        {
            for (var i = 0; i < 20; i++)
                await ReadAsync(RawClient.Frame(RawClient.Pong, "x"u8.ToArray()));
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        _exceeded.ShouldBeEmpty();
    }

    [Fact]
    public async Task Complete_messages_are_not_limited()
    {
        for (var i = 0; i < 1_000; i++)
            await ReadAsync(RawClient.Frame(RawClient.Text, "message"u8.ToArray()));
        _exceeded.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_fragments_of_a_message_are_limited()
    {
        await ReadAsync(RawClient.Frame(RawClient.Text, [], isFinal: false));
        for (var i = 0; i < 29; i++)
        {
            await ReadAsync(s_emptyContinuation);
            _time.Advance(TimeSpan.FromSeconds(1)); // No read is pending during this time.
        }

        await ShouldEndAsync(s_emptyContinuation);

        _exceeded.ShouldBe(["a message has more than 30 fragments"]);
    }

    [Theory]
    [InlineData(1)] // In the header.
    [InlineData(7)] // In the payload.
    public async Task An_incomplete_frame_times_out(int sent)
    {
        var frame = RawClient.Frame(RawClient.Text, "message"u8.ToArray());
        await ReadAsync(frame[..sent]);
        for (var i = 0; i < 4; i++)
        {
            var reading = _guard.ReadAsync(_connection, _buffer, default).AsTask();
            _time.Advance(TimeSpan.FromSeconds(1));
            await _pipe.Writer.WriteAsync(frame.AsMemory(sent + i, 1));
            await reading;
        }

        _exceeded.ShouldBeEmpty();
        _ = _guard.ReadAsync(_connection, _buffer, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        _exceeded.ShouldBe(["a message was not complete within 5 seconds"]);
    }

    [Fact]
    public async Task An_incomplete_message_times_out_despite_other_frames()
    {
        await ReadAsync(RawClient.Frame(RawClient.Text, "start"u8.ToArray(), isFinal: false));
        for (var i = 0; i < 4; i++)
        {
            var reading = _guard.ReadAsync(_connection, _buffer, default).AsTask();
            _time.Advance(TimeSpan.FromSeconds(1));
            await _pipe.Writer.WriteAsync(RawClient.Frame(RawClient.Ping, []));
            await reading;
        }

        _ = _guard.ReadAsync(_connection, _buffer, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(1));
        _exceeded.ShouldBe(["a message was not complete within 5 seconds"]);
    }

    [Fact]
    public async Task There_is_no_timeout_between_messages()
    {
        await ReadAsync(RawClient.Frame(RawClient.Text, "one"u8.ToArray(), isFinal: false));
        await ReadAsync(RawClient.Frame(0x0, "message"u8.ToArray()));
        var reading = _guard.ReadAsync(_connection, _buffer, default).AsTask();
        _time.Advance(TimeSpan.FromHours(1));
        await _pipe.Writer.WriteAsync(RawClient.Frame(RawClient.Text, "another"u8.ToArray()));
        await reading;
        _exceeded.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_is_bounded_after_the_close()
    {
        _isClosing = true;
        var message = RawClient.Frame(RawClient.Binary, new byte[4000]);
        for (var i = 0; i < 16; i++)
            await ReadAsync(message);

        await ShouldEndAsync(message);

        _exceeded.ShouldBeEmpty("it is already closed");
    }

    private async Task ShouldEndAsync(byte[] bytes) => await Should.ThrowAsync<IOException>(() => ReadAsync(bytes));

    private async Task ReadAsync(byte[] bytes)
    {
        await _pipe.Writer.WriteAsync(bytes);
        (await _guard.ReadAsync(_connection, _buffer, default)).ShouldBe(bytes.Length);
    }
}
